"""Tests of decomposition."""
