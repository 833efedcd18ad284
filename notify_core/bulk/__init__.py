"""Many messages from one file: read row by row, recorded batch by batch."""
