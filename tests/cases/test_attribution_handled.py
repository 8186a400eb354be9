"""Lines of git's that somebody moved, copied or reformatted since: their commit and author stay those of whoever
wrote them, whatever the commit says that holds the change."""
import time

import pytest

from support.scratch import git
from test_attribution import SETTLE, numbered, rows, who

LINES = 30


@pytest.fixture(params=["before", "committed later"])
def alices(make_world, request):
    """Alice's file; the agent commits as its product does."""
    world = make_world(store=request.param != "before")
    world.write("code.txt", numbered(LINES))
    git(world.repo, "add", "-A")
    git(world.repo, "commit", "-qm", "Alice's", "--author=Alice <alice@example.invalid>")
    if request.param == "before":
        world.baton("init", check=True)
    world.agent = world.claude().start().prompt("P1")
    return world


def agent_commits(world):
    time.sleep(SETTLE)
    world.agent.bash("git add -A && git commit -qm 'Do it' -m 'Co-Authored-By: Claude <noreply@anthropic.com>'")
    world.agent.stop()


def reindented(world):
    world.agent.bash("sed -i '5,9s/^/    /' code.txt")
    return "code.txt"


def line_ends(world):
    world.agent.bash("sed -i 's/$/\\r/' code.txt")
    return "code.txt"


def moved(world):
    lines = world.read("code.txt").decode().splitlines(keepends=True)
    world.agent.write("code.txt", "".join(lines[15:] + lines[:15]))
    return "code.txt"


def moved_away(world):
    block = "".join(world.read("code.txt").decode().splitlines(keepends=True)[4:12])
    world.agent.edit("code.txt", block, "see part\n")
    world.agent.write("part.txt", block)
    return "part.txt"


def copied(world):
    world.agent.bash("cp code.txt copy.txt")
    return "copy.txt"


def renamed(world):
    world.agent.bash("mv code.txt new.txt")
    return "new.txt"


@pytest.mark.parametrize("act", [reindented, line_ends, moved, moved_away, renamed])
def test_commit_and_author_are_those_of_the_line(alices, act):
    check_lines(alices, act(alices))


@pytest.mark.parametrize("alices", ["committed later"], indirect=True)
def test_commit_and_author_of_a_copy(alices):
    check_lines(alices, copied(alices))


def check_lines(alices, path):
    for words in ([], ["HEAD"]):
        if words:
            agent_commits(alices)
        told = rows(alices, path, *words)
        assert {(line["author"], line["summary"]) for line in told} == {("Alice", "Alice's")}, told
        assert set(who(alices, path, *words)) == {"before"}
        assert not any(line["owner"].get("evidence") for line in told)
        for line in told:  # the line that it was there
            assert line["text"].split()[2] == str(line["original_line"])
    assert rows(alices, path) == told


@pytest.mark.parametrize("alices", ["committed later"], indirect=True)
def test_lines_that_a_commit_took_away_and_the_next_brings_back(alices):
    alices.agent.bash("sed -i '5,9d' code.txt")
    agent_commits(alices)
    time.sleep(1.1)  # git's times are whole seconds
    alices.agent.prompt("P2").bash("git revert --no-commit HEAD")
    agent_commits(alices)
    check_lines(alices, "code.txt")


def test_rows_name_author_and_mover(alices):
    path = moved_away(alices)
    for line in alices.baton("blame", "--color", "never", path, check=True).out.splitlines():
        assert "Alice" in line and "moved by" in line, line


def test_equal_lines_of_two_commits_have_none(alices):
    """Which of them was moved nobody can say; it is no agent's for the commit that holds it now."""
    text = alices.read("code.txt").decode()
    alices.write("code.txt", text + "\n" + numbered(4))
    git(alices.repo, "commit", "-qam", "Robin's", "--author=Robin <robin@example.invalid>")
    alices.agent.bash("sed -i 's/^line/    line/' code.txt")
    agent_commits(alices)
    for line in rows(alices, "code.txt"):
        assert line["owner"]["kind"] in ("git", "before") and "evidence" not in line["owner"], line


@pytest.mark.parametrize("by", ["a person", "a command", "a tool"])
def test_a_function_that_stands_twice(world, by):
    """Whichever of the two is the copy, each line is its writer's."""
    body = "def checked(value):\n    if value is None:\n        raise ValueError(value)\n    return value.strip()\n\n"
    world.write("code.py", "import os\n\n" + "last = 1\n")
    world.commit("Begin")
    world.agent = world.claude().start().prompt("P1")
    world.agent.edit("code.py", "last = 1\n", body + "last = 1\n")
    twice = "import os\n\n" + body + body + "last = 1\n"
    if by == "a tool":
        world.agent.prompt("P2").write("code.py", twice)
    elif by == "a command":
        world.write("twice.py", twice)
        world.agent.prompt("P2").bash("cat twice.py > code.py; rm twice.py")
    else:
        time.sleep(SETTLE)
        world.write("code.py", twice)
        time.sleep(SETTLE)
        world.agent.prompt("P2")
    told = rows(world, "code.py")
    assert not [line for line in told if line["owner"].get("evidence") == "contested"], told
    wrote = who(world, "code.py")
    assert [wrote[at] for at in (2, 3, 4, 5, 7, 8, 9, 10)] == ["P1"] * 8, wrote
