"""Tests of works."""
