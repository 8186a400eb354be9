"""Going back, as its user sees it: all files, some, or what one session, turn or step did."""
import datetime
import json
import os
import resource
import signal
import subprocess
import time

import pytest
from support.rewinding import FIRST, SECOND, TEXT, act, changed, texts, work_tree
from support.scratch import git


@pytest.fixture
def world(tmp_path):
    return work_tree(tmp_path)


# --- all files

def test_b1_shell_changes_modes_and_links(world):
    before = texts(world)
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "LINE 2\n")
    session.bash("rm src/b.txt; chmod +x run.sh; ln -s src/a.txt link; mkdir -p new/deep;"
                 "echo x > new/deep/x; mv run.sh moved.sh")
    session.stop()
    after = texts(world)
    answer = world.json("rewind", f"{FIRST}:1^", "--dry-run")
    assert texts(world) == after
    assert not answer["done"] and answer["dry_run"]
    assert {f["path"] for f in answer["files"]} == {"src/a.txt", "src/b.txt", "run.sh", "moved.sh",
                                                    "link", "new/deep/x"}
    assert {"path": ".env", "reason": "withheld"} in answer["left"]
    done = act(world, "rewind", f"{FIRST}:1^")
    assert done.out.index("left as they are") < done.out.index("rewind to the files"), "beforehand"
    assert texts(world) == before
    assert not (world.repo / "new").exists()
    assert not os.stat(world.repo / "run.sh").st_mode & 0o100
    act(world, "rewind", f"{FIRST}.1")
    assert world.read("src/a.txt").decode() == changed(TEXT, 2, "LINE 2")
    assert world.read("src/b.txt").decode() == TEXT
    act(world, "rewind", f"{FIRST}.2")
    assert texts(world) == after
    assert os.stat(world.repo / "moved.sh").st_mode & 0o100


def test_b2_ignored_files_stay_whatever_the_rules_were(world):
    """The agent changes the ignore file: what was ignored before is not its to remove."""
    session = world.claude(FIRST).start().prompt("go")
    session.bash("printf '*.tmp\\n' > .gitignore; echo made > made.txt; touch kept.log;"
                 "touch node_modules/m/index.js")
    session.bash("echo t > now.tmp")
    session.stop()
    act(world, "rewind", "@start", "--force")
    found = texts(world)
    assert found["kept.log"] == b"ignored\n"
    assert found["node_modules/m/index.js"] == b"installed\n"
    assert found["now.tmp"] == b"t\n", "ignored when it was made"
    assert found[".env"] == b"TOKEN=abcdefghijklmnop\n"
    assert "made.txt" not in found and found[".gitignore"] == b"*.log\nnode_modules/\n"


