"""Going back where files change their shape: folders and files in each other's place, case, modes, and
what cannot be read or written."""
import os
import stat
import time

import pytest
from support.rewinding import TEXT, FIRST, act, texts, work_tree
from support.scratch import git

TICKS = 0.03  # behind it, files' times tell the order


@pytest.fixture
def world(tmp_path):
    return work_tree(tmp_path)


def test_b12_folders_files_and_case(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("git mv run.sh Run.sh; rm -r src; echo file > src; mkdir folder; echo x > folder/x")
    session.bash("rm src; mkdir src; echo y > src/y; rm -r folder; ln -s src folder")
    session.stop()
    last = texts(world)
    act(world, "rewind", f"{FIRST}.1")
    found = texts(world)
    assert found["src"] == b"file\n" and found["folder/x"] == b"x\n" and "Run.sh" in found
    act(world, "rewind", "@start")
    assert world.read("src/a.txt").decode() == TEXT and (world.repo / "run.sh").exists()
    assert not (world.repo / "Run.sh").exists() and not (world.repo / "folder").exists()
    act(world, "rewind", f"{FIRST}:1")
    assert texts(world) == last


def test_b12_permissions_are_kept(world):
    os.chmod(world.repo / "src/a.txt", 0o600)
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.stop()
    act(world, "rewind", "@start")
    assert stat.S_IMODE(os.stat(world.repo / "src/a.txt").st_mode) == 0o600


# --- no file lies below another: what a file tool did not see going was gone

def test_a_file_where_a_folder_was(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("mkdir shape; echo in > shape/in.txt; mkdir shape/deep; echo in > shape/deep/in.txt")
    (world.repo / "shape/in.txt").unlink()
    (world.repo / "shape/deep/in.txt").unlink()
    (world.repo / "shape/deep").rmdir()
    (world.repo / "shape").rmdir()
    session.write("shape", "a file\n")
    then = texts(world)
    session.bash("rm shape; echo more > more.txt")
    session.stop()
    state = world.json("diff", "--stat", f"{FIRST}.1", f"{FIRST}.2")["files"]
    assert [(f["path"], f["what"]) for f in state] == [
        ("shape", "added"), ("shape/deep/in.txt", "removed"), ("shape/in.txt", "removed")]
    assert "was not there" in world.baton("cat", f"{FIRST}.2:shape/in.txt").err
    act(world, "rewind", f"{FIRST}.2")
    assert texts(world) == then
    world.baton("export", f"{FIRST}.2", "--to", str(world.base / "then"), check=True)
    assert (world.base / "then/shape").read_text() == "a file\n"


def test_a_folder_where_a_file_was(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo a file > shape")
    (world.repo / "shape").unlink()
    session.write("shape/deep/in.txt", "in a folder\n")
    then = texts(world)
    session.bash("rm -r shape")
    session.stop()
    act(world, "rewind", f"{FIRST}.2")
    assert texts(world) == then
    assert [f["path"] for f in world.json("diff", "--stat", f"{FIRST}.1", f"{FIRST}.2")["files"]] == [
        "shape", "shape/deep/in.txt"]


def test_a_persons_file_where_a_folder_was(world):
    """Saved before a tool looked elsewhere, seen after it."""
    session = world.claude(FIRST).start().prompt("go")
    session.bash("mkdir shape; echo in > shape/in.txt")
    (world.repo / "shape/in.txt").unlink()
    (world.repo / "shape").rmdir()
    world.write("shape", "a person's\n")
    time.sleep(TICKS)
    session.edit("src/a.txt", "line 2\n", "LINE 2\n")
    then = texts(world)
    session.bash("rm shape")
    session.stop()
    act(world, "rewind", f"{FIRST}.2")
    assert texts(world) == then
