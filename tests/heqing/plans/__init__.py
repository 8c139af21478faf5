"""Tests of verdicts, with their builders."""
