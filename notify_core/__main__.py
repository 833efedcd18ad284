"""The command line as `python -m notify_core`."""

from notify_core.cli import main

main(prog_name="notify")
