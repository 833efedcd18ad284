"""Every option of a configuration has a test that fails when the option is ignored."""
