"""Stored verdicts: how each target stands on each day, with what it rests on."""
