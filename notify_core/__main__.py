"""Where `notify` begins, as a script and as `python -m notify_core`."""

import sys

#: What `ExitCode.INTERRUPTED` says, which is not imported yet when it is needed.
_INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C ends it without a trace, whenever it comes."""
    try:
        # Imported here: Ctrl-C may come before they are done.
        from notify_core.cli import main as notify  # noqa: PLC0415

        notify(prog_name="notify")
    except KeyboardInterrupt:
        sys.stderr.write("notify: interrupted\n")
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
