"""The command line: ``pegel …``. One file per command group; other packages add groups by entry points."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, Final

import click

from pegel import __version__
from pegel.errors import InputError, InternalError, PegelError

#: Commands of this package: name → module and attribute, loaded only when asked for, so that every start is quick.
_COMMANDS: Final = {
    "import": ("pegel.cli.import_command", "import_command"),
    "export": ("pegel.cli.export", "export_command"),
    "streams": ("pegel.cli.streams", "streams"),
    "workflow": ("pegel.cli.workflow", "workflow"),
    "flow": ("pegel.cli.flow", "flow"),
    "lake": ("pegel.cli.lake", "lake"),
    "bottlenecks": ("pegel.cli.bottlenecks", "bottlenecks_command"),
    "network": ("pegel.cli.network", "network"),
    "variants": ("pegel.cli.variants", "variants_command"),
    "quality": ("pegel.cli.quality", "quality"),
    "waits": ("pegel.cli.waits", "waits_command"),
    "forecast": ("pegel.cli.forecast", "forecast_command"),
    "impact": ("pegel.cli.impact", "impact"),
    "demo": ("pegel.cli.demo", "demo"),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted({*_COMMANDS, *(point.name for point in entry_points(group="pegel.commands"))})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name in _COMMANDS:
            module, attribute = _COMMANDS[cmd_name]
            command: click.Command = getattr(import_module(module), attribute)
            return command
        for point in entry_points(group="pegel.commands", name=cmd_name):
            # The application's commands are named by every installation; what they need is an extra.
            if find_spec("django") is None:
                raise click.UsageError(f"'pegel {cmd_name}' belongs to the application: install 'pegel[web]'.")
            loaded: click.Command = point.load()
            return loaded
        return None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="pegel")
def pegel() -> None:
    """Read the flow of real work and see where it stalls.

    \b
    pegel import export.csv --lake my-lake
    pegel flow report --lake my-lake
    pegel flow report --lake my-lake --html report.html --language de

    Exit codes: 0 done · 2 wrong use · 3 unusable input · 4 ambiguous input, say which · 5 not found ·
    6 lake is busy · 70 a defect of Pegel · 130 interrupted.
    """


def main() -> None:
    """Run the command line and end the process with the exit code of the outcome."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit code. Errors are worded on standard error, as JSON with ``--json``."""
    try:
        result: Any = pegel.main(args=arguments, prog_name="pegel", standalone_mode=False)
    except PegelError as error:
        return _failed(error, arguments)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        from pegel.cli.output import show_interrupted  # noqa: PLC0415  (rich is not needed when all goes well)

        show_interrupted(arguments)
        return 130
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        sys.stderr.close()
        return 0
    except OSError as error:
        detail = error.strerror or str(error)
        return _failed(InputError("path_unusable", file=str(error.filename or "?"), detail=detail), arguments)
    except Exception as error:
        if os.environ.get("PEGEL_TRACEBACK"):
            raise
        return _failed(InternalError("unexpected", kind=type(error).__name__, detail=str(error)[:500]), arguments)
    return result if isinstance(result, int) else 0


def _failed(error: PegelError, arguments: list[str]) -> int:
    from pegel.cli.output import show_error  # noqa: PLC0415  (rich is not needed when all goes well)

    show_error(error, as_json="--json" in arguments, arguments=arguments)
    return error.exit_code
