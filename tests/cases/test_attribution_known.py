"""Lines that an agent took from files it knows, before or after it removed them there."""
import time

import pytest

from support.scratch import git
from test_attribution import SETTLE, code, numbered, person, rows, who  # noqa: F401


@pytest.fixture
def known(code):  # noqa: F811
    """A file that the agent knows from an earlier prompt."""
    session = code.claude().start().prompt("P1")
    session.read("code.txt")
    session.edit("code.txt", "line number 15 of the file", "the agent's own fifteen")
    session.stop()
    code.agent = session
    return code


def test_a_block_written_elsewhere_before_it_is_removed(known):
    block = "".join(known.read("code.txt").decode().splitlines(keepends=True)[12:20])
    known.agent.prompt("P2").write("part.txt", "its head\n" + block)
    known.agent.edit("code.txt", block, "see part\n")
    assert who(known, "part.txt") == ["P2"] + ["before"] * 2 + ["P1"] + ["before"] * 5
    told = rows(known, "part.txt")
    assert {line["arrival"] for line in told[1:]} == {"copied"}
    assert all(line["mover"]["owner"]["kind"] == "step" for line in told[1:])


def test_a_block_that_stands_in_a_copy_too(known):
    known.agent.prompt("P2").bash("cp code.txt backup.txt")
    block = "".join(known.read("code.txt").decode().splitlines(keepends=True)[12:20])
    known.agent.prompt("P3").write("part.txt", "its head\n" + block)
    known.agent.edit("code.txt", block, "see part\n")
    assert who(known, "part.txt") == ["P3"] + ["before"] * 2 + ["P1"] + ["before"] * 5


def test_a_file_written_under_another_name_before_it_is_removed(known):
    known.agent.prompt("P2").write("new.txt", known.read("code.txt").decode() + "and an end\n")
    known.agent.bash("rm code.txt")
    assert who(known, "new.txt") == ["before"] * 14 + ["P1"] + ["before"] * 15 + ["P2"]


def test_a_folder_of_many_files_renamed_and_some_changed_at_once(code):  # noqa: F811
    for number in range(100):
        code.write(f"src/a{number % 10}/f{number}.txt", numbered(6, f"word {number}"))
    code.commit("Many")
    session = code.claude().start().prompt("P1")
    session.bash("mv src lib && sed -i '3s/.*/changed/' lib/a7/f7.txt && sed -i '1i on top' lib/a8/f88.txt")
    session.stop()
    assert who(code, "lib/a7/f7.txt") == ["before"] * 2 + ["P1"] + ["before"] * 3
    assert who(code, "lib/a8/f88.txt") == ["P1"] + ["before"] * 6
    assert {line["arrival"] for line in rows(code, "lib/a8/f88.txt")[1:]} == {"renamed"}


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_a_line_that_an_agent_writes_as_it_was_before(code, agent):  # noqa: F811
    """It knows the file from before a person's edit, or takes another agent's back."""
    session = (code.claude() if agent == "claude-code" else code.codex()).start().prompt("P1")
    person(code, "code.txt", lambda text: text.replace("line number 3 of", "three, typed, of"))
    text = code.read("code.txt").decode()
    back = text.replace("three, typed, of", "line number 3 of")
    if agent == "claude-code":
        session.write("code.txt", back.replace("line number 9 of", "nine of"))
    else:
        session.edit("code.txt", "line number 9 of the file\n", "nine of the file\n")
        session.edit("code.txt", "three, typed, of the file\n", "line number 3 of the file\n")
    assert who(code, "code.txt") == ["before"] * 8 + ["P1"] + ["before"] * 21
    line = rows(code, "code.txt")[2]
    assert line["arrival"] == "restored" and line["mover"]["owner"]["kind"] == "step"


def test_a_block_that_another_agent_puts_back_among_other_changes(code):  # noqa: F811
    block = "".join(code.read("code.txt").decode().splitlines(keepends=True)[9:14])
    first, second = code.claude().start().prompt("P1"), code.codex().start().prompt("Q1")
    first.edit("code.txt", block, "")
    second.edit("code.txt", "line number 9 of the file\n", "line number 9 of the file\n" + block + "and one more\n")
    told = rows(code, "code.txt")
    assert who(code, "code.txt") == ["before"] * 14 + ["Q1"] + ["before"] * 16
    assert {line["arrival"] for line in told[9:14]} == {"restored"}


def test_a_short_line_written_again_is_its_writers(code):  # noqa: F811
    code.write("f.c", "first();\nreturn;\nlast();\n")
    code.commit("f")
    session = code.claude().start()
    person(code, "f.c", lambda text: text.replace("return;\n", ""))
    session.prompt("P1").write("f.c", "// on top\nfirst();\nreturn;\nlast();\n")
    assert who(code, "f.c") == ["P1", "before", "P1", "before"]


def test_a_change_that_git_picks_onto_another_name(code):  # noqa: F811
    """The agent changed the file under its old name, on another branch."""
    session = code.claude().start().prompt("P0")
    session.bash("git mv code.txt old.txt && git commit -qm Begin")
    session.prompt("P1")
    git(code.repo, "checkout", "-qb", "topic")
    session.edit("old.txt", "line number 12 of the file\n", "the agent's twelve\nthe agent's second\n")
    code.commit("Topic")
    git(code.repo, "checkout", "-q", "-")
    session.prompt("P2").bash("git mv old.txt named.txt && git commit -qm Rename")
    git(code.repo, "cherry-pick", "topic")
    session.prompt("P3")
    assert who(code, "named.txt") == ["before"] * 11 + ["P1"] * 2 + ["before"] * 18


def test_a_copy_of_what_a_file_was_a_moment_ago(code):  # noqa: F811
    """Somebody works on a copy before anybody looks; an older version, of another name, is as much like it."""
    session = code.claude().start().prompt("P1")
    code.sh("mv code.txt named.txt")
    time.sleep(SETTLE)
    session.prompt("P2").bash("sed -i '1i the agent put a line of the very same length here'  named.txt;"
                              " sed -i 's/^line number 20 of the file/the agent reworks twenty/' named.txt")
    time.sleep(SETTLE)
    lines = code.read("named.txt").decode().splitlines(keepends=True)
    code.write("copy.txt", "".join(lines[1:]))
    time.sleep(SETTLE)
    session.edit("named.txt", "line number 8 of the file\nline number 9 of the file\n", "the agent's eight\n")
    session.stop()
    assert who(code, "copy.txt") == ["before"] * 19 + ["P2"] + ["before"] * 10
