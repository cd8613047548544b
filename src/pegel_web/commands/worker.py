"""``pegel worker``."""

from __future__ import annotations

import logging
import os
import signal

import click

from pegel_web.commands.installation import load_apps
from pegel_web.commands.supervised import end_with_supervisor


@click.command()
@click.option("--at-once", default=2, show_default=True, type=click.IntRange(1, 32), help="How many jobs at a time.")
def worker(at_once: int) -> None:
    """Do background work: compute streams, seal the audit, keep retention. Start as many as you like.

    Two workers never do one job twice; a job whose worker dies is begun again by another one after a minute.

    \b
    pegel worker --at-once 4
    """
    load_apps()
    end_with_supervisor()
    from pegel_web.jobs.worker import WorkerProcess  # noqa: PLC0415  (the apps must be loaded first)

    process = WorkerProcess(at_once=at_once)
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: process.ending.set())
    clean = process.run()
    if not clean:
        # A task that did not listen still runs in its thread; its job was given back, so it must not go on.
        logging.shutdown()
        os._exit(0)
