"""Which providers a message may go to, and in which order."""
