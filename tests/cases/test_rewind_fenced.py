"""Going back while agents are at work: refused with the reason, or fenced, so that no call of theirs is given what
the rewind changed."""
import time

import pytest
from support.rewinding import FIRST, SECOND, TEXT, act, changed, texts, work_tree
from support.scratch import BATON, git

THIRD = "77777777-2222-4333-8444-555555555555"
LONG = {"command": "make everything", "description": "Run it"}
DONE = {"stdout": "", "stderr": "", "interrupted": False}


@pytest.fixture
def world(tmp_path):
    return work_tree(tmp_path)


def edited(world):
    first = world.claude(FIRST).start().prompt("go")
    first.edit("src/a.txt", "line 2\n", "agent\n")
    first.bash("echo agent > new.txt; rm src/b.txt")
    first.stop()
    return first


def begin(world, session, **more):
    agent = world.claude(session).start().prompt("long")
    return agent, agent.before("Bash", dict(LONG, **more))


def end(agent, call, **more):
    agent.after(call, "Bash", dict(LONG, **more), DONE, duration_ms=900)


def changes(world, address):
    return {change["path"] for change in world.json("show", address)["step"].get("changes", [])}


def test_b15_a_command_is_running(world):
    first = world.claude(FIRST).start().prompt("go")
    first.edit("src/a.txt", "line 2\n", "agent\n")
    first.stop()
    other = world.claude(SECOND).start().prompt("long")
    given = {"command": "make everything", "description": "Run it"}
    call = other.before("Bash", given)
    world.write("by-make.txt", "made\n")
    before = texts(world)
    done = act(world, "rewind", "--session", FIRST, status=1)
    assert "make everything" in done.out and "running" in done.err and texts(world) == before
    act(world, "rewind", "--session", FIRST, "--force")
    assert world.read("src/a.txt").decode() == TEXT
    world.write("by-make-2.txt", "made\n")
    other.after(call, "Bash", given, {"stdout": "", "stderr": "", "interrupted": False}, duration_ms=900)
    other.stop()
    step = world.json("show", f"{SECOND}.1")["step"]
    assert {change["path"] for change in step["changes"]} == {"by-make.txt", "by-make-2.txt"}


