"""What leaves the store: files, trees, commits, differences; and damage, which is named."""
import json
import subprocess

import pytest

from support.played import Played
from support.scratch import git


@pytest.fixture
def played(tmp_path):
    return Played(tmp_path, "claude-code/shell-edits")


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and ".git" not in path.relative_to(folder).parts}


def test_a_tree_is_written_whole(played, tmp_path):
    out = tmp_path / "deep" / "out"
    done = played.baton("export", "--to", out)
    assert done.returncode == 0, done
    assert files_of(out) == files_of(played.repo)
    again = played.baton("export", "--to", out)
    assert again.returncode == 2 and "not empty" in again.err
    assert [path.name for path in out.parent.iterdir()] == ["out"], "nothing is left beside it"
    part = tmp_path / "part"
    played.baton("export", "--to", part, "--", "src", check=True)
    assert set(files_of(part)) == {name for name in files_of(played.repo) if name.startswith("src/")}


def test_history_becomes_commits(played):
    head = git(played.repo, "rev-parse", "HEAD")
    answer = json.loads(played.baton("export", "--git", "history", "--json").out)
    assert answer["commits"] == 1 and git(played.repo, "rev-parse", "HEAD") == head
    assert git(played.repo, "rev-parse", "history").strip() == answer["head"]
    for name, content in files_of(played.repo).items():
        assert git(played.repo, "show", f"history:{name}").encode() == content
    assert "Baton-Turn: 6d7f:1" in git(played.repo, "log", "-1", "--format=%B", "history")
    assert played.baton("export", "--git", "history").returncode == 2, "the branch exists"
    git(played.repo, "fsck", "--strict")


def test_each_turn_becomes_a_commit(world):
    session = world.claude().start()
    for number in range(4):
        session.prompt(f"turn {number}")
        session.bash(f"echo {number} >> lines.txt; seq {number} 2000 > numbers.txt")
        session.stop()
    world.baton("export", "--git", "history", check=True)
    assert git(world.repo, "log", "--format=%s", "history").split("\n")[:5] == [
        "turn 3", "turn 2", "turn 1", "turn 0", "Begin"]
    for back in range(4):
        lines = "".join(f"{number}\n" for number in range(4 - back))
        assert git(world.repo, "show", f"history~{back}:lines.txt") == lines
    git(world.repo, "fsck", "--strict")


def test_a_file_before_and_after(world):
    session = world.claude().start().prompt("go")
    session.edit("README.md", "a project\n", "another\n")
    assert world.baton("cat", "@:README.md", check=True).out == "another\n"
    assert world.baton("cat", "@^:README.md", check=True).out == "a project\n"
    assert world.baton("cat", "git:HEAD^0:README.md", check=True).out == "a project\n"
    turn = world.json("log")["turns"][0]["address"]
    assert world.baton("cat", f"{turn}^:README.md", check=True).out == "a project\n"
    done = world.baton("cat", "@^:nothing")
    assert done.returncode == 3 and done.err == "baton: 'nothing' was not there before '@'\n"


def test_differences_are_gits(played):
    """Against a commit, the diff is one that git applies."""
    (played.repo / "src" / "retry.sh").write_text("a person was here\n")
    patch = played.baton("diff", "git:HEAD", check=True).out
    clone = played.base / "clone"
    git(played.base, "clone", "-q", played.repo, clone)
    subprocess.run(["git", "apply", "-"], cwd=clone, input=patch.encode(), check=True)
    assert files_of(clone) == files_of(played.repo)
    assert played.baton("diff", "git:HEAD", "--exit-code").returncode == 1
    assert played.baton("diff", "@..@", "--exit-code").returncode == 0


@pytest.mark.parametrize("harm", ["line", "last line", "object"])
def test_damage_is_named(played, harm):
    assert played.baton("fsck").returncode == 0
    store = played.repo / ".git" / "baton"
    (journal,) = store.glob("sessions/claude-code/*/events.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    if harm == "line":
        journal.write_bytes(b"".join(lines[:5] + lines[6:]))
    elif harm == "last line":
        journal.write_bytes(b"".join(lines[:-1]))
    else:
        (segment,) = store.glob("objects/*.seg")
        content = bytearray(segment.read_bytes())
        content[len(content) // 2] ^= 1
        segment.write_bytes(content)
    done = played.baton("fsck")
    assert done.returncode == 4 and "damaged" in done.out, done
    assert ("object" if harm == "object" else journal.parent.name) in done.out
