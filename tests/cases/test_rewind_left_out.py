"""Going back over what was left out of the record, and over what came to be recorded or ceased to be."""
import pytest
from support.rewinding import FIRST, TEXT, act, texts, work_tree
from support.scratch import git


@pytest.fixture
def world(tmp_path):
    return work_tree(tmp_path)


def left(world, *words):
    return {each["path"]: each["reason"] for each in world.json(*words, "--dry-run")["left"]}


def left_out(world):
    return {each["path"] for each in world.json("status")["skipped"]}


# --- folders that were left out as a whole

@pytest.mark.parametrize("made", ["git init -q app", "git clone -q . app",
                                  "mkdir app; cd app; seq 5100 | xargs touch"])
def test_a_folder_made_anew_where_one_was_left_out(world, made):
    session = world.claude(FIRST).start().prompt("go")
    session.bash(made)
    assert "app" in left_out(world)
    session.bash("rm -rf app")
    assert "app" not in left_out(world)
    session.bash("mkdir app; echo own > app/own")
    session.stop()
    assert "app" not in left_out(world)
    after = texts(world)
    act(world, "rewind", "@start")
    assert not (world.repo / "app").exists()
    act(world, "undo")
    assert texts(world) == after


def test_a_repository_that_became_an_ordinary_folder(world):
    """What it held before is unknown: only what was seen since can be gone back to."""
    session = world.claude(FIRST).start().prompt("go")
    session.bash("git init -q app; echo first > app/in.txt")
    session.bash("rm -rf app/.git")
    ordinary = texts(world)
    session.bash("echo second > app/in.txt; echo new > app/new.txt")
    session.stop()
    assert "app" not in left_out(world)
    act(world, "rewind", f"{FIRST}.2")
    assert texts(world) == ordinary
    act(world, "undo")
    after = texts(world)
    assert left(world, "rewind", f"{FIRST}.1")["app/in.txt"] == "nested then"
    act(world, "rewind", f"{FIRST}.1")
    assert texts(world) == after
    # Who wrote the file before anybody looked is not known.
    act(world, "rewind", "@start", "--force")
    assert not (world.repo / "app").exists(), "before the repository was made"
    act(world, "undo")
    assert texts(world) == after


