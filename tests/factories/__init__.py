"""Builders of frames and files for tests; all values are invented."""
