"""Document text to findings: what was promised or reported, each with the exact words it came from."""
