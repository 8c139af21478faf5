"""Numbers as the field writes and rounds them: exact decimals, calendar periods, Chinese numerals."""
