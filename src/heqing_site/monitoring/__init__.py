"""Measurements of air and water on the site (监测): uploads of files, days, months, and the rows behind a value."""
