"""Commands of the orgs room."""
