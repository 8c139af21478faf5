"""Values that people report: owed periods, entries, evidence, checking by another unit, closed periods."""
