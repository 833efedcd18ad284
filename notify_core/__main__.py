"""Where `notify` begins, and `python -m notify_core`: Ctrl-C ends it without a trace."""

import sys

#: What `ExitCode.INTERRUPTED` says, which is not imported yet when it is needed.
_INTERRUPTED = 130


def main() -> None:
    """Run the command line; nothing but this waits for its imports."""
    try:
        # Imported here: Ctrl-C may come before they are done.
        from notify_core.cli import main as notify  # noqa: PLC0415

        notify(prog_name="notify")
    except KeyboardInterrupt:
        sys.stderr.write("notify: interrupted\n")
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
