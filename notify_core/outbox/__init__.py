"""Where messages live."""
