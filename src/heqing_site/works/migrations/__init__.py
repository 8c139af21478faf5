"""Changes of the tables of works."""
