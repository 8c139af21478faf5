"""Audit (操作记录): who did what to what, when and why. Rows are added, never changed, never deleted."""
