"""Tests of the science of surface water."""
