"""A message's way: accept, route, plan, attempt, settle."""
