"""The console command: `workbench`, or `python -m workbench`."""

import sys


def main() -> None:
    """Run the command line; a WorkbenchError is one sentence on stderr and exit code 1."""
    from workbench.cli.app import app  # noqa: PLC0415 - keeps importing this module free
    from workbench.errors import WorkbenchError  # noqa: PLC0415

    try:
        app()
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)


if __name__ == "__main__":
    main()
