"""Going back where git writes other bytes to the disk than it stores: line ends, filters."""
import pytest
from support.rewinding import FIRST, act, texts, work_tree
from support.scratch import git


@pytest.fixture
def world(tmp_path):
    world = work_tree(tmp_path, store=False)
    git(world.repo, "config", "filter.turn.clean", "tr a-z n-za-m")
    git(world.repo, "config", "filter.turn.smudge", "tr a-z n-za-m")
    world.write(".gitattributes", "*.turned filter=turn\n*.crlf text eol=crlf\n")
    world.write("a.turned", "hello\n")
    world.write("b.turned", "there\n")
    world.write("a.crlf", b"one\r\ntwo\r\n")
    world.write("na\nme.turned", "hello\n")
    world.commit("Converted")
    world.baton("init", "--agent", "claude-code", check=True)
    return world


def test_restore_from_a_commit_is_what_a_checkout_writes(world):
    before = texts(world)
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo more >> a.turned; printf 'three\\r\\n' >> a.crlf; rm src/a.txt *me.turned")
    session.stop()
    answer = world.json("restore", ".", "--source", "git:HEAD", "--dry-run")
    assert {each["path"] for each in answer["files"]} == {
        "a.turned", "a.crlf", "src/a.txt", "na\nme.turned"}
    act(world, "restore", ".", "--source", "git:HEAD")
    assert texts(world) == before
    assert git(world.repo, "status", "--short", "--untracked-files=no") == ""
    assert "nothing to do" in act(world, "restore", ".", "--source", "git:HEAD").out


def test_rewind_to_bytes_on_the_disk(world):
    before = texts(world)
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo more >> a.turned; rm a.crlf b.turned; printf 'lf\\n' > c.crlf")
    session.stop()
    after = texts(world)
    act(world, "rewind", "@start")
    assert texts(world) == before
    act(world, "undo")
    assert texts(world) == after


def test_fork_to_bytes_on_the_disk(world):
    """Also where they are those of the commit and a checkout would write others."""
    world.write("lf.crlf", "as stored\n")
    git(world.repo, "add", "lf.crlf")
    git(world.repo, "commit", "-qm", "With its own line ends")
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo more >> a.turned")
    session.stop()
    folder = world.base / "forked"
    act(world, "fork", f"{FIRST}.1", "--worktree", str(folder))
    for name in ("a.turned", "b.turned", "a.crlf", "lf.crlf"):
        assert (folder / name).read_bytes() == world.read(name), name
    assert git(folder, "status", "--short") == " M a.turned\n"
