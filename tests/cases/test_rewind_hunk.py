"""Taking back single hunks of what a step, turn or session did."""
import os

import pytest
from support.scratch import Scratch

SESSION = "11111111-2222-4333-8444-555555555555"
TEXT = "".join(f"line {i}\n" for i in range(1, 41))


@pytest.fixture
def world(tmp_path):
    world = Scratch(tmp_path)
    world.write("a.txt", TEXT)
    world.write("b.txt", TEXT)
    world.write("gone.txt", "to go\n")
    world.commit("Files")
    session = world.claude(SESSION).start().prompt("go")
    session.bash("sed -i -e 's/^line 2$/LINE 2/' -e 's/^line 20$/LINE 20/' -e '38,39d' a.txt;"
                 "sed -i 's/^line 5$/LINE 5/' b.txt; rm gone.txt; printf '\\0\\1' > bin")
    session.stop()
    world.session = session
    return world


def with_lines(**changes):
    lines = [f"line {i}" for i in range(1, 41)]
    for key, to in changes.items():
        lines[int(key[1:]) - 1] = to
    return "".join(line + "\n" for line in lines if line is not None)


def act(world, *words, status=0):
    done = world.baton(*words)
    assert done.returncode == status, (words, done.out, done.err)
    return done


def test_a_dry_run_numbers_them(world):
    hunks = world.json("rewind", "--step", f"{SESSION}.1", "--dry-run")["hunks"]
    assert [(h["number"], h["path"], h.get("line")) for h in hunks] == [
        (1, "a.txt", 2), (2, "a.txt", 20), (3, "a.txt", 38), (4, "b.txt", 5), (5, "bin", None),
        (6, "gone.txt", None)]
    assert hunks[0]["removed"] == ["line 2"] and hunks[0]["added"] == ["LINE 2"]
    assert hunks[2]["removed"] == ["line 38", "line 39"] and hunks[2]["added"] == []
    text = act(world, "rewind", "--step", f"{SESSION}.1", "--dry-run").out
    assert "\n  2  a.txt:20\n    -line 20\n    +LINE 20\n" in text
    assert "\n  6  gone.txt as a whole\n" in text


@pytest.mark.parametrize("numbers, a, b, others", [
    (["2"], with_lines(_2="LINE 2", _38=None, _39=None), with_lines(_5="LINE 5"), ["bin"]),
    (["1,3"], with_lines(_20="LINE 20"), with_lines(_5="LINE 5"), ["bin"]),
    (["1-2", "4"], with_lines(_38=None, _39=None), TEXT, ["bin"]),
    (["1-3"], TEXT, with_lines(_5="LINE 5"), ["bin"]),
    (["5,6"], with_lines(_2="LINE 2", _20="LINE 20", _38=None, _39=None), with_lines(_5="LINE 5"),
     ["gone.txt"]),
])
def test_only_these(world, numbers, a, b, others):
    words = [word for number in numbers for word in ("--hunk", number)]
    done = act(world, "rewind", "--step", f"{SESSION}.1", *words)
    assert world.read("a.txt").decode() == a
    assert world.read("b.txt").decode() == b
    assert sorted(name for name in ("bin", "gone.txt") if (world.repo / name).exists()) == others
    assert "hunk " in done.out
    act(world, "undo")
    assert world.read("a.txt").decode() == with_lines(_2="LINE 2", _20="LINE 20", _38=None,
                                                      _39=None)
    assert world.read("bin") == b"\0\1" and not (world.repo / "gone.txt").exists()


def test_one_file_of_the_step(world):
    hunks = world.json("rewind", "--step", f"{SESSION}.1:b.txt", "--dry-run")["hunks"]
    assert [(h["number"], h["path"]) for h in hunks] == [(1, "b.txt")]
    act(world, "rewind", "--step", f"{SESSION}.1:a.txt", "--hunk", "3")
    assert world.read("a.txt").decode() == with_lines(_2="LINE 2", _20="LINE 20")


def test_what_came_after_stays(world):
    world.write("a.txt", world.read("a.txt").decode().replace("line 10\n", "mine\n"))
    act(world, "rewind", "--step", f"{SESSION}.1", "--hunk", "1")
    assert world.read("a.txt").decode() == with_lines(_10="mine", _20="LINE 20", _38=None, _39=None)


def test_a_conflict_in_another_hunk_does_not_matter(world):
    mine = world.read("a.txt").decode().replace("LINE 20\n", "mine\n")
    world.write("a.txt", mine)
    act(world, "rewind", "--step", f"{SESSION}.1", "--hunk", "2", status=1)
    assert world.read("a.txt").decode() == mine
    act(world, "rewind", "--step", f"{SESSION}.1", "--hunk", "1")
    assert world.read("a.txt").decode() == with_lines(_20="mine", _38=None, _39=None)


def test_a_mode_stays_if_lines_are_taken_back(world):
    session = world.session
    session.prompt("more")
    session.bash("chmod +x b.txt; sed -i -e 's/^line 20$/LINE 20/' -e 's/^line 30$/LINE 30/' b.txt")
    session.stop()
    hunks = world.json("rewind", "--turn", f"{SESSION}:2", "--dry-run")["hunks"]
    assert [(h["path"], h["line"]) for h in hunks] == [("b.txt", 20), ("b.txt", 30)]
    act(world, "rewind", "--turn", f"{SESSION}:2", "--hunk", "1")
    assert world.read("b.txt").decode() == with_lines(_5="LINE 5", _30="LINE 30")
    assert os.access(world.repo / "b.txt", os.X_OK)


def test_of_a_session(world):
    session = world.session
    session.prompt("more")
    session.edit("b.txt", "line 30\n", "LINE 30\n")
    session.stop()
    act(world, "rewind", "--session", SESSION, "--hunk", "4")
    assert world.read("b.txt").decode() == with_lines(_30="LINE 30")


@pytest.mark.parametrize("words, status, says", [
    (["--step", f"{SESSION}.1", "--hunk", "7"], 3, "no hunk 7"),
    (["--step", f"{SESSION}.1", "--hunk", "0"], 2, "names no hunks"),
    (["--step", f"{SESSION}.1", "--hunk", "3-1"], 2, "names no hunks"),
    (["--step", f"{SESSION}.1", "--hunk", "1-2-3"], 2, "names no hunks"),
    (["--step", f"{SESSION}.1", "--hunk", "1-99999999999"], 2, "names no hunks"),
    ([f"{SESSION}.1", "--hunk", "1"], 2, "--hunk goes with"),
])
def test_slips(world, words, status, says):
    before = world.read("a.txt")
    done = act(world, "rewind", *words, status=status)
    assert says in done.err
    assert world.read("a.txt") == before
