"""Workers that are killed at every step, and what became of their messages."""
