"""Tests of registers as data."""