def test_an_agent_calls_it_itself(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.bash(f"{BATON} rewind --session {FIRST}")
    session.stop()
    assert world.read("src/a.txt").decode() == TEXT
    assert not world.json("show", f"{FIRST}.2")["step"].get("changes")


@pytest.mark.parametrize("words", [("rewind", f"{FIRST}^"), ("rewind", f"{FIRST}:1^"), ("undo",), ("restore", "src/b.txt"),
                                   ("rewind", "--turn", f"{FIRST}:1"), ("rewind", "--step", f"{FIRST}.2")])
def test_b15_every_way_back_refuses_and_tells_the_command(world, words):
    edited(world)
    if words == ("undo",):
        act(world, "rewind", "--step", f"{FIRST}.1")
    begin(world, SECOND)
    before = texts(world)
    done = act(world, *words, status=1)
    assert "make everything" in done.out and "running" in done.err and texts(world) == before
    assert "make everything" in world.baton(*words, "--dry-run").out
    assert texts(world) == before
    act(world, *words, "--force")
    assert texts(world) != before


def test_b15_two_commands_run(world):
    """Neither gets what the rewind changed, whichever ends first and however."""
    edited(world)
    one, first_call = begin(world, SECOND)
    other, second_call = begin(world, THIRD)
    done = act(world, "rewind", "--session", FIRST, status=1)
    assert done.out.count("make everything") == 2
    act(world, "rewind", "--session", FIRST, "--force")
    assert world.read("src/a.txt").decode() == TEXT and not (world.repo / "new.txt").exists()
    one.failed(first_call, "Bash", LONG, "Exit code 2\n", duration_ms=900)
    end(other, second_call)
    for each in one, other:
        each.stop()
    assert changes(world, f"{SECOND}.1") == changes(world, f"{THIRD}.1") == set()


def test_b15_between_the_halves_of_an_edit(world):
    """The agent is in the middle of a turn: its tool has been announced and writes after the rewind."""
    edited(world)
    agent = world.claude(SECOND).start().prompt("go")
    agent.edit("src/a.txt", "line 5\n", "second's\n",
               between=lambda: act(world, "rewind", "--session", FIRST))
    agent.stop()
    assert world.read("src/a.txt").decode() == changed(TEXT, 5, "second's")
    assert changes(world, f"{SECOND}.1") == {"src/a.txt"}
    named = {line["owner"]["step"] for line in world.json("blame", "src/a.txt")["lines"]
             if line["owner"]["kind"] == "step"}
    assert len(named) == 1 and named.pop().endswith(".1")
    assert [line["text"] for line in world.json("blame", "src/a.txt")["lines"]
            if line["owner"]["kind"] == "step"] == ["second's"]


def test_b15_right_before_a_tool_answers(world):
    """It has written its file, and its answer comes after the rewind took the file back."""
    edited(world)
    agent = world.claude(SECOND).start().prompt("go")
    agent.edit("src/a.txt", "line 5\n", "second's\n",
               after_write=lambda: act(world, "rewind", f"{FIRST}^", "--force"))
    agent.stop()
    assert world.read("src/a.txt").decode() == TEXT
    assert changes(world, f"{SECOND}.1") <= {"src/a.txt"}
    assert not any(line["owner"]["kind"] == "step" for line in world.json("blame", "src/a.txt")["lines"])


def test_b15_in_the_middle_of_a_turn(world):
    """Nothing runs just now: it is not refused, and the turn's next command gets nothing of it."""
    agent = world.claude(FIRST).start().prompt("go")
    agent.edit("src/a.txt", "line 2\n", "agent\n")
    act(world, "rewind", "--step", f"{FIRST}.1")
    agent.bash("echo mine > mine.txt")
    agent.stop()
    assert changes(world, f"{FIRST}.2") == {"mine.txt"}


def test_b15_a_command_in_the_background(world):
    """It has answered and goes on: what it writes is its own, what the rewind wrote is not."""
    edited(world)
    agent, call = begin(world, SECOND, run_in_background=True)
    agent.after(call, "Bash", dict(LONG, run_in_background=True),
                dict(DONE, backgroundTaskId="b1"), duration_ms=5)
    world.write("by-make.txt", "made in the background\n")
    time.sleep(0.03)
    act(world, "rewind", "--session", FIRST, "--force")
    world.write("by-make-2.txt", "made in the background too\n")
    agent.stop()
    assert changes(world, f"{SECOND}.1") <= {"by-make.txt", "by-make-2.txt"}
    for path in "src/a.txt", "src/b.txt":
        assert not any(line["owner"]["kind"] == "step" for line in world.json("blame", path)["lines"])


def test_b15_a_command_in_another_worktree(world, tmp_path):
    """It is none of this one's matter: not refused, and not given anything."""
    edited(world)
    git(world.repo, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    agent = world.claude(SECOND, cwd=str(tmp_path / "side")).start().prompt("long")
    call = agent.before("Bash", LONG)
    act(world, "rewind", "--session", FIRST)
    end(agent, call)
    agent.stop()
    assert changes(world, f"{SECOND}.1") == set()


def test_b15_a_command_whose_session_ended(world):
    """It was never answered, but its agent is gone: nothing runs."""
    edited(world)
    agent, _ = begin(world, SECOND)
    agent.end()
    act(world, "rewind", "--session", FIRST)
    assert world.read("src/a.txt").decode() == TEXT


def test_b15_what_takes_nothing_back_goes_on(world, tmp_path):
    edited(world)
    begin(world, SECOND)
    before = texts(world)
    act(world, "checkpoint", "while-it-runs")
    act(world, "fork", "@start", "--worktree", str(tmp_path / "fork"), "--branch", "anew")
    assert texts(world) == before


def test_b15_codex(world):
    edited(world)
    agent = world.codex(SECOND).start().prompt("long")
    given = {"command": "make everything"}
    call = agent.before("Bash", given)
    done = act(world, "rewind", "--session", FIRST, status=1)
    assert "make everything" in done.out
    act(world, "rewind", "--session", FIRST, "--force")
    agent.after(call, "Bash", given, "done")
    agent.stop()
    assert changes(world, f"{SECOND}.1") == set()
