"""Registers (台账): one engine for every list of things that is kept by hand, each kind declared as data."""
