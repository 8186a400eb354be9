import os
import pathlib
import subprocess
import sys

import pytest

# A hook or `git bisect run` points git at its own repository; the tests make others.
for name in subprocess.check_output(["git", "rev-parse", "--local-env-vars"], text=True).split():
    os.environ.pop(name, None)

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.scratch import Scratch  # noqa: E402


@pytest.fixture
def world(tmp_path):
    """A repository with one commit and a store."""
    return Scratch(tmp_path)


@pytest.fixture
def make_world(tmp_path):
    """Makes worlds of other kinds: make_world(store=False), ..."""
    count = [0]

    def make(**kinds):
        count[0] += 1
        base = tmp_path / f"world{count[0]}"
        base.mkdir()
        return Scratch(base, **kinds)

    return make
