"""Going back where files change their shape: folders and files in each other's place, case, modes, and
what cannot be read or written."""
import json
import os
import stat
import time

import pytest
from support.rewinding import FIRST, TEXT, act, changed, entries, give_away, texts, work_tree
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


# --- what must not be written or cannot be read; root ignores modes, so somebody else goes back

def edited(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.bash("echo agent > src/b.txt; echo new > src/new.txt; mkdir -p src/deep; echo in > src/deep/in.txt;"
                 "rm run.sh")
    session.stop()
    return texts(world)


def refused(world, run, *words, why):
    """Nothing changed, and the reason said; afterwards there is nothing left to finish."""
    before, modes = texts(world), entries(world)
    done = run("rewind", *words, status=1)
    assert why in done.out + done.err, (done.out, done.err)
    assert (texts(world), entries(world)) == (before, modes)
    assert run("status").err == ""
    assert (texts(world), entries(world)) == (before, modes)


def test_b12_a_read_only_file(world):
    """Its folder may be written: it is replaced, and stays read-only."""
    edited(world)
    run = give_away(world)
    os.chmod(world.repo / "src/a.txt", 0o444)
    run("rewind", "@start")
    assert world.read("src/a.txt").decode() == TEXT
    assert entries(world)["src/a.txt"] == 0o444


@pytest.mark.parametrize("folder", ["src", "src/deep", "."])
def test_b12_a_read_only_folder(world, folder):
    edited(world)
    run = give_away(world)
    os.chmod(world.repo / folder, 0o555)
    refused(world, run, "@start", why="read-only")
    os.chmod(world.repo / folder, 0o755)
    run("rewind", "@start")
    assert world.read("src/a.txt").decode() == TEXT and not (world.repo / "src/deep").exists()


def test_b12_every_file_of_a_read_only_folder_is_told(world):
    edited(world)
    run = give_away(world)
    os.chmod(world.repo / "src", 0o555)
    answer = run("rewind", "@start", "--json", status=1)
    assert {each["path"] for each in json.loads(answer.out)["obstacles"]} == {
        "src/a.txt", "src/b.txt", "src/new.txt"}


def test_b12_a_folder_to_be_made_in_a_read_only_one(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("rm -r src")
    session.stop()
    run = give_away(world)
    os.chmod(world.repo, 0o555)
    refused(world, run, "@start", why="read-only")


def test_b12_an_unreadable_file(world):
    """It cannot be known what it holds, so it stays as it is, and that is told."""
    edited(world)
    run = give_away(world)
    os.chmod(world.repo / "src/a.txt", 0o000)
    done = run("rewind", "@start", "--force")
    assert "src/a.txt" in done.out and "unreadable" in done.out
    assert world.read("src/a.txt").decode() == changed(TEXT, 2, "agent")
    assert entries(world)["src/a.txt"] == 0
    assert world.read("src/b.txt").decode() == TEXT


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
def test_b12_a_folder_that_cannot_be_looked_into(world, mode):
    edited(world)
    run = give_away(world)
    os.chmod(world.repo / "src", mode)
    before, modes = texts(world), entries(world)
    for words in ("rewind", "@start"), ("rewind", "@start", "--force"):
        done = world.baton(*words, confined=run.become, binary=run.binary)
        assert done.returncode in (0, 1), (done.out, done.err)
        assert done.returncode == 0 or "in the way" in done.out
        now = texts(world)
        assert {p: c for p, c in now.items() if p.startswith("src/")} == {
            p: c for p, c in before.items() if p.startswith("src/")}
        assert entries(world)["src"] == modes["src"]
        if done.returncode == 1:
            assert now == before
    os.chmod(world.repo / "src", 0o755)
    run("rewind", "@start", "--force")
    assert world.read("src/a.txt").decode() == TEXT and (world.repo / "run.sh").exists()
    run("undo")


def test_b12_another_users_file_in_a_sticky_folder(world):
    """The folder may be written, and the file may not be moved: what was done by then is taken back."""
    edited(world)
    run = give_away(world)
    os.chown(world.repo / "src", 0, 0)
    os.chmod(world.repo / "src", 0o1777)
    os.chown(world.repo / "src/b.txt", 0, 0)
    before, modes = texts(world), entries(world)
    done = world.baton("rewind", "@start", confined=run.become, binary=run.binary)
    assert done.returncode in (1, 4), (done.out, done.err)
    assert "src/b.txt" in done.out + done.err
    assert (texts(world), entries(world)) == (before, modes)
    assert run("status").err == ""
    assert (texts(world), entries(world)) == (before, modes)


# --- neighbours

def test_b12_a_folder_whose_name_changes_its_case(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("git mv src SRC 2>/dev/null || mv src SRC; mv SRC/a.txt SRC/A.txt")
    session.stop()
    last = texts(world)
    act(world, "rewind", "@start")
    assert world.read("src/a.txt").decode() == TEXT and not (world.repo / "SRC").exists()
    act(world, "undo")
    assert texts(world) == last and not (world.repo / "src").exists()


def test_b12_a_link_in_a_folders_place_is_not_followed(world):
    """What lies behind it is not the worktree's."""
    elsewhere = world.base / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.txt").write_text("not to be touched\n")
    session = world.claude(FIRST).start().prompt("go")
    session.bash(f"mv src moved; ln -s {elsewhere} src")
    session.stop()
    act(world, "rewind", "@start")
    assert world.read("src/a.txt").decode() == TEXT and not (world.repo / "src").is_symlink()
    assert (elsewhere / "a.txt").read_text() == "not to be touched\n"
    act(world, "undo")
    assert (world.repo / "src").is_symlink()
    assert [path.name for path in elsewhere.iterdir()] == ["a.txt"]


def test_b12_a_link_to_the_folder_itself(world):
    """The paths lead to the same files as before, and are gone all the same."""
    session = world.claude(FIRST).start().prompt("go")
    session.bash("mv src moved; ln -s moved src")
    session.stop()
    files = {f["path"]: f["what"] for f in world.json("diff", "--stat", f"{FIRST}.1^", f"{FIRST}.1")["files"]}
    assert files == {"src": "added", "src/a.txt": "removed", "src/b.txt": "removed",
                     "moved/a.txt": "added", "moved/b.txt": "added"}
    act(world, "rewind", "@start")
    assert world.read("src/a.txt").decode() == TEXT and not (world.repo / "moved").exists()
    act(world, "undo")
    assert os.readlink(world.repo / "src") == "moved" and world.read("moved/a.txt").decode() == TEXT


def test_b12_a_link_that_is_not_recorded_in_a_folders_place(world):
    elsewhere = world.base / "elsewhere"
    elsewhere.mkdir()
    session = world.claude(FIRST).start().prompt("go")
    session.bash("true")
    session.bash("mkdir out; echo in > out/in.txt")
    session.bash(f"rm -r out; echo out >> .gitignore; ln -s {elsewhere} out")
    session.stop()
    before = texts(world)
    done = act(world, "rewind", f"{FIRST}.2", "--force", status=1)
    assert "'out' is in the way" in done.out
    assert texts(world) == before and not list(elsewhere.iterdir())


@pytest.mark.parametrize("name", ["-dash", "new\nline", "tab\there", "quote\"'", "n" * 250, "back\\slash", " "])
def test_b12_names(world, name):
    session = world.claude(FIRST).start().prompt("go")
    world.write(name, "a person's\n")
    session.bash("true")
    os.rename(world.repo / name, world.repo / "src/there")
    session.bash("true")
    session.stop()
    shown = name.replace("\n", "^J").replace("\t", "^I")
    lines = act(world, "rewind", f"{FIRST}.1", "--force", "--dry-run").out.splitlines()
    assert any(line.startswith(f" {shown}") and " | " in line for line in lines)
    act(world, "rewind", f"{FIRST}.1", "--force")
    assert world.read(name) == b"a person's\n" and not (world.repo / "src/there").exists()
    act(world, "undo")
    assert world.read("src/there") == b"a person's\n" and not (world.repo / name).exists()


def test_b12_bytes_that_are_no_utf8(world):
    name = os.fsencode(world.repo) + b"/caf\xe9"
    session = world.claude(FIRST).start().prompt("go")
    with open(name, "wb") as file:
        file.write(b"latin\n")
    session.bash("true")
    os.unlink(name)
    session.bash("true")
    session.stop()
    act(world, "rewind", f"{FIRST}.1", "--force")
    with open(name, "rb") as file:
        assert file.read() == b"latin\n"


def test_b12_something_else_where_a_file_was(world):
    """A FIFO is left as it is; a folder that holds nothing makes room."""
    session = world.claude(FIRST).start().prompt("go")
    session.bash("rm run.sh src/a.txt; mkfifo run.sh; mkdir -p src/a.txt/empty/deep")
    session.stop()
    done = act(world, "rewind", "@start")
    assert "run.sh" in done.out and "fifo" in done.out
    assert world.read("src/a.txt").decode() == TEXT
    assert stat.S_ISFIFO(os.lstat(world.repo / "run.sh").st_mode)
