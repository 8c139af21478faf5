"""Places (点位与名录): registers of rivers, stations, sections, outlets and enterprises; it knows no measurements."""
