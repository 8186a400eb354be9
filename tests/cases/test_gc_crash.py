"""A gc that dies, or meets a full disk, at any call by which it changes something: nothing is lost, and
the next one does the rest.

As for hooks (test_record_crash.py): one run under strace gives the list of calls; then, in a fresh copy
of the same world, each is met by SIGKILL, and in another by ENOSPC."""
import re
import shutil
import time

import pytest

from support import faults, stranger
from support.answers import contents
from support.leftovers import leave_behind
from support.scratch import Scratch, git

SESSION = "11111111-2222-4333-8444-555555555555"


def template(base):
    """Contents left behind, and others that only an old tree of git's holds that nothing keeps."""
    world = Scratch(base)
    world.write("src/a.txt", "".join(f"line {i}\n" for i in range(100)))
    world.write("only-in-git.txt", "of the first commit\n" * 20)
    world.commit("Files")
    session = world.claude(SESSION).start().prompt("first")
    session.edit("src/a.txt", "line 7\n", "line seven\n")
    session.bash("seq 1 2000; echo more > only-in-git.txt; seq 1 300 > new.txt")
    session.stop()
    time.sleep(faults.SETTLED)
    leave_behind(world)
    for manifest in world.store.glob("worktrees/*/manifest"):
        manifest.unlink()
    git(world.repo, "checkout", "-q", "--orphan", "anew")
    world.commit("Anew")
    git(world.repo, "branch", "-qD", "main")
    world.baton("diff", check=True)
    return world


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return template(tmp_path_factory.mktemp("gc") / "world")


def lost(world, before):
    """What of these contents is not there any more."""
    now = contents(world)
    return {address for address in before if now[address] != before[address]}


def judge(world, before, where):
    found = world.json("fsck")
    assert found["sound"], (where, found["findings"])
    assert not lost(world, before), where
    world.baton("gc", check=True)
    kept = world.json("du")["contents"]
    assert kept["left_behind"]["bytes"] == kept["no_record"] == 0, where
    names = {file.name for file in (world.store / "objects").iterdir()}
    assert {name for name in names if not name.endswith(".seg")} == {"lookup", "lock", "users"}, where
    git(world.repo, "reflog", "expire", "--expire=now", "--all")
    git(world.repo, "gc", "-q", "--prune=now")
    assert not lost(world, before), where
    found = world.json("fsck")
    assert found["sound"], (where, found["findings"])
    timeline = stranger.check_store(world.store, world.repo)
    assert timeline.state == stranger.disk_state(world.repo), where


def changing_calls(world):
    """Those that talk to git, or to whoever reads the answer, change nothing."""
    done, lines = faults.run_command(world, ("gc",), "-f", "-y", "-e", "trace=" + ",".join(faults.CHANGING))
    assert done.returncode == 0, done
    return [(call, number) for call, number, rest in faults.own_calls(lines)
            if faults.is_changing(call, rest) and not re.match(r"\d+<(pipe|socket)|[12]<", rest)]


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("fault", ["kill", "ENOSPC"])
def test_every_changing_call_of_gc(world, tmp_path, fault, part):
    traced = faults.stage(world, tmp_path / "traced")
    before = contents(traced)
    calls = changing_calls(traced)
    assert {"rename", "renameat2", "unlink", "fsync", "write", "pwrite64"} <= {call for call, _ in calls}
    assert len(calls) > 20, calls
    judge(traced, before, "without a fault")
    for call, number in calls[part::3]:
        where = f"{fault} at {call} {number}"
        copy = faults.stage(world, tmp_path / "copy")
        done = faults.inject_into(copy, ("gc",), call, number, fault)
        if fault != "kill":
            assert done.returncode in (0, 4), (where, done)
            assert done.stderr.count(b"baton: ") == (1 if done.returncode else 0), (where, done)
        judge(copy, before, where)
        shutil.rmtree(copy.base)


def test_a_full_disk(world, tmp_path):
    """From some call on, nothing can be written any more."""
    copy = faults.stage(world, tmp_path / "copy")
    before = contents(copy)
    done, _ = faults.run_command(copy, ("gc",), "-e", "trace=write,pwrite64", "-e",
                                 "inject=write,pwrite64:error=ENOSPC:when=1+")
    assert done.returncode == 4, done
    judge(copy, before, "full disk")
