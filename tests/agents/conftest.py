"""What the tests of this folder need of the machine: said loudly when it is missing."""
import os
import pathlib
import subprocess

import pytest

import run

# A hook or `git bisect run` points git at its own repository; the tests make others.
for name in subprocess.check_output(["git", "rev-parse", "--local-env-vars"], text=True).split():
    os.environ.pop(name, None)

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BATON = pathlib.Path(os.environ.get("BATON") or ROOT / "build" / "release" / "baton")


def unless(reason):
    """Skips, printing why; where nothing may be skipped (CI=true) it fails."""
    if reason is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def agents():
    """The agents can be run here."""
    unless(run.missing())


@pytest.fixture(scope="session")
def baton():
    """The path of the program."""
    unless(None if BATON.exists() else f"{BATON} is missing: build it, or set BATON")
    return BATON.resolve()


def pytest_terminal_summary(terminalreporter):
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])
               if isinstance(report.longrepr, tuple)}
    for reason in sorted(reasons):
        terminalreporter.write_line(f"NOT TESTED: {reason}", yellow=True, bold=True)
