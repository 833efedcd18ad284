"""How hard to try: the settings of a route, by name."""
