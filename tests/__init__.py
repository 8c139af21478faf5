"""Tests; packages only so that builders can be imported by name."""