def test_a_folder_that_was_left_out_and_is_ignored_by_now(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("mkdir app; cd app; seq 5100 | xargs touch")
    session.bash("echo app/ >> .gitignore; rm app/1*; mkdir app/new; echo in > app/new/in.txt")
    session.stop()
    assert not [change for change in world.transitions() if change["p"].startswith("app/")]
    act(world, "rewind", "@start")
    assert (world.repo / "app/new/in.txt").exists()


def test_a_submodule_that_is_fetched_belongs_to_itself(tmp_path):
    module = work_tree(tmp_path / "module", store=False)
    world = work_tree(tmp_path / "world", store=False)
    allow = ["-c", "protocol.file.allow=always", "submodule"]
    git(world.repo, *allow, "add", "-q", str(module.repo), "sub")
    git(world.repo, "commit", "-qm", "Submodule")
    git(world.repo, "submodule", "deinit", "-q", "-f", "sub")
    world.baton("init", "--agent", "claude-code", check=True)
    session = world.claude(FIRST).start().prompt("go")
    session.bash("true")
    session.bash("git -c protocol.file.allow=always submodule update -q --init")
    session.bash("echo more >> sub/README.md")
    session.stop()
    assert not [change for change in world.transitions() if change["p"].startswith("sub/")]
    after = texts(world)
    assert "sub" in left_out(world)
    act(world, "rewind", "@start")
    assert texts(world) == after


# --- files

def test_a_file_that_was_too_large(world):
    world.write("data.txt", b"x" * (11 << 20))
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo small > data.txt; echo new > new.txt")
    session.bash("echo other > data.txt")
    session.stop()
    assert left(world, "rewind", "@start")["data.txt"] == "large then"
    act(world, "rewind", "@start")
    assert world.read("data.txt") == b"other\n" and not (world.repo / "new.txt").exists()
    act(world, "rewind", f"{FIRST}.1")
    assert world.read("data.txt") == b"small\n"


def test_what_is_gone_is_not_left_as_it_is(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("mkfifo pipe; head -c 11000000 /dev/zero > big")
    assert {"pipe", "big"} <= set(left(world, "rewind", "@start"))
    session.bash("rm pipe big; echo new > new.txt")
    session.stop()
    assert not {"pipe", "big"} & set(left(world, "rewind", "@start"))
    assert not {"pipe", "big"} & left_out(world)


# --- ignored

def test_tracked_files_are_not_ignored(world):
    """Whatever the ignore files say, and from the first look on."""
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo first > t.log; git add -f t.log; git commit -qm Log")
    session.bash("echo second > t.log")
    session.stop()
    act(world, "rewind", f"{FIRST}.1")
    assert world.read("t.log") == b"first\n"


def test_a_file_that_git_was_told_to_forget_is_ignored(world):
    git(world.repo, "add", "-f", "kept.log")
    git(world.repo, "commit", "-qm", "Log")
    session = world.claude(FIRST).start().prompt("go")
    session.bash("git rm -q --cached kept.log; echo more >> kept.log")
    session.stop()
    assert left(world, "rewind", "@start")["kept.log"] == "ignored"


@pytest.mark.parametrize("command", ["echo data.txt >> .gitignore; rm data.txt",
                                     "echo data.txt >> .git/info/exclude; rm data.txt"])
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_undo_takes_away_what_the_rewind_brought(world, command, force):
    """Though it is ignored where it is not there."""
    world.write("data.txt", "recorded\n")
    session = world.claude(FIRST).start().prompt("go")
    session.bash(command)
    session.stop()
    before = texts(world)
    act(world, "rewind", "@start")
    assert world.read("data.txt") == b"recorded\n"
    act(world, "undo", *force)
    assert texts(world) == before


# --- what is told

def test_nothing_is_like_that_already_that_differs(world):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("rm .env; touch node_modules/m/more")
    session.stop()
    assert "what differs stays as it is" in act(world, "rewind", "@start").out
    for words in [], ["--dry-run"]:
        done = act(world, "restore", ".env", *words, status=1)
        assert ".env  content is not recorded" in done.out and "nothing to do" not in done.out
        assert done.err == "baton: none of it can be brought back; nothing was changed\n"


def test_paths_that_name_nothing(world):
    session = world.claude(FIRST).start().prompt("go")
    session.edit("src/a.txt", "line 2\n", "agent\n")
    session.stop()
    before = texts(world)
    for words in (["@start"], ["--session", FIRST], ["--step", f"{FIRST}.1"]):
        done = act(world, "rewind", *words, "--", "scr/a.txt", status=3)
        assert "'scr/a.txt'" in done.err and done.out == "" and texts(world) == before
    act(world, "rewind", "@start", "--", ":!never")
    assert world.read("src/a.txt").decode() == TEXT
    assert "rewind-1 did not change 'scr'" in act(world, "undo", "--", "scr", status=3).err
    act(world, "undo", "--", "src")
    assert texts(world) == before


@pytest.mark.parametrize("command", ["rm -r src; git worktree add -q src -b other", "rm -r src; git init -q src"])
def test_nothing_is_written_into_another_repository(world, command):
    session = world.claude(FIRST).start().prompt("go")
    session.bash("echo new > new.txt")
    session.bash(command)
    session.stop()
    before = texts(world)
    for words in (["rewind", "@start"], ["restore", "."], ["restore", "src/a.txt", "--source", "git:HEAD"]):
        done = act(world, *words, status=1)
        assert "src/a.txt  'src' is another repository" in done.out and texts(world) == before
    act(world, "rewind", "@start", "--", ":!src")
    assert not (world.repo / "new.txt").exists()