def test_b2_an_unrecorded_file_in_the_way(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("rm -r src; printf 'src\\n' >> .gitignore; echo mine > src")
    session.stop()
    before = texts(world)
    done = act(world, "rewind", "@start", "--force", status=1)
    assert "in the way" in done.out and "nothing was changed" in done.err
    assert texts(world) == before


def test_work_that_no_step_owns(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "LINE 2\n")
    session.stop()
    world.write("src/a.txt", changed(changed(TEXT, 2, "LINE 2"), 9, "a person's"))
    world.write("mine.txt", "a person's file\n")
    before = texts(world)
    answer = world.json("rewind", "@start", check=False)
    assert {each["path"] for each in answer["unowned"]} == {"src/a.txt", "mine.txt"}
    assert "nothing was changed" in answer["refused"] and texts(world) == before
    done = act(world, "rewind", "@start", status=1)
    assert "mine.txt" in done.out and "--force" in done.err and texts(world) == before
    act(world, "rewind", "@start", "--", "src/b.txt")
    act(world, "rewind", "@start", "--force")
    assert world.read("src/a.txt").decode() == TEXT and not (world.repo / "mine.txt").exists()
    act(world, "undo")
    assert texts(world) == before


def test_work_that_is_not_there_any_more_does_not_count(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "LINE 2\n")
    session.stop()
    text = world.read("src/a.txt")
    world.write("src/a.txt", changed(TEXT, 9, "a person's"))
    world.baton("diff", check=True)
    world.write("src/a.txt", text)
    act(world, "rewind", "@start")
    assert world.read("src/a.txt").decode() == TEXT


def test_what_a_person_saved_during_a_turn_stays_with_its_moment(world):
    session = world.claude(FIRST).start().prompt("go")
    world.write("mine.txt", "saved before the step\n")
    subprocess.run(["sleep", "0.03"], check=True)
    session.edit("src/a.txt", "line 2\n", "LINE 2\n")
    session.edit("src/a.txt", "line 3\n", "LINE 3\n")
    session.stop()
    act(world, "rewind", f"{FIRST}.1")
    assert world.read("src/a.txt").decode() == changed(TEXT, 2, "LINE 2")
    assert world.read("mine.txt") == b"saved before the step\n"


# --- some

def two_sessions(world):
    """Both work in one file and in one of their own."""
    first = world.claude(FIRST).start().prompt("first")
    second = world.claude(SECOND).start().prompt("second")
    first.edit("src/a.txt", "line 2\n", "first\n")
    second.edit("src/a.txt", "line 12\n", "second\n")
    first.bash("echo first > first.txt")
    second.bash("echo second > second.txt")
    first.stop()
    second.stop()


def test_a_mode_that_a_person_changed_during_a_turn_stays_with_its_moment(world):
    """What the tool wrote is the tool's, its mode is not."""
    session = world.claude().start().prompt("P1")
    session.write("run.sh", "echo\n")
    time.sleep(0.1)
    (world.repo / "run.sh").chmod(0o755)
    time.sleep(0.1)
    session.write("other.txt", "other\n")
    session.stop()
    assert world.json("rewind", f"{session.session}.2", "--dry-run")["files"] == []
    assert world.baton("rewind", f"{session.session}.1", "--force").returncode == 0
    assert not (world.repo / "run.sh").stat().st_mode & 0o100


def test_b6_one_of_two_sessions(world):
    two_sessions(world)
    act(world, "rewind", "--session", FIRST)
    assert world.read("src/a.txt").decode() == changed(TEXT, 12, "second")
    assert not (world.repo / "first.txt").exists() and world.read("second.txt") == b"second\n"
    act(world, "undo")
    assert world.read("first.txt") == b"first\n"


def test_b3_a_persons_edits_stay(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.edit("src/b.txt", "line 2\n", "agent\n")
    session.stop()
    mine = changed(changed(TEXT, 2, "agent"), 15, "mine")
    world.write("src/a.txt", mine)
    act(world, "rewind", "--session", FIRST)
    assert world.read("src/a.txt").decode() == changed(TEXT, 15, "mine")
    assert world.read("src/b.txt").decode() == TEXT


def test_b3_the_same_lines(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.edit("src/b.txt", "line 2\n", "agent\n")
    session.stop()
    world.write("src/a.txt", changed(TEXT, 2, "agent, and mine"))
    before = texts(world)
    answer = world.json("rewind", "--session", FIRST, check=False)
    (conflict,) = answer["conflicts"]
    assert conflict["path"] == "src/a.txt"
    assert conflict["hunks"] == [{"line": 2, "now": ["agent, and mine"], "taken_back": ["agent"],
                                  "before": ["line 2"]}]
    assert conflict["since"][0]["owner"]["kind"] == "outside"
    assert texts(world) == before, "nothing half done"
    done = act(world, "rewind", "--session", FIRST, status=1)
    assert "--merge" in done.err and "line 2" in done.out and texts(world) == before
    act(world, "rewind", "--session", FIRST, "--merge")
    expected = changed(TEXT, 2, "<<<<<<< now\nagent, and mine\n=======\nline 2\n>>>>>>> taken back")
    assert world.read("src/a.txt").decode() == expected
    assert world.read("src/b.txt").decode() == TEXT
    act(world, "undo")
    assert texts(world) == before


def test_b3_a_file_that_it_made_or_removed(world):
    """There is nothing that both have in common: both sides as a whole."""
    session = world.claude(FIRST).start().prompt("go")
    session.bash("rm run.sh; echo made > made.txt; ln -s a link")
    session.stop()
    world.write("made.txt", "made\nmine\n")
    world.write("run.sh", "#!/bin/mine\n")
    before = texts(world)
    done = act(world, "rewind", "--session", FIRST, status=1)
    assert "made by what is to be taken back" in done.out and "made again since" in done.out
    assert "--merge" in done.err and texts(world) == before
    act(world, "rewind", "--session", FIRST, "--merge")
    assert world.read("made.txt") == b"<<<<<<< now\nmade\nmine\n=======\n>>>>>>> taken back\n"
    assert world.read("run.sh") == b"<<<<<<< now\n#!/bin/mine\n=======\n#!/bin/sh\n>>>>>>> taken back\n"
    assert not os.path.lexists(world.repo / "link")
    act(world, "undo")
    assert texts(world) == before
    (world.repo / "link").unlink()
    (world.repo / "link").symlink_to("b")
    done = act(world, "rewind", "--session", FIRST, "--", "link", status=1)
    assert "--merge" not in done.err and "':!PATH'" in done.err, "a link holds no markers"


def test_b7_one_prompt_one_step_one_file(world):
    session = world.claude(FIRST).start().prompt("one")
    session.edit("src/a.txt", "line 2\n", "one\n")
    session.bash("sed -i 's/^line 5$/one/' src/a.txt src/b.txt")
    session.stop()
    session.prompt("two")
    session.edit("src/a.txt", "line 15\n", "two\n")
    session.stop()
    act(world, "rewind", "--step", f"{FIRST}.2:src/b.txt")
    assert world.read("src/b.txt").decode() == TEXT
    assert world.read("src/a.txt").decode() == changed(
        changed(changed(TEXT, 2, "one"), 5, "one"), 15, "two")
    act(world, "rewind", "--step", f"{FIRST}.2", "--paths", "src/a.txt")
    assert world.read("src/a.txt").decode() == changed(changed(TEXT, 2, "one"), 15, "two")
    act(world, "rewind", "--turn", f"{FIRST}:1")
    assert world.read("src/a.txt").decode() == changed(TEXT, 15, "two")
    assert world.baton("rewind", "--turn", f"{FIRST}:1").out.startswith(("left", "nothing to do"))


# --- undo

def test_b4_undo_and_again(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("rm -r src; echo new > new.txt; chmod +x run.sh; ln -s nowhere link")
    session.stop()
    before = texts(world)
    act(world, "rewind", "@start")
    rewound = texts(world)
    for expected in [before, rewound, before]:
        act(world, "undo")
        assert texts(world) == expected
    act(world, "redo")
    assert texts(world) == rewound
    act(world, "redo", status=1)
    act(world, "undo")
    assert texts(world) == before


def test_undo_keeps_what_came_since(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.edit("src/b.txt", "line 2\n", "agent\n")
    session.stop()
    act(world, "rewind", "@start")
    world.write("src/a.txt", changed(TEXT, 15, "mine"))
    act(world, "undo")
    assert world.read("src/a.txt").decode() == changed(changed(TEXT, 2, "agent"), 15, "mine")
    act(world, "undo")
    world.write("src/b.txt", changed(TEXT, 2, "mine"))
    done = act(world, "undo", status=1)
    assert "--force" in done.err
    act(world, "undo", "--force")
    assert world.read("src/b.txt").decode() == changed(TEXT, 2, "agent")


def test_an_older_rewind_by_name(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.edit("src/b.txt", "line 2\n", "agent\n")
    session.stop()
    act(world, "rewind", "@start", "--", "src/a.txt")
    act(world, "rewind", "@start", "--", "src/b.txt")
    act(world, "undo", "rewind-1")
    assert world.read("src/a.txt").decode() == changed(TEXT, 2, "agent")
    assert world.read("src/b.txt").decode() == TEXT
    act(world, "undo", "rewind-9", status=3)


# --- what is git's

def test_b8_index_and_operations_stay(world):
    git(world.repo, "checkout", "-q", "-b", "side")
    world.write("src/b.txt", changed(TEXT, 7, "side"))
    world.commit("Side")
    git(world.repo, "checkout", "-q", "main")
    world.write("src/b.txt", changed(TEXT, 7, "main"))
    world.commit("Main")
    session = world.claude(FIRST).start().prompt("go")
    git(world.repo, "merge", "side", check=False)
    session.edit("src/a.txt", "line 2\n", "agent\n")
    git(world.repo, "add", "src/a.txt")
    assert (world.repo / ".git/MERGE_HEAD").exists()
    session.stop()
    index = (world.repo / ".git/index").read_bytes()
    act(world, "rewind", "--session", FIRST)
    assert world.read("src/a.txt").decode() == TEXT
    assert (world.repo / ".git/index").read_bytes() == index
    assert (world.repo / ".git/MERGE_HEAD").exists()
    assert "<<<<<<<" in world.read("src/b.txt").decode()


def test_index_comes_along_if_asked(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo staged > src/a.txt; echo new > new.txt; git add -A")
    session.stop()
    staged = git(world.repo, "ls-files", "-s")
    act(world, "rewind", "@start", "--index")
    assert git(world.repo, "diff", "--cached", "--name-only").split() == [".env"]
    assert git(world.repo, "status", "--short") == "A  .env\n"
    act(world, "undo")
    assert git(world.repo, "ls-files", "-s") == staged


def test_the_index_of_what_an_undo_leaves_alone_stays(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo staged > src/a.txt; echo staged > src/b.txt; git add -A")
    session.stop()
    act(world, "rewind", "@start", "--index")
    act(world, "undo", "--", "src/a.txt")
    assert git(world.repo, "diff", "--cached", "--name-only").split() == [".env", "src/a.txt"]


def test_the_index_of_a_conflict_stays(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.edit("src/b.txt", "line 2\n", "agent\n")
    session.stop()
    world.write("src/a.txt", changed(TEXT, 2, "mine"))
    git(world.repo, "add", "-A")
    staged = git(world.repo, "ls-files", "-s")
    act(world, "rewind", "--session", FIRST, "--merge", "--index")
    assert git(world.repo, "diff", "--name-only").split() == ["src/a.txt"]
    act(world, "undo")
    assert git(world.repo, "ls-files", "-s") == staged and git(world.repo, "diff", "--name-only") == ""


def test_a_locked_index_is_no_half_rewind(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo staged > src/a.txt; git add -A")
    session.stop()
    before, lock = texts(world), world.repo / ".git/index.lock"
    lock.touch()
    done = act(world, "rewind", "@start", "--index", status=1)
    assert "git's index is locked; nothing was changed" in done.err and str(lock) in done.err
    assert texts(world) == before
    act(world, "rewind", "@start")
    lock.unlink()


def test_b11_commits_that_are_gone(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo precious > src/a.txt; git add -A; git commit -qm work")
    session.stop()
    session.prompt("again")
    session.bash("echo other > src/a.txt; git commit -qa --amend -m other")
    session.bash("git rm -q src/b.txt; git commit -q --amend -m less")
    session.stop()
    world.sh("git reflog expire --expire=now --all; git gc -q --prune=now")
    act(world, "rewind", f"{FIRST}:1")
    assert world.read("src/a.txt") == b"precious\n"
    assert world.read("src/b.txt").decode() == TEXT


# --- what --force covers

def running_command(world):
    """Another session's command that has not ended."""
    other = world.claude(SECOND).start().prompt("long")
    other.before("Bash", {"command": "make everything", "description": "Run it"})


@pytest.mark.parametrize("words", [["rewind", f"{FIRST}:1^"], ["rewind", "--session", FIRST],
                                   ["rewind", "--turn", f"{FIRST}:1"], ["rewind", "--step", f"{FIRST}.1"],
                                   ["restore", "src/a.txt"], ["undo"]])
def test_force_goes_on_over_commands_that_run(world, words):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.stop()
    if words == ["undo"]:
        act(world, "rewind", "@start")
    running_command(world)
    before = texts(world)
    assert "a command is still running" in act(world, *words, status=1).err and texts(world) == before
    act(world, *words, "--force")
    assert texts(world) != before
    act(world, "undo", "--force")
    assert texts(world) == before


@pytest.mark.parametrize("words", [["--session", FIRST], ["--turn", f"{FIRST}:1"], ["--step", f"{FIRST}.1"]])
def test_force_decides_no_conflict(world, words):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.stop()
    world.write("src/a.txt", changed(TEXT, 2, "mine"))
    before = texts(world)
    assert "the same lines were changed since" in act(world, "rewind", *words, "--force", status=1).err
    assert texts(world) == before


def test_force_takes_an_undo_back_over_whatever_came(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.stop()
    act(world, "rewind", "@start")
    act(world, "undo")
    world.write("src/a.txt", changed(TEXT, 2, "mine"))
    mine = texts(world)
    act(world, "redo", status=1)
    act(world, "redo", "--force")
    assert world.read("src/a.txt").decode() == TEXT
    act(world, "undo")
    assert texts(world) == mine, "what force took comes back"


# --- restore

@pytest.mark.parametrize("command", ["git checkout -- .", "git clean -fdq", "rm -rf src new.txt",
                                     "git stash -uq", "git reset -q --hard"])
def test_b13_restore_what_a_command_destroyed(world, command):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.write("new.txt", "new\n")
    session.stop()
    session.prompt("clean up")
    before = texts(world)
    session.bash(command)
    session.stop()
    assert texts(world) != before
    act(world, "restore", ".")
    lost = {k: v for k, v in before.items() if k != ".env"}
    found = texts(world)
    assert {k: found.get(k) for k in lost} == lost


def test_b13_without_any_session(world):
    session = world.claude(FIRST).start().prompt("go")
    session.write("new.txt", "new\n")
    session.stop()
    (world.repo / "new.txt").unlink()
    act(world, "restore", "new.txt", "--dry-run")
    assert not (world.repo / "new.txt").exists()
    act(world, "restore", "new.txt")
    assert world.read("new.txt") == b"new\n"
    act(world, "restore", "new.txt", status=1)


def test_restore_of_what_never_was(world):
    world.claude(FIRST).start().prompt("go").stop()
    done = act(world, "restore", "never.txt", status=3)
    assert done.err.startswith("baton: no file 'never.txt' was ever recorded in this worktree\nhint: ")
    assert "baton search --kind path" in done.err and "baton status" in done.err
    assert "no file 'never'" in act(world, "restore", "never", "-C", str(world.repo / "src"), status=3).err
    act(world, "restore", "kept.log", status=3)
    act(world, "restore", "never.txt", "nor.txt", status=3)
    for known in ("README.md", "src", "README.md never.txt"):
        assert "nothing is lost there" in act(world, "restore", *known.split(), status=1).err, known


def test_restore_from_a_moment(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.edit("src/a.txt", "line 3\n", "agent\n")
    session.stop()
    act(world, "restore", "src/a.txt", "--source", f"{FIRST}.1")
    assert world.read("src/a.txt").decode() == changed(TEXT, 2, "agent")
    act(world, "restore", "a.txt", "--source", "git:HEAD", "-C", str(world.repo / "src"))
    assert world.read("src/a.txt").decode() == TEXT
    # Absolute paths are the same files, from anywhere.
    act(world, "restore", str(world.repo / "src/a.txt"), "--source", f"{FIRST}.1")
    assert world.read("src/a.txt").decode() == changed(TEXT, 2, "agent")


def test_restore_names_what_it_does_not_find(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.stop()
    before = texts(world)
    for source in ("@start", "git:HEAD"):
        for words, status, part in [(["never.txt"], 3, "no file 'never.txt', neither then nor now"),
                                    (["src/a.txt", "never.txt"], 3, "no file 'never.txt'"),
                                    (["/etc/passwd"], 2, "'/etc/passwd' is outside the repository"),
                                    ([".git/config"], 3, "no file '.git/config'")]:
            done = act(world, "restore", *words, "--source", source, status=status)
            assert part in done.err and done.out == "" and texts(world) == before, done
        assert "nothing to do" in act(world, "restore", "README.md", "--source", source).out


@pytest.mark.parametrize("words", [["rewind", "@{99y}"], ["rewind", "@{1h}", "--force"], ["fork", "@{1h}"],
                                   ["restore", "src/a.txt", "--source", "@{1h}"], ["diff", "@{1h}"]])
def test_before_anybody_looked_nothing_is_known(world, words):
    """What was committed after the first look is no reason to take it away."""
    world.claude(FIRST).start().prompt("go").stop()
    before = texts(world)
    done = act(world, *words, status=3)
    assert "are not known: they were first looked at 2" in done.err
    assert texts(world) == before and len(git(world.repo, "worktree", "list").splitlines()) == 1


def test_a_time_since_the_first_look(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    time.sleep(0.02)
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    time.sleep(0.02)
    session.edit("src/a.txt", "line 3\n", "agent\n")
    session.stop()
    act(world, "rewind", f"@{{{now}}}")
    assert world.read("src/a.txt").decode() == changed(TEXT, 2, "agent")


# --- checkpoints

def test_b14_green(world):
    session = world.claude(FIRST).start().prompt("go")
    session.write("run_tests.sh", "grep -q good value || { echo '1 failed'; exit 1; }\necho '1 passed'\n")
    session.write("value", "good\n")
    session.bash("sh run_tests.sh")
    green = texts(world)
    session.write("value", "bad\n")
    session.bash("sh run_tests.sh")
    session.stop()
    # What going back would change is what differs.
    (differs,) = world.json("diff", "@green")["files"]
    assert differs["path"] == "value" and "owners" not in differs
    act(world, "rewind", "@green")
    assert texts(world) == green
    assert world.baton("diff", "@green", "--exit-code").returncode == 0
    listed = world.json("checkpoint")["checkpoints"]
    assert "@green" in [point["name"] for point in listed]


def test_no_green(world):
    world.claude(FIRST).start().prompt("go").stop()
    assert "passed" in act(world, "rewind", "@green", status=3).err


def test_named_checkpoints(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.stop()
    act(world, "checkpoint", "half-way", "-m", "before the risky part")
    session.prompt("more")
    session.edit("src/a.txt", "line 3\n", "agent\n")
    session.stop()
    act(world, "checkpoint", "half-way", status=1)
    act(world, "checkpoint", "no name", status=2)
    for taken in "start", "green", "main", "HEAD", "rewind-7":
        assert "has a meaning already" in act(world, "checkpoint", taken, status=2).err
    assert "+agent" in world.baton("diff", "@start..half-way", check=True).out
    assert world.baton("diff", "half-way..half-way", check=True).out == ""
    act(world, "rewind", "half-way")
    assert world.read("src/a.txt").decode() == changed(TEXT, 2, "agent")
    assert "before the risky part" in world.baton("checkpoint").out
    act(world, "rewind", "@rewind-1")
    assert world.read("src/a.txt").decode() == changed(changed(TEXT, 2, "agent"), 3, "agent")


# --- fork

def test_b10_fork(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("git commit -q --allow-empty -m later; echo one > one.txt; rm src/b.txt")
    session.bash("echo two > two.txt; git add -A; git commit -qm two")
    session.stop()
    before, head = texts(world), git(world.repo, "rev-parse", "HEAD")
    folder = world.base / "forked"
    answer = world.json("fork", f"{FIRST}.1", "--worktree", str(folder), "--branch", "other-way")
    assert texts(world) == before and git(world.repo, "rev-parse", "HEAD") == head
    assert git(folder, "rev-parse", "--abbrev-ref", "HEAD") == "other-way\n"
    assert (folder / "one.txt").read_text() == "one\n"
    assert not (folder / "two.txt").exists() and not (folder / "src/b.txt").exists()
    assert git(folder, "log", "-1", "--format=%s") == "later\n"
    handoff = world.baton(*answer["handoff"].split()[1:], cwd=folder, check=True)
    assert "go" in handoff.out
    agent = world.claude(SECOND, cwd=folder).start().prompt("another way")
    agent.bash("echo three > three.txt")
    agent.stop()
    assert world.baton("rewind", "@start", cwd=folder).returncode == 0
    assert (folder / "one.txt").exists() and not (folder / "three.txt").exists()
    assert texts(world) == before
    act(world, "fork", f"{FIRST}.1", "--worktree", str(folder), status=2)
    for name in ("bad..name", "-x", "a b", "x.lock"):
        done = act(world, "fork", f"{FIRST}.1", f"--branch={name}", status=2)
        assert done.err.startswith(f"baton: '{name}' is no name for a branch\n"), done
    act(world, "rewind", f"{SECOND}:1", status=2)


def test_a_fork_that_fails_leaves_nothing(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("head -c 300000 /dev/urandom > new.bin")
    session.stop()
    world.write("file", "no folder\n")
    branches, trees = git(world.repo, "branch"), git(world.repo, "worktree", "list")

    def write_little():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    for folder, confined in (world.repo / "file/below", None), (world.base / "forked", write_little):
        done = world.baton("fork", f"{FIRST}:1", "--worktree", str(folder), confined=confined)
        assert done.returncode in (1, 2, 4) and done.err.startswith("baton: "), done
        assert git(world.repo, "branch") == branches and git(world.repo, "worktree", "list") == trees
        assert not os.path.lexists(folder)
    act(world, "fork", f"{FIRST}:1", "--worktree", str(folder))


# --- what is told

def test_blame_and_log_after_it(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.edit("src/a.txt", "line 3\n", "agent too\n")
    session.stop()
    act(world, "rewind", f"{FIRST}.1")
    lines = world.json("blame", "src/a.txt")["lines"]
    assert lines[1]["owner"]["step"].endswith(".1")
    assert lines[2]["owner"]["kind"] == "git"
    log = world.baton("log").out
    assert "rewind-1" in log and "1 file" in log
    (made,) = world.json("log")["acts"]
    assert (made["name"], made["kind"], made["files"]) == ("rewind-1", "rewind", 1)
    assert "rewind-1" in world.baton("log", "--oneline").out


def test_slips(world):
    world.claude(FIRST).start().prompt("go").stop()
    assert "back to where" in act(world, "rewind", status=2).err
    act(world, "rewind", "nonsense", status=3)
    act(world, "rewind", "--session", FIRST, "--turn", f"{FIRST}:1", status=2)
    act(world, "rewind", "git:HEAD", status=2)
    session = world.claude(SECOND).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.stop()
    assert "did not change 'src/b.txt'" in act(world, "rewind", "--step", f"{SECOND}.1:src/b.txt", status=3).err
    for word, kind in (f"{SECOND}:1", "turn"), (f"{SECOND}.1", "step"):
        done = act(world, "rewind", "--session", word, status=2)
        assert f"is a {kind}, no session\nhint: --{kind} takes" in done.err
    for words in ["restore", ""], ["rewind", "@start", "--", ""]:
        assert "an empty path names no file" in act(world, *words, status=2).err
    assert "git has no 'nope'\n" in act(world, "restore", ".", "--source", "git:nope", status=3).err
    act(world, "undo", status=1)
    act(world, "redo", status=1)
    act(world, "restore", status=2)
    act(world, "rewind", "@start")
    assert json.loads(world.baton("rewind", "@start", "--json").out)["files"] == []


def prompt_output(world, session, text):
    """What the hook prints at a prompt."""
    session.prompt_id = "33333333-2222-4333-8444-555555555555"
    payload = session.event("UserPromptSubmit", prompt=text)
    done = world.hook(payload, env={"BATON_INJECT": "true"}, check=False)
    assert done.returncode == 0 and done.err == ""
    return json.loads(done.out)["hookSpecificOutput"] if done.out else None


def test_the_agent_is_told_once(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.edit("src/b.txt", "line 2\n", "agent\n")
    session.stop()
    other = world.claude(SECOND).start().prompt("other")
    other.write("other.txt", "other\n")
    other.stop()
    assert prompt_output(world, session, "nothing happened") is None
    session.stop()
    act(world, "rewind", "--step", f"{FIRST}.2")
    told = prompt_output(world, session, "and now")
    assert told["hookEventName"] == "UserPromptSubmit"
    text = told["additionalContext"]
    address = world.json("sessions")["sessions"]
    mine = next(s["address"] for s in address if FIRST in s.values())
    assert f"{mine}.2" in text and f"{mine}.1" not in text
    assert "`src/b.txt`" in text and "src/a.txt" not in text and "rewind-1" in text
    assert prompt_output(world, session, "again") is None
    assert prompt_output(world, other, "not mine") is None
    session.stop()
    act(world, "undo")
    assert "undo rewind-1" in prompt_output(world, session, "undone")["additionalContext"]


def test_a_handoff_tells_of_it(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.edit("src/b.txt", "line 2\n", "agent\n")
    session.stop()
    act(world, "rewind", f"{FIRST}.1")
    handoff = world.json("handoff")
    (attempt,) = [each for each in handoff["attempts"] if each["rule"] == "undone"]
    assert attempt["paths"] == ["src/b.txt"] and attempt["undone_by"] == "baton rewind"
    start = handoff["rollback"][0]["command"].split()
    assert start[:2] == ["baton", "rewind"]
    act(world, *start[1:])
    assert world.read("src/a.txt").decode() == TEXT
