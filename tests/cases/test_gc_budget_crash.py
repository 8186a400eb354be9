"""A gc that thins and dies, or meets a full disk, at any call by which it changes something: what may not go
is there, what went is written down, and the next one does the rest. As test_gc_crash.py does it."""
import random
import shutil
import threading

import pytest

from support import faults, stranger
from support.answers import contents
from support.leftovers import leave_behind
from support.scratch import Scratch
from test_gc_budget import LATER, SESSION, art, place

GC = ("gc", "--budget", "1k")


def template(base):
    """A table each of whose versions is a difference from the one before, an image, a text, something left behind."""
    world = Scratch(base)
    world.write("notes.txt", "one\n")
    world.commit("Files")
    agent = world.claude(SESSION).start().prompt("Fill the table")
    rows = art("table")[:12_000]
    for i in range(6):
        # The odd ones differ from all others.
        rows += random.Random(i).randbytes(900 if i % 2 else 2500)
        place(world, agent, "table.db", rows)
        place(world, agent, "image.png", art(i)[:4000])
        if i == 3:
            agent.stop()
            agent.prompt("Go on")
    agent.edit("notes.txt", "one\n", "one\ntwo\n")
    agent.stop()
    leave_behind(world)
    faults.look(world)
    return world


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return template(tmp_path_factory.mktemp("budget") / "world")


def judge(world, before, kept, where):
    found = world.json("fsck")
    assert found["sound"], (where, found["findings"])
    now = contents(world)
    for address, content in before.items():
        if now[address] == content:
            continue
        assert address not in kept, (where, address)
        done = world.baton("cat", address)
        assert done.returncode == 3 and "thinned for the budget" in done.err, (where, address, done.err)
    # Without the table what is there is found as well.
    (world.store / "objects/lookup").unlink(missing_ok=True)
    assert contents(world) == now, where
    world.baton(*GC, check=True)
    after = contents(world)
    assert {each for each in before if after[each] == before[each]} == kept, where
    used = world.json("du")["contents"]
    assert used["left_behind"]["bytes"] == used["no_record"] == 0, where
    found = world.json("fsck")
    assert found["sound"], (where, found["findings"])
    stranger.check_store(world.store, world.repo)


@pytest.fixture(scope="module")
def plain(world, tmp_path_factory):
    """Contents before, addresses of those that stay, and the calls of a run without a fault."""
    traced = faults.stage(world, tmp_path_factory.mktemp("traced") / "world", **LATER)
    before = contents(traced)
    done, lines = faults.run_command(traced, GC, "-f", "-y", "-e", "trace=" + ",".join(faults.CHANGING))
    assert done.returncode == 0, done
    calls = [(call, number) for call, number, rest in faults.own_calls(lines)
             if faults.is_changing(call, rest) and not rest_is_no_file(rest)]
    now = contents(traced)
    kept = {each for each in before if now[each] == before[each]}
    assert 4 < len(kept) < len(before) - 4, (len(kept), len(before))
    judge(traced, before, kept, "without a fault")
    return before, kept, calls


def rest_is_no_file(rest):
    head = rest.split(",")[0]
    return "pipe" in head or "socket" in head or head.startswith(("1<", "2<")) or "index.db" in rest


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("fault", ["kill", "ENOSPC"])
def test_every_changing_call(world, plain, tmp_path, fault, part):
    before, kept, calls = plain
    assert {"rename", "unlink", "fsync", "write", "pwrite64"} <= {call for call, _ in calls}
    assert len(calls) > 25, calls
    for call, number in calls[part::4]:
        where = f"{fault} at {call} {number}"
        copy = faults.stage(world, tmp_path / "copy", **LATER)
        done = faults.inject_into(copy, GC, call, number, fault)
        if fault != "kill":
            assert done.returncode in (0, 4), (where, done)
        judge(copy, before, kept, where)
        shutil.rmtree(copy.base)


def test_hooks_that_record_it_again_meanwhile(world, tmp_path):
    """Old contents come back while they are thinned, again and again: what has a line is there."""
    copy = faults.stage(world, tmp_path / "copy", **LATER)
    del copy.env["BATON_CLOCK"]
    olds = [art(i)[:4000] for i in range(6)]
    stop = threading.Event()
    placed = []

    def work():
        agent = copy.claude("99999999-2222-4333-8444-555555555555").start().prompt("Bring back")
        for i in range(40):
            if stop.is_set():
                break
            name = f"back-{i}.png"
            place(copy, agent, name, olds[i % 6])
            placed.append((name, olds[i % 6]))
        agent.stop()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        while worker.is_alive():
            done = copy.baton(*GC, env=LATER)
            assert done.returncode == 0, done.err
    finally:
        stop.set()
        worker.join()
    assert len(placed) == 40
    for name, content in placed:
        assert copy.read(name) == content
        (copy.repo / name).unlink()
    faults.look(copy)
    copy.baton(*GC, env=LATER, check=True)
    for name, content in placed:
        copy.baton("restore", name, check=True)
        assert copy.read(name) == content, name
    found = copy.json("fsck")
    assert found["sound"], found["findings"]
    stranger.check_store(copy.store, copy.repo)
