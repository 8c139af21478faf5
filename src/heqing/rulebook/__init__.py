"""Data only: standards, procedures, schemes, lexicons, messages. `heqing.editions` is its one reader of dated data."""
