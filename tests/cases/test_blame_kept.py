"""What `blame` keeps in the index between answers: it saves work, and never a stale word comes of it."""
import os
import shutil
import time

import pytest

from support.scratch import git

SETTLE = 0.03
FILE = "code.txt"
FORMS = [[], ["--json"], ["--deleted", "--json"], ["-w"], ["-e", "-n", "-f"], ["HEAD"], ["HEAD", "--json"]]


def told(world):
    """In all forms, as far as git knows HEAD's file."""
    answers = []
    for form in FORMS:
        done = world.baton("blame", *form, FILE)
        answers.append((form, done.returncode, done.out, done.err))
    return answers


def anew(world):
    """The same of an index that was made anew and keeps nothing yet."""
    for suffix in ("", "-wal", "-shm"):
        (world.store / f"index.db{suffix}").unlink(missing_ok=True)
    return told(world)


def lines(*changed):
    text = [f"line {number} of them\n" for number in range(30)]
    for number, new in changed:
        text[number] = new
    return "".join(text)


@pytest.fixture
def kept(world):
    """A person's commit, an agent's three edits, two of them committed; everything asked for already."""
    world.write(FILE, lines())
    world.write("other.txt", "other\n")
    world.commit("Thirty lines")
    agent = world.claude().start().prompt("change some")
    agent.edit(FILE, "line 3 of them", "line 3 of the agent")
    agent.edit(FILE, "line 20 of them", "line 20 of the agent")
    world.commit("The agent's")
    agent.edit(FILE, "line 7 of them\n", "")
    agent.stop()
    world.agent = agent
    time.sleep(SETTLE)
    told(world)
    told(world)
    return world


def amend(world):
    git(world.repo, "commit", "-q", "-a", "--amend", "-m", "Amended")


def commit(world):
    world.commit("One more")


def rebase(world):
    git(world.repo, "stash", "-q")
    git(world.repo, "checkout", "-q", "-b", "side", "HEAD~1")
    world.write("other.txt", "another\n")
    world.commit("Aside")
    git(world.repo, "checkout", "-q", "main")
    git(world.repo, "rebase", "-q", "side")
    git(world.repo, "stash", "pop", "-q")


def gc(world):
    amend(world)
    told(world)
    git(world.repo, "reflog", "expire", "--expire=now", "--all")
    git(world.repo, "gc", "-q", "--prune=now")


def packed_refs(world):
    git(world.repo, "pack-refs", "--all")
    world.commit("After packing")


def move_head(world):
    git(world.repo, "checkout", "-q", "--detach", "HEAD~1", "-f")


def branch_anew(world):
    """The same name of another commit."""
    git(world.repo, "reset", "-q", "--soft", "HEAD~1")


def person_saves(world):
    world.write(FILE, world.read(FILE).decode().replace("line 12 of them", "line 12 of a person"))


def agent_edits(world):
    world.agent.prompt("go on").edit(FILE, "line 25 of them", "line 25 of the agent")


def reindented(world):
    world.write(FILE, world.read(FILE).decode().replace("line 1", "  line 1"))


def untracked(world):
    git(world.repo, "rm", "-q", "--cached", FILE)
    git(world.repo, "commit", "-qm", "Not any more")


def without_commits(world):
    git(world.repo, "checkout", "-q", "--orphan", "empty")


def another_name(world):
    world.write(".mailmap", "Somebody Else <robin@example.invalid>\n")


def ignored_revision(world):
    git(world.repo, "commit", "-q", "--allow-empty", "-m", "Nothing")
    world.write(FILE, world.read(FILE).decode().replace("line 28 of them", "line 28 of those"))
    world.commit("A word")
    told(world)
    (world.repo / ".git/ignored").write_text(git(world.repo, "rev-parse", "HEAD"))
    git(world.repo, "config", "blame.ignoreRevsFile", ".git/ignored")


@pytest.mark.parametrize("change", [another_name, ignored_revision, amend, commit, rebase, gc, packed_refs, move_head, branch_anew, person_saves,
                                    agent_edits, reindented, untracked, without_commits])
def test_no_answer_is_of_what_was(kept, change):
    before = told(kept)
    time.sleep(SETTLE)
    change(kept)
    time.sleep(SETTLE)
    warm = told(kept)
    assert told(kept) == warm
    assert anew(kept) == warm
    if change not in (gc, packed_refs):
        assert warm != before


def test_who_asks_again_starts_no_git(kept, tmp_path):
    """git's answers for a content and a commit, and the entries of a base's tree, are kept."""
    real = shutil.which("git")
    log = tmp_path / "calls"
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin/git"
    wrapper.write_text(f'#!/bin/sh\necho "$*" >> {log}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    env = {"PATH": f"{wrapper.parent}:{os.environ['PATH']}"}
    first = kept.baton("blame", FILE, check=True)
    again = kept.baton("blame", FILE, check=True, env=env)
    assert again.out == first.out and "line 3 of the agent" in again.out
    assert not log.exists(), log.read_text()
    kept.write(FILE, kept.read(FILE) + b"a new line\n")
    assert "a new line" in kept.baton("blame", FILE, check=True, env=env).out
    assert log.exists()  # the wrapper is what is started
