"""Orgs (单位与人员): the tree of units, posts and who held them when, accounts, roles and permissions."""
