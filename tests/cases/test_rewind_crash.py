"""A rewind that dies, or meets a full disk, at any call by which it changes something: the next command
of baton's finishes it or takes it back, and the files are never half way.

As for hooks (test_record_crash.py): one run under strace gives the list of calls; then, in a fresh
copy of the same world, each is met by SIGKILL, and in another by ENOSPC."""
import os
import subprocess
import time

import pytest
from support import faults, stranger
from support.scratch import Scratch

SESSION = "11111111-2222-4333-8444-555555555555"


def template(base):
    world = Scratch(base)
    world.write("src/a.txt", "one\ntwo\nthree\n")
    world.write("src/gone.txt", "to be deleted\n")
    world.write("tool.sh", "#!/bin/sh\n")
    world.write("swap", "a file\n")
    world.write(".gitignore", "*.log\n")
    world.commit("Files")
    world.write("kept.log", "ignored\n")
    session = world.claude(SESSION).start().prompt("first")
    session.edit("src/a.txt", "two", "TWO")
    session.bash("rm src/gone.txt swap; mkdir -p swap new/deep; echo in > swap/in.txt;"
                 "echo new > new/deep/file.txt; chmod +x tool.sh; ln -s src/a.txt link")
    session.stop()
    time.sleep(faults.SETTLED)
    world.baton("status", check=True)
    return world


def files(world):
    found = {}
    for folder, folders, names in os.walk(world.repo):
        if folder == str(world.repo):
            folders.remove(".git")
        for name in names + [n for n in folders if os.path.islink(os.path.join(folder, n))]:
            full = os.path.join(folder, name)
            path = os.path.relpath(full, world.repo)
            if os.path.islink(full):
                found[path] = os.readlink(full)
            else:
                found[path] = (bool(os.stat(full).st_mode & 0o100), open(full, "rb").read())
    return found


def changing_calls(world, words):
    """The calls from the one on by which the rewind takes its lock: before, it only reads (what
    readers write, the index, is made anew if it is torn)."""
    done, lines = faults.run_command(world, words, "-f", "-e", "trace=" + ",".join(faults.CHANGING))
    assert done.returncode == 0, done
    calls, begun, plan_gone = [], False, False
    for call, number, rest in faults.own_calls(lines):
        begun = begun or "rewind.lock" in rest
        # What follows is the index, brought up to date.
        plan_gone = plan_gone or (call == "unlink" and "/rewind/plan" in rest)
        if plan_gone and call not in ("unlink", "rmdir"):
            continue
        if begun and faults.is_changing(call, rest):
            calls.append((call, number))
    return calls


def judge(world, before, after, where):
    done = world.baton("status")
    assert done.returncode == 0, (where, done.err)
    now = files(world)
    assert now in (before, after), (where, done.err, now)
    directory = next((world.store / "worktrees").glob("*/manifest")).parent
    assert not (directory / "rewind").exists(), where
    world.baton("diff", check=True)
    timeline = stranger.check_store(world.store, world.repo)
    assert timeline.state == stranger.disk_state(world.repo), where
    # A hook that comes next owns nothing of it.
    session = world.claude(SESSION)
    session.calls = 50
    session.prompt("after the fault")
    session.bash("true")
    changed = [change for step in world.json("show", "@")["steps"] for change in step["changes"]] \
        if "steps" in world.json("show", "@") else world.json("show", "@")["step"].get("changes", [])
    assert not changed, (where, changed)
    return now == after


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return template(tmp_path_factory.mktemp("rewind") / "world")


WORDS = {"rewind": ("rewind", "@start"), "undo": ("undo",)}


def stage(world, base, kind):
    """A copy in which the rewind is next; the look at it is recorded, so that nothing is new."""
    copy = faults.stage(world, base)
    if kind == "undo":
        copy.baton("rewind", "@start", check=True)
        faults.look(copy)
    return copy


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("kind, fault", [("rewind", "kill"), ("rewind", "ENOSPC"), ("undo", "kill")])
def test_every_changing_call_of_a_rewind(world, tmp_path, kind, fault, part):
    """Of an undo, which is the same but for where contents come from, every third call."""
    words = WORDS[kind]
    traced = stage(world, tmp_path / "traced", kind)
    before = files(traced)
    calls = changing_calls(traced, words)
    after = files(traced)
    assert before != after
    assert sum(call.startswith("rename") for call, _ in calls) >= 7
    finished = 0
    if kind == "undo":
        calls = calls[::3]
    calls = calls[part::4]
    for call, number in calls:
        where = f"{fault} at {call} {number}"
        copy = stage(world, tmp_path / "copy", kind)
        assert files(copy) == before
        done = faults.inject_into(copy, words, call, number, fault)
        if fault != "kill":
            assert done.returncode in (0, 1, 3, 4), (where, done)
            if done.returncode != 0:
                assert done.stderr, where
        finished += judge(copy, before, after, where)
        subprocess.run(["rm", "-rf", str(copy.base)], check=True)
    assert 0 < finished < len(calls)


def test_interrupted_twice(world, tmp_path):
    """The command that finishes is killed itself."""
    copy = stage(world, tmp_path / "copy", "rewind")
    before = files(copy)
    faults.run_command(copy, ("rewind", "@start"), "-e", "trace=renameat2",
           "-e", "inject=renameat2:signal=SIGKILL:when=1")
    faults.run_command(copy, ("status",), "-e", "trace=renameat2",
           "-e", "inject=renameat2:signal=SIGKILL:when=1")
    done = copy.baton("status", check=True)
    assert "interrupted" in done.err
    now = files(copy)
    assert now != before
    copy.baton("undo", check=True)
    assert files(copy) == before


def test_changed_in_between(world, tmp_path):
    """A person saves a file after the kill: it is theirs, and the rewind is taken back."""
    copy = stage(world, tmp_path / "copy", "rewind")
    before = files(copy)
    faults.run_command(copy, ("rewind", "@start"), "-e", "trace=renameat2",
           "-e", "inject=renameat2:signal=SIGKILL:when=1")
    copy.write("tool.sh", "#!/bin/sh\nmine\n")
    mine = files(copy)["tool.sh"]
    done = copy.baton("status", check=True)
    assert "taken back" in done.err, done.err
    assert files(copy) == dict(before, **{"tool.sh": mine})
