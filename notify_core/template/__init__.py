"""Templates: parameters checked, texts rendered, bindings filled."""
