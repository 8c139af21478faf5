"""Scorecards: the scored month of towns and departments, each lost point with its cause; never overwritten."""
