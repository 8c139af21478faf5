"""Demo (演示): the invented district 青澜区, made by our own code from invented registers and marked as invented."""
