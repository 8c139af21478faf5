"""Ledger (目标台账): indicators, targets with their terms through time, who owes them, and where their values come from."""
