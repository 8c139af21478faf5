"""The `heqing` command: one module per verb."""
