"""Which providers are left alone for a while, and how they come back."""
