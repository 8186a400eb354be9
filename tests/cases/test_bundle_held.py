"""A bundle that is not what it says, and one that is read where there is no clone."""
import json

import pytest

from support.scratch import Scratch, git


@pytest.fixture
def work(world):
    git(world.repo, "checkout", "-q", "-b", "fix")
    session = world.claude().start().prompt("fix two")
    session.write("a.txt", "two\n")
    session.edit("README.md", "project", "thing")
    session.stop("ok")
    world.bundle = world.base / "review.baton"
    world.baton("bundle", str(world.bundle), check=True)
    return world


@pytest.fixture
def nowhere(tmp_path):
    return Scratch(tmp_path / "nowhere", store=False, git_repo=False)


@pytest.mark.parametrize("place", ["a byte", "the end", "the head's end"])
def test_an_altered_file_is_refused_also_where_the_whole_one_was_read_before(work, nowhere, place):
    raw = work.bundle.read_bytes()
    nowhere.baton("log", "--bundle", str(work.bundle), check=True)
    altered = bytearray(raw)
    if place == "the end":
        altered = altered[:-30]
    else:
        altered[raw.index(b"\n") if place == "the head's end" else len(raw) // 2] ^= 4
    work.bundle.write_bytes(altered)
    done = nowhere.baton("log", "--bundle", str(work.bundle))
    assert done.returncode == 4 and done.out == "" and "no whole bundle" in done.err
    work.bundle.write_bytes(raw)
    assert "fix two" in nowhere.baton("log", "--bundle", str(work.bundle), check=True).out


@pytest.mark.parametrize("words", [[], ["--json"], ["--format", "prompt"]])
def test_a_handoff_is_held_against_it_without_a_repository(work, nowhere, words):
    """What only the repository tells is neither true nor out of date there."""
    file = work.base / "handoff"
    file.write_text(work.baton("handoff", *words, check=True).out)
    done = nowhere.baton("handoff", "--verify", str(file), "--bundle", str(work.bundle))
    assert done.returncode == 0 and "all hold" in done.out, done.out
    file.write_text(file.read_text().replace("fix two", "fix six"))
    done = nowhere.baton("handoff", "--verify", str(file), "--bundle", str(work.bundle))
    assert done.returncode == 1 and "altered" in done.out


def test_triage_does_not_say_that_a_file_is_gone_where_it_never_was(work, nowhere):
    done = nowhere.baton("triage", "--bundle", str(work.bundle), stdin=b"Error at a.txt:1\n")
    assert "gone" not in done.out and "no such file here" in done.out


def test_status_tells_the_prompt_of_the_branch_that_is_checked_out(work):
    folder = work.base / "other"
    git(work.repo, "worktree", "add", "-q", str(folder), "-b", "other")
    session = work.claude(cwd=folder).start().prompt("something else")
    session.write("b.txt", "b\n")
    session.stop("ok")
    address = {each["prompt"]: each["address"] for each in work.json("log")["turns"]}
    for words in ([], ["status"]):
        assert f"fix: {address['fix two']} fix two" in work.baton(*words, check=True).out
        here = work.baton(*words, cwd=folder, check=True).out
        assert f"other: {address['something else']} something else" in here
    git(work.repo, "checkout", "-q", "-b", "third")
    assert f"other: {address['something else']} something else" in work.baton(check=True).out
    assert json.loads(work.baton("status", "--json").out)["last_turn"]["address"] == address["something else"]
