"""Commands of the orgs room, one per module."""
