"""Tests of the trend test that air and water share."""
