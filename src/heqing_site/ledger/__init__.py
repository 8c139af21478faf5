"""Ledger (目标台账): indicators, targets and their terms through time, who owes them, where their values come from."""
