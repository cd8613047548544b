"""Fifty people, one action every five seconds each: ``python benchmarks/load/run.py --minutes 10``.

Starts the application as ``pegel serve`` does, on SQLite and (with ``PEGEL_TEST_POSTGRES_URL``) on PostgreSQL, with the
invented company of the demonstration; lets locust play the people; then compares what was written with what is there.
Prints a row per database: p50, p95, requests, failures, writes said and found, seconds of a cold start; below it a
table with a row per page, so that it is known which ones are in the tail.

``--transitions 10000000``: instead, the same people read value streams only, of a lake with so many transitions in 200
streams; a row per database and page.
"""

from __future__ import annotations

import argparse
import csv
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

_HERE = Path(__file__).parent
#: Addresses may sign in thirty times a minute; people arrive more slowly than that.
_ARRIVALS_PER_SECOND = 0.4
_DATABASE = "pegel_load"
_HEAD_OF_PAGES = "| database | page | p50 | p95 | requests | failures |\n|---|---|---:|---:|---:|---:|"


def main() -> None:
    """Measure on both databases."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--people", type=int, default=50)
    options.add_argument("--lake", type=Path, default=Path("demo"), help="folder that `pegel demo` wrote")
    options.add_argument("--database", choices=["SQLite", "PostgreSQL"], help="only this one")
    options.add_argument("--transitions", type=int, help="of a generated lake whose 200 streams are read")
    options.add_argument("--data", type=Path, default=Path("benchmarks/out"), help="where generated lakes are kept")
    chosen = options.parse_args()
    if chosen.transitions:
        chosen.lake = _generated(chosen)
    if chosen.transitions:
        print(_HEAD_OF_PAGES)
    else:
        print("| database | p50 | p95 | p95 of writes | requests | failures | written | found | cold start |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    pages = []
    for name, url in (("SQLite", None), ("PostgreSQL", os.environ.get("PEGEL_TEST_POSTGRES_URL"))):
        if (name == "SQLite" or url) and chosen.database in (None, name):
            row, by_page = measured(name, url, chosen)
            print(row or by_page, flush=True)
            pages.append(by_page)
    if not chosen.transitions:
        print("", _HEAD_OF_PAGES, *pages, sep="\n")


def measured(name: str, url: str | None, chosen: argparse.Namespace) -> tuple[str, str]:
    """Run the people against one database; return a row of the table (empty for readers only), and one per page."""
    with tempfile.TemporaryDirectory(prefix="pegel-load-") as temporary:
        folder = Path(temporary)
        port = _free_port()
        address = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "PEGEL_DATA_DIR": str(folder / "data"),
            "PEGEL_PUBLIC_URL": address,
            "PEGEL_LOG_LEVEL": "WARNING",
            "PEGEL_TWO_FACTOR": "optional",
            "DJANGO_SETTINGS_MODULE": "pegel_web.config.settings",
        }
        environment.pop("PEGEL_DATABASE_URL", None)
        # As on every installation after its first start: what prepares the data leaves compiled modules behind.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if url:
            environment["PEGEL_DATABASE_URL"] = _new_database(url)
        prepare = [sys.executable, str(_HERE / "prepare.py"), str(chosen.lake), str(folder / "people.json")]
        if chosen.transitions:
            prepare.append("--all-streams")
        subprocess.run(prepare, env=environment, check=True, stdout=subprocess.DEVNULL)
        begun = time.monotonic()
        serve = [sys.executable, "-c", "from pegel.cli import main; main()", "serve", "--port", str(port)]
        with subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL) as server:
            _wait(address)
            cold = time.monotonic() - begun
            _play(chosen, address, folder)
            server.send_signal(signal.SIGTERM)
        if chosen.transitions:
            return "", _rows_of_pages(name, folder)
        look_up = [sys.executable, str(_HERE / "found.py"), str(folder / "written")]
        found = subprocess.run(look_up, env=environment, check=True, capture_output=True, text=True).stdout
        return _row(name, folder, int(found), cold), _rows_of_pages(name, folder)


def _play(chosen: argparse.Namespace, address: str, folder: Path) -> None:
    (folder / "written").touch()
    environment = {
        **os.environ, "LOAD_PEOPLE": str(folder / "people.json"), "LOAD_WRITTEN": str(folder / "written"),
    }  # fmt: skip
    arrival = chosen.people / _ARRIVALS_PER_SECOND
    command = [
        sys.executable, "-m", "locust", "--headless", "--only-summary", "--reset-stats", "-f", str(_HERE / "people.py"),
        "StreamReader" if chosen.transitions else "Person",
        "--host", address, "-u", str(chosen.people), "-r", str(_ARRIVALS_PER_SECOND),
        "-t", f"{round(arrival + chosen.minutes * 60)}s", "--csv", str(folder / "said"),
    ]  # fmt: skip
    # Locust ends with 1 where a request failed; the table says how many did.
    subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _row(name: str, folder: Path, found: int, cold: float) -> str:
    with (folder / "said_stats.csv").open(encoding="utf-8") as file:
        rows = {row["Name"]: row for row in csv.DictReader(file)}
    whole, writes = rows["Aggregated"], rows["question (write)"]
    written = len((folder / "written").read_text(encoding="utf-8").splitlines())
    return (
        f"| {name} | {whole['50%']} ms | {whole['95%']} ms | {writes['95%']} ms | {whole['Request Count']} "
        f"| {whole['Failure Count']} | {written} | {found} | {cold:.1f} s |"
    )


def _rows_of_pages(name: str, folder: Path) -> str:
    with (folder / "said_stats.csv").open(encoding="utf-8") as file:
        # Pages that were asked for only while people arrived are not counted, and have no percentiles.
        rows = [row for row in csv.DictReader(file) if row["Name"] != "Aggregated" and row["Request Count"] != "0"]
    rows.sort(key=lambda row: -int(row["95%"]))
    return "\n".join(
        f"| {name} | {row['Name']} | {row['50%']} ms | {row['95%']} ms | {row['Request Count']} "
        f"| {row['Failure Count']} |"
        for row in rows
    )


def _generated(chosen: argparse.Namespace) -> Path:
    """Return a folder with a generated lake in it, made once."""
    folder = Path(chosen.data) / f"river-{chosen.transitions}"
    if not (folder / "lake" / "lake.json").exists():
        sys.path.insert(0, str(_HERE.parent))
        from data import lake  # noqa: PLC0415  (it loads the library, which a process that only waits does not need)

        made, _ = lake(Path(chosen.data), chosen.transitions)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lake").symlink_to(made.resolve(), target_is_directory=True)
    return folder


def _new_database(url: str) -> str:
    """Make the benchmark's own database on a server; returns its address."""
    import psycopg  # noqa: PLC0415  (only where PostgreSQL is measured)

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {_DATABASE}")
        connection.execute(f"CREATE DATABASE {_DATABASE}")
    return f"{url.rpartition('/')[0]}/{_DATABASE}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            # The first page, not only a sign of life.
            with urllib.request.urlopen(f"{address}/account/login/") as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the application did not start")


if __name__ == "__main__":
    main()
