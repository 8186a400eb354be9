"""A rewind that was killed half way, met by a hook before the next command of baton's finishes it or takes it
back: no agent is named for what the rewind wrote, and `undo` brings all of it back."""
import time

import pytest
from support import faults, stranger
from support.rewinding import FIRST, SECOND, TEXT, act, changed, texts, work_tree

THIRD = "77777777-2222-4333-8444-555555555555"
TICKS = 0.03
COMMAND = {"command": "make everything", "description": "Run it"}
ANSWER = {"stdout": "", "stderr": "", "interrupted": False}
# After one removal (the first rename is the plan's), after both, and among what is put into place.
KILLS = [("rename", 3), ("renameat2", 1), ("renameat2", 2), ("renameat2", 3)]


@pytest.fixture
def world(tmp_path):
    """What one agent did, with a person's lines in the same file since: taken back, that is a content that was
    never there."""
    world = work_tree(tmp_path)
    first = world.claude(FIRST).start().prompt("first")
    first.edit("src/a.txt", "line 2\n", "first's\n")
    first.bash("echo made > made.txt; echo more > more.txt; rm run.sh; sed -i 's/line 3/LINE 3/' src/b.txt")
    first.stop()
    world.write("src/a.txt", world.read("src/a.txt").decode().replace("line 12\n", "a person's\n"))
    time.sleep(TICKS)
    world.baton("diff", check=True)
    return world


def begin(world, session):
    other = world.claude(session).start().prompt("something long")
    return other, other.before("Bash", COMMAND)


def end(other, call):
    other.after(call, "Bash", COMMAND, ANSWER, duration_ms=900)


def kill(world, call, number):
    done, lines = faults.run_command(world, ("rewind", "--session", FIRST, "--force"), "-e", f"trace={call}",
                                     "-e", f"inject={call}:signal=SIGKILL:when={number}")
    assert any("killed by SIGKILL" in line for line in lines), done
    time.sleep(TICKS)


def changes(world, address):
    return {change["path"] for change in world.json("show", address)["step"].get("changes", [])}


def writers(world, path):
    """The lines' texts by the session that is named for them."""
    found = {}
    for line in world.json("blame", path)["lines"]:
        who = (line["owner"].get("step") or "").split(".")[0]
        found.setdefault(who, []).append(line["text"])
        for other in "was", "mover", "reformatter":
            if other in line:
                found.setdefault((line[other]["owner"].get("step") or "").split(".")[0], [])
    return found


def address(world, session):
    return world.json("show", f"{session}.1")["step"]["address"].split(".")[0]


def sound(world):
    assert world.json("fsck")["sound"]
    told, there = stranger.check_store(world.store, world.repo).state, stranger.disk_state(world.repo)
    assert {p: v for p, v in told.items() if p != b".env"} == {p: v for p, v in there.items() if p != b".env"}


@pytest.mark.parametrize("call, number", KILLS)
def test_finished(world, call, number):
    before = texts(world)
    other, running = begin(world, SECOND)
    kill(world, call, number)
    half = texts(world)
    assert half != before
    world.write("by-make.txt", "by make\n")
    end(other, running)
    assert texts(world) == dict(half, **{"by-make.txt": b"by make\n"}), "a hook repairs nothing"
    done = act(world, "status")
    assert done.err == "baton: warning: a rewind that was interrupted is finished\n"
    after = texts(world)
    assert after["src/a.txt"].decode() == changed(TEXT, 12, "a person's")
    assert after["src/b.txt"].decode() == TEXT and "made.txt" not in after and "run.sh" in after
    other.stop()
    assert changes(world, f"{SECOND}.1") == {"by-make.txt"}
    for path in "src/a.txt", "src/b.txt", "run.sh":
        assert address(world, SECOND) not in writers(world, path), path
    assert world.json("blame", "by-make.txt")["lines"][0]["owner"]["step"].endswith(".1")
    act(world, "undo")
    assert texts(world) == dict(before, **{"by-make.txt": b"by make\n"})
    act(world, "redo")
    assert texts(world) == after
    sound(world)


@pytest.mark.parametrize("call, number", KILLS[1:])
def test_taken_back(world, call, number):
    """A person saved one of its files since; a command that runs all the while gets nothing of it."""
    before = texts(world)
    other, running = begin(world, SECOND)
    long, still_running = begin(world, THIRD)
    kill(world, call, number)
    end(other, running)
    world.write("src/b.txt", "saved by a person\n")
    done = act(world, "status")
    assert done.err == "baton: warning: a rewind that was interrupted is taken back\n"
    now = texts(world)
    assert {path for path in before if now.get(path) != before[path]} == {"src/b.txt"}
    end(long, still_running)
    for each in other, long:
        each.stop()
    assert changes(world, f"{SECOND}.1") <= {"src/b.txt"}
    assert changes(world, f"{THIRD}.1") <= {"src/b.txt"}
    assert "rewind" not in world.baton("log").out
    sound(world)


@pytest.mark.parametrize("number, what", [(2, "taken back"), (3, "finished")])
def test_a_file_tool_meets_it(world, number, what):
    """It changes a file that the rewind has not come to yet, or has put into place."""
    kill(world, "renameat2", number)
    other = world.claude(SECOND).start().prompt("go")
    other.edit("src/a.txt", "line 4\n", "second's\n")
    other.stop()
    assert what in act(world, "status").err
    assert changes(world, f"{SECOND}.1") == {"src/a.txt"}
    assert writers(world, "src/a.txt")[address(world, SECOND)] == ["second's"]
    sound(world)
