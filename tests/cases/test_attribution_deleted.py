"""Lines that stand no more, and who took them away."""
import time

import pytest

from support.scratch import git
from test_attribution import SETTLE, code, person  # noqa: F401


@pytest.mark.parametrize("how", ["git checkout -q -- code.txt", "Edit", "by hand"])
def test_lines_that_went_when_an_earlier_content_came_back(code, how):  # noqa: F811
    """The file looks as if they had never been there. What is as in HEAD again counts as git's."""
    session = code.claude().start().prompt("P1")
    session.stop()
    add, typed = "line number 3 of the file\n", "typed by hand\nand this\n"
    person(code, "code.txt", lambda text: text.replace(add, typed + add))
    session.prompt("P2")
    if how == "Edit":
        session.edit("code.txt", typed, "")
    elif how == "by hand":
        person(code, "code.txt", lambda text: text.replace(typed, ""))
    else:
        session.bash(how)
    session.stop()
    gone = code.json("blame", "--deleted", "code.txt")["deleted"]
    assert [line["text"] for line in gone] == ["typed by hand", "and this"]
    assert {line["writer"]["owner"]["kind"] for line in gone} == {"outside"}
    assert {line["remover"]["owner"]["kind"] for line in gone} == {"step" if how == "Edit" else "git"}


def test_lines_of_another_branch_did_not_go(code):  # noqa: F811
    git(code.repo, "checkout", "-qb", "topic")
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 3 of the file\n", "line number 3 of the file\nof the topic\n")
    code.commit("Topic")
    session.stop()
    time.sleep(SETTLE)
    for branch in ("main", "topic", "main"):
        git(code.repo, "checkout", "-q", branch)
        session.prompt("look").stop()
        assert code.json("blame", "--deleted", "code.txt")["deleted"] == []


@pytest.mark.parametrize("how", ["the agent", "a person"])
def test_a_file_that_is_gone(code, how):  # noqa: F811
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 3 of the file\n", "the agent's three\n")
    if how == "the agent":
        session.prompt("P2").bash("rm code.txt")
    else:
        time.sleep(SETTLE)
        (code.repo / "code.txt").unlink()
    gone = code.json("blame", "--deleted", "code.txt")["deleted"]
    assert [line["text"] for line in gone][-3:] == [f"line number {at} of the file" for at in (28, 29, 30)]
    assert len(gone) == 31  # with the line that was replaced
    kind = "step" if how == "the agent" else "outside"
    assert sorted(line["remover"]["owner"]["kind"] for line in gone) == sorted(["step"] + [kind] * 30)
    text = code.baton("blame", "--deleted", "code.txt")
    assert text.returncode == 0 and b"-the agent's three" in text.stdout
    missing = code.baton("blame", "--deleted", "nothing.txt")
    assert missing.returncode != 0 and b"no file 'nothing.txt' here" in missing.stderr


def test_turns_of_lines_that_are_gone(code):  # noqa: F811
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 5 of the file\n", "the agent's own words\n")
    session.prompt("P2")
    session.edit("code.txt", "the agent's own words\n", "")
    told = code.json("blame", "--deleted", "code.txt")
    named = {line[who]["turn"] for line in told["deleted"] for who in ("remover", "writer") if "turn" in line[who]}
    assert named and named <= {turn["address"] for turn in told["turns"]}
