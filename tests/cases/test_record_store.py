"""Where the store lies, what repositories there are, what others do to either."""
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import time

import pytest
from support import faults, sandbox, stranger
from support.readers import exported, owner_kinds, owners, steps, tree
from support.scratch import BATON, Scratch, git

READERS = (["status"], ["sessions"], ["log", "--steps"], ["show"], ["diff"], ["search", "echo"],
           ["blame", "README.md"], ["handoff"], ["cat", "@:README.md"], [])


def new_repository(place, **files):
    """A repository of its own beside the world's."""
    place.mkdir(parents=True)
    git(place, "init", "-q", "-b", "main", ".")
    git(place, "config", "user.name", "Robin")
    git(place, "config", "user.email", "robin@example.invalid")
    for name, text in (files or {"b_txt": "b\n"}).items():
        (place / name.replace("_", ".")).write_text(text)
    git(place, "add", "-A")
    git(place, "commit", "-qm", "Begin")
    return place


def store_of(repo):
    return pathlib.Path(repo) / ".git" / "baton"


def paths_of(world, **which):
    return [change["p"] for change in world.transitions(**which)]


# --- R9: where the agent is, and where the file is
def test_r9_in_a_subdirectory(world):
    world.write("src/deep/a.txt", "one\n")
    world.commit("Deep")
    session = world.claude(cwd=world.repo / "src" / "deep").start().prompt("go")
    session.edit("a.txt", "one", "two")
    session.edit("../../README.md", "a project", "our project")
    session.bash("echo more >> ../b.txt")
    assert [change["p"] for change in world.transitions() if "k" in change or "b" not in change][1:] \
        == ["src/deep/a.txt", "README.md", "src/b.txt"]
    assert owner_kinds(world, "README.md") == {"our project": "step"}


def test_r9_in_a_linked_worktree(world):
    linked = world.base / "linked"
    git(world.repo, "worktree", "add", "-q", "-b", "side", str(linked))
    session = world.claude().start().prompt("go")
    session.edit("README.md", "a project", "our project")
    session.edit(str(linked / "README.md"), "a project", "their project")
    there = world.claude(cwd=linked).start().prompt("go")
    there.edit("README.md", "their project", "nobody's project")
    worktrees = [change["line"]["e"]["obs"][0]["wt"] for change in world.transitions()]
    assert len(set(worktrees)) == 2 and worktrees[1] == worktrees[2] != worktrees[0]
    assert owner_kinds(world, "README.md") == {"our project": "step"}
    assert owner_kinds(world, "README.md", cwd=linked) == {"nobody's project": "step"}


@pytest.mark.parametrize("place", ["nested", "sibling"])
@pytest.mark.parametrize("has_store", [True, False], ids=["with a store", "without"])
def test_r9_in_another_repository(world, place, has_store):
    other = new_repository(world.repo / "inner" if place == "nested" else world.base / "other")
    if has_store:
        world.baton("init", "--agent", "claude-code", cwd=other, check=True)
    session = world.claude().keep_file().start().prompt("change the other one")
    session.edit(str(other / "b.txt"), "b\n", "c\n")
    session.edit("README.md", "a project", "our project")
    assert paths_of(world) == ["README.md"]
    told = {path for line in world.lines() for path in line["e"].get("outside", [])}
    assert told == {str(other / "b.txt")}
    if has_store:
        (change,) = world.transitions(store=store_of(other))
        assert change["p"] == "b.txt" and change["k"] == "tool"
        (owner,) = owners(world, "b.txt", cwd=other).values()
        assert owner["kind"] == "step" and owner["evidence"] == "exact"
        shown = world.json("show", owner["turn"], cwd=other)
        assert shown["turn"]["prompt"] == "change the other one"


# --- R56
@pytest.fixture(params=["submodule", "sibling", "nested"])
def neighbour(request, world):
    """Another repository that an agent at work in this one can reach."""
    other = new_repository(world.base / "other")
    if request.param == "submodule":
        git(world.repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other),
            "sub")
        world.commit("Add the submodule")
        other = world.repo / "sub"
    elif request.param == "nested":
        other = new_repository(world.repo / "inner")
    return world, other


@pytest.mark.parametrize("how", ["edit tool", "cd and sed", "absolute path", "git -C"])
def test_r56_edits_in_another_repository_with_a_store(neighbour, how):
    world, other = neighbour
    world.baton("init", "--agent", "claude-code", cwd=other, check=True)
    session = world.claude().keep_file().start().prompt("change the other one")
    relative = os.path.relpath(other, world.repo)
    if how == "edit tool":
        session.edit(str(other / "b.txt"), "b\n", "by the agent\n")
    else:
        session.bash({"cd and sed": f"cd {relative} && sed -i 's/b/by the agent/' b.txt",
                      "absolute path": f"sed -i 's/b/by the agent/' {other}/b.txt",
                      "git -C": f"echo by the agent > {relative}/b.txt; git -C {relative} status"}
                     [how])
    session.stop()
    # Somebody works there later.
    world.claude(cwd=other).start().prompt("anything")
    (owner,) = owners(world, "b.txt", cwd=other).values()
    assert owner["kind"] in ("step", "unknown"), owner
    if owner["kind"] == "step":
        shown = world.json("show", owner["turn"], cwd=other)
        assert shown["turn"]["prompt"] == "change the other one"
    assert how != "edit tool" or owner["kind"] == "step"


def test_r56_edits_in_another_repository_without_a_store(neighbour):
    world, other = neighbour
    session = world.claude().keep_file().start().prompt("change the other one")
    session.edit(str(other / "b.txt"), "b\n", "c\n")
    session.bash(f"cd {other} && sed -i 's/c/d/' b.txt")
    assert any(str(other / "b.txt") in step.get("outside", [])
               for step in steps(world).values()), "the step is recorded, without content"
    # A store that comes later does not claim to know.
    world.baton("init", "--agent", "claude-code", cwd=other, check=True)
    assert owner_kinds(world, "b.txt", cwd=other) in ({"d": "before"}, {"d": "unknown"})


# --- R28
def worked(world):
    """A session with something for every reader."""
    session = world.claude().start().prompt("change the title")
    session.edit("README.md", "a project", "our project")
    session.bash("echo more >> README.md; echo new > new.txt")
    session.bash("exit 3")
    session.stop("All done.")
    session.prompt("and again")
    session.read("new.txt")
    session.stop()
    return session


def answers(world, cwd=None, confined=None):
    found = {}
    for words in READERS:
        for form in ([], ["--json"]):
            if not words and form:
                continue
            done = world.baton(*words, *form, cwd=cwd, confined=confined,
                               env={"BATON_CLOCK": "2030-01-01T00:00:00Z"})
            found[" ".join(words + form)] = (done.returncode, done.stdout, done.stderr)
    return found


def refusals(answered):
    return {words: (status, errors) for words, (status, _, errors) in answered.items() if status}


@pytest.mark.parametrize("fate", ["deleted", "empty", "half", "garbage", "another version", "zeros",
                                  "a page of zeros"])
def test_r28_index_is_rebuilt(world, fate):
    worked(world)
    before = answers(world)
    assert refusals(before) == {}
    assert answers(world) == before
    index = world.store / "index.db"
    for extra in world.store.glob("index.db-*"):
        extra.unlink()
    data = index.read_bytes()
    if fate == "deleted":
        index.unlink()
    elif fate == "empty":
        index.write_bytes(b"")
    elif fate == "half":
        index.write_bytes(data[:len(data) // 2])
    elif fate == "garbage":
        index.write_bytes(random.Random(1).randbytes(len(data)))
    elif fate == "zeros":
        index.write_bytes(b"\0" * len(data))
    elif fate == "a page of zeros":
        index.write_bytes(data[:8192] + b"\0" * 4096 + data[12288:])
    else:
        with contextlib.closing(sqlite3.connect(index)) as database:
            database.execute("pragma user_version = 9999")
    assert answers(world) == before


# --- R29
# --- R29
def test_r29_fsck_is_content_with_a_sound_store(world):
    worked(world)
    assert world.baton("fsck", check=True).out.rstrip().endswith("sound")
    told = world.json("fsck")
    assert told["sound"] and told["findings"] == [] and told["lines"] == len(
        world.lines() + world.lines(agent="baton"))


def test_r29_a_flipped_byte_in_an_object(world):
    worked(world)
    (segment,) = (world.store / "objects").glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[-3] ^= 0x10
    segment.write_bytes(bytes(data))
    done = world.baton("fsck")
    assert done.returncode == 4
    assert "000001.seg" in done.out + done.err
    assert world.baton("log", "--steps").returncode == 0, "readers show the rest"
    assert "change the title" in world.baton("log").out


@pytest.mark.parametrize("damage", ["flipped in the header", "flipped in the payload", "removed",
                                    "last removed", "swapped"])
def test_r29_a_damaged_journal(world, damage):
    session = worked(world)
    assert world.baton("fsck").returncode == 0
    file = world.store / "sessions" / "claude-code" / session.session / "events.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    victim = 4
    if damage == "flipped in the header":
        lines[victim] = lines[victim].replace(b'"event":"', b'"event":"X', 1)
    elif damage == "flipped in the payload":
        lines[victim] = lines[victim].replace(b'"cwd":"', b'"cwd":"X', 2)
    elif damage == "removed":
        del lines[victim]
    elif damage == "last removed":
        del lines[-1]
    else:
        lines[3], lines[4] = lines[4], lines[3]
    file.write_bytes(b"".join(lines))
    done = world.baton("fsck")
    assert done.returncode == 4, done
    assert session.session in done.out + done.err or "line" in done.out + done.err
    told = world.baton("log", "--steps")
    assert told.returncode == 0 and "change the title" in told.out
    # The next event is recorded, and the damage stays known.
    session.prompt("after the damage")
    assert "after the damage" in world.baton("log").out
    assert world.baton("fsck").returncode == 4


def journal_of(world, session):
    return world.store / "sessions" / "claude-code" / session.session / "events.jsonl"


def test_r29_any_line_that_is_gone_is_missed(world):
    session = worked(world)
    file = journal_of(world, session)
    lines = file.read_bytes().splitlines(keepends=True)
    for victim in range(len(lines)):
        file.write_bytes(b"".join(lines[:victim] + lines[victim + 1:]))
        done = world.baton("fsck")
        assert done.returncode == 4, (victim, done)
        assert session.session in done.out, "it says where"
        told = world.baton("log", "--steps")
        assert told.returncode == 0, (victim, told)
    file.write_bytes(b"".join(lines))
    world.baton("fsck", check=True)


@pytest.mark.parametrize("again", ["at once", "at the end"])
def test_r29_any_line_that_is_there_twice_tells_nothing_more(world, again):
    worked(world)
    told = world.json("log", "--steps")
    for file in sorted((world.store / "sessions").glob("*/*/events.jsonl")):
        data = file.read_bytes()
        lines = data.splitlines(keepends=True)
        for victim, line in enumerate(lines):
            twice = list(lines)
            twice.insert(victim if again == "at once" else len(lines), line)
            file.write_bytes(b"".join(twice))
            for index in world.store.glob("index.db*"):
                index.unlink()
            assert world.baton("fsck").returncode == 4, (file, victim)
            assert world.json("log", "--steps") == told, (file, victim)
            assert world.baton("status").returncode == 0, (file, victim)
        file.write_bytes(data)


def test_r29_a_copied_journal_tells_nothing_more(world):
    session = worked(world)
    told = world.json("log", "--steps")
    own = journal_of(world, session).parent
    shutil.copytree(own, own.with_name(own.name + ".bak"))
    done = world.baton("fsck")
    assert done.returncode == 4 and "a line of another session" in done.out
    for words in READERS:
        assert world.baton(*words).returncode == 0, words
    assert world.json("log", "--steps") == told
    world.baton("reindex", check=True)
    assert world.json("log", "--steps") == told


def test_r29_any_bit_of_a_journal(world):
    """fsck finds each, and no reader shows what was not written: it is as if the line were not there."""
    session = worked(world)
    file = journal_of(world, session)
    data = file.read_bytes()
    whole = {turn["prompt"] for turn in world.json("log")["turns"]}
    generator = random.Random(29)
    for _ in range(60):
        at = generator.randrange(len(data))
        harmed = bytearray(data)
        harmed[at] ^= 1 << generator.randrange(8)
        file.write_bytes(bytes(harmed))
        for index in world.store.glob("index.db*"):
            index.unlink()
        done = world.baton("fsck")
        assert done.returncode == 4, (at, data[max(0, at - 40):at + 40])
        told = json.loads(world.baton("log", "--steps", "--json").out)
        shown = {turn["prompt"] for turn in told["turns"] if turn.get("prompt")}
        assert shown <= whole, (at, shown)
        commands = {step["command"] for turn in told["turns"] for step in turn["steps"] if step.get("command")}
        assert commands <= {"echo more >> README.md; echo new > new.txt", "exit 3"}, (at, commands)
        for words in READERS:
            assert world.baton(*words).returncode in (0, 1, 3, 4), (at, words)
        assert world.baton("status").out


def test_r29_any_bit_of_the_objects(world):
    """A reader gives a content as it was, or says that it cannot."""
    session = worked(world)
    for number in range(6):
        session.bash(f"seq {number} 200 > numbers{number}.txt; echo {number} >> README.md")
    session.stop()
    expected = {path.name: path.read_bytes() for path in world.repo.glob("*.txt")}
    expected["README.md"] = world.read("README.md")
    (segment,) = (world.store / "objects").glob("*.seg")
    data = segment.read_bytes()
    generator = random.Random(4711)
    refused = 0
    for _ in range(40):
        harmed = bytearray(data)
        at = generator.randrange(len(data))
        harmed[at] ^= 1 << generator.randrange(8)
        segment.write_bytes(bytes(harmed))
        done = world.baton("fsck")
        assert done.returncode == 4, at
        assert "object" in done.out or "000001.seg" in done.out, done.out
        for name, content in expected.items():
            shown = world.baton("cat", f"@:{name}")
            assert shown.returncode in (0, 3, 4), (at, shown)
            if shown.returncode == 0:
                assert shown.stdout == content, (at, name)
            else:
                assert shown.err.startswith("baton: "), shown
                refused += 1
        told = world.baton("log", "--steps")
        assert told.returncode == 0 and "change the title" in told.out
        assert world.baton("show", "@").returncode == 0
    assert refused > 5, "the case's precondition"
    segment.write_bytes(data)
    world.baton("fsck", check=True)


# --- R32: repositories of every kind
def snapshot_of(world, cwd=None):
    return tree(cwd or world.repo)


def full_use(world, cwd=None, path="a.txt"):
    """A session's life, and every reader on it."""
    cwd = pathlib.Path(cwd or world.repo)
    session = world.claude(cwd=cwd).start().prompt("work")
    (cwd / path).write_text("one\ntwo\n")
    session.bash("true")
    session.edit(path, "two", "by the agent")
    session.bash("mkdir -p d; echo deep > d/deep.txt; ln -s a.txt link")
    session.stop()
    assert owner_kinds(world, path, cwd=cwd)["by the agent"] == "step"
    assert owner_kinds(world, path, cwd=cwd)["one"] in ("outside", "unknown")
    assert owner_kinds(world, "d/deep.txt", cwd=cwd) == {"deep": "step"}
    assert exported(world, "@", world.base / f"copy{time.monotonic_ns()}", cwd=cwd) == tree(cwd)
    for words in READERS:
        if words[:1] == ["cat"] or words[:1] == ["blame"]:
            continue
        done = world.baton(*words, cwd=cwd)
        assert done.returncode == 0, (words, done)
    assert world.baton("fsck", cwd=cwd).returncode == 0
    return session


def test_r32_sha256(make_world):
    world = make_world(object_format="sha256")
    full_use(world)
    timeline = stranger.check_store(world.store, world.repo, "sha256")
    assert timeline.state == stranger.disk_state(world.repo, hash_name="sha256")


def test_r32_shallow_clone(make_world):
    source = make_world(store=False)
    for i in range(3):
        source.write("README.md", f"version {i}\n")
        source.commit(f"Version {i}")
    world = make_world(store=False, git_repo=False)
    shutil.rmtree(world.repo)
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{source.repo}", str(world.repo)],
                   check=True)
    world.baton("init", "--agent", "claude-code", check=True)
    full_use(world)


def test_r32_unborn_branch(make_world):
    world = make_world(store=False, git_repo=False)
    git(world.repo, "init", "-q", "-b", "main", ".")
    world.write("there.txt", "before\n")
    world.baton("init", "--agent", "claude-code", check=True)
    full_use(world)
    git(world.repo, "add", "-A")
    git(world.repo, "commit", "-qm", "First")
    session = world.claude().start().prompt("after the first commit")
    session.edit("there.txt", "before", "after")
    assert owner_kinds(world, "there.txt") == {"after": "step"}
    assert exported(world, "@", world.base / "copy") == tree(world.repo)


def test_r32_detached_head(world):
    git(world.repo, "checkout", "-q", "--detach")
    full_use(world)
    assert world.json("status").get("branch", "") == ""


def test_r32_bare_repository(make_world):
    world = make_world(store=False, git_repo=False)
    git(world.repo, "init", "-q", "--bare", ".")
    done = world.baton("init", "--agent", "claude-code")
    assert done.returncode == 1 and "bare" in done.err
    assert not (world.repo / "baton").exists()
    session = world.claude()
    world.hook(session.event("SessionStart"))
    assert not (world.repo / "baton").exists()


def test_r32_worktree_of_a_bare_repository(make_world):
    source = make_world(store=False)
    world = make_world(store=False, git_repo=False)
    bare = world.base / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(source.repo), str(bare)], check=True)
    shutil.rmtree(world.repo)
    git(bare, "worktree", "add", "-q", str(world.repo), "main")
    world.baton("init", "--agent", "claude-code", check=True)
    assert (bare / "baton" / "format").exists()
    full_use(world)


def test_r32_no_git_at_all(make_world):
    world = make_world(store=False, git_repo=False)
    world.write("README.md", "no git here\n")
    world.baton("init", "--agent", "claude-code", check=True)
    assert (world.repo / ".baton" / "format").exists()
    session = world.claude().start().prompt("work")
    session.edit("README.md", "no git", "nobody")
    session.bash("mkdir d; echo deep > d/deep.txt")
    session.stop()
    assert owner_kinds(world, "README.md") == {"nobody here": "step"}
    copy = exported(world, "@", world.base / "copy")
    assert copy == {"README.md": b"nobody here\n", "d/deep.txt": b"deep\n"}


# --- R33, R47: what git throws away
def throw_away(repo):
    git(repo, "reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    git(repo, "gc", "-q", "--prune=now")


def test_r33_every_snapshot_survives_git(world):
    for i in range(4):
        world.write(f"f{i}.txt", f"file {i}\n" * 40)
    world.commit("Files")
    session = world.claude().start()
    wanted = {}

    def look(what):
        session.prompt(what)
        session.bash("true")
        session.stop()
        (turn, *_) = world.json("log", "--limit", "1")["turns"]
        wanted[turn["address"]] = tree(world.repo)

    look("at the commit")
    session.prompt("change")
    session.edit("f1.txt", "file 1\n" * 40, "file 1 changed\n" * 40)
    look("after an edit")
    git(world.repo, "commit", "-qam", "One")
    look("committed")
    world.write("f2.txt", "amended\n")
    git(world.repo, "add", "-A")
    git(world.repo, "commit", "-q", "--amend", "-m", "Other")
    throw_away(world.repo)
    look("amended")
    git(world.repo, "rm", "-q", "f3.txt")
    git(world.repo, "commit", "-qm", "Less")
    git(world.repo, "checkout", "-q", "-b", "other", "HEAD~1")
    look("another branch")
    git(world.repo, "reset", "-q", "--hard", "HEAD~1")
    git(world.repo, "branch", "-q", "-D", "main")
    look("reset")
    throw_away(world.repo)
    for number, (address, content) in enumerate(wanted.items()):
        assert exported(world, address, world.base / f"copy{number}") == content, address
    assert world.baton("fsck").returncode == 0


def test_r33_the_commit_that_recording_began_with(world):
    """Its tree is gone; what differs from the next one is in the record, and fsck knows it."""
    world.claude().start().prompt("begin").stop()
    git(world.repo, "checkout", "-q", "--orphan", "anew")
    world.write("README.md", "all new\n")
    world.commit("Anew")
    git(world.repo, "branch", "-qD", "main")
    world.baton("diff", check=True)
    throw_away(world.repo)
    assert world.json("fsck")["sound"]


def test_fsck_of_a_head_file_that_was_never_written(world):
    """Its writer died between making and writing it."""
    world.claude().start().prompt("begin")
    (journal,) = world.store.glob("sessions/claude-code/*/events.jsonl")
    (journal.parent / "head").write_bytes(b"")
    assert world.json("fsck")["sound"]


def test_r33_without_a_pass_between(world):
    """All that git did since the last event, and then its garbage collection: what was borrowed is
    still there."""
    session = world.claude().start().prompt("one")
    session.edit("README.md", "a project", "our project")
    session.stop()
    before = tree(world.repo)
    git(world.repo, "checkout", "-q", "--orphan", "fresh")
    git(world.repo, "rm", "-qrf", ".")
    world.write("other.txt", "other\n")
    git(world.repo, "add", "-A")
    git(world.repo, "commit", "-qm", "Anew")
    git(world.repo, "branch", "-q", "-D", "main")
    throw_away(world.repo)
    assert exported(world, "@", world.base / "copy") == before
    session.prompt("two").stop()
    throw_away(world.repo)
    (_, turn) = world.json("log")["turns"]
    assert exported(world, turn["address"], world.base / "copy2") == before
    stranger.check_store(world.store, world.repo)


def test_r47_staged_content_survives(world):
    session = world.claude().start().prompt("one")
    world.write("staged.txt", "first\n")
    git(world.repo, "add", "staged.txt")
    session.prompt("two")
    world.write("staged.txt", "second\n")
    git(world.repo, "add", "staged.txt")
    session.prompt("three")
    git(world.repo, "reset", "-q", "--hard")
    throw_away(world.repo)
    session.prompt("four")
    (_, three, two, _) = world.json("log")["turns"]
    assert exported(world, two["address"], world.base / "two")["staged.txt"] == b"first\n"
    assert exported(world, three["address"], world.base / "three")["staged.txt"] == b"second\n"


@pytest.mark.parametrize("kind", ["added", "changed", "deleted", "untracked now", "conflict"])
def test_r47_staged_when_recording_begins(make_world, kind):
    world = make_world(store=False)
    world.write("gone.txt", "gone\n")
    world.write(".gitignore", "kept.txt\n")
    world.write("kept.txt", "kept\n")
    git(world.repo, "add", "-f", "kept.txt")
    world.commit("More")
    if kind == "added":
        world.write("new.txt", "new\n")
        git(world.repo, "add", "-A")
    elif kind == "changed":
        world.write("README.md", "staged\n")
        git(world.repo, "add", "-A")
        world.write("README.md", "on disk\n")
    elif kind == "deleted":
        git(world.repo, "rm", "-q", "gone.txt")
    elif kind == "untracked now":
        git(world.repo, "rm", "-q", "--cached", "kept.txt")
    else:
        git(world.repo, "checkout", "-q", "-b", "side")
        world.write("README.md", "side\n")
        world.commit("Side")
        git(world.repo, "checkout", "-q", "main")
        world.write("README.md", "main\n")
        world.commit("Main")
        git(world.repo, "merge", "-q", "side", check=False)
    world.baton("init", "--agent", "claude-code", check=True)
    session = world.claude().start().prompt("one")
    expected = tree(world.repo)
    if kind == "untracked now":
        del expected["kept.txt"]
    git(world.repo, "reset", "-q", "--hard")
    throw_away(world.repo)
    session.prompt("two")
    turns = world.json("log")["turns"]
    assert exported(world, turns[-1]["address"], world.base / "one") == expected
    assert exported(world, turns[0]["address"], world.base / "two") == tree(world.repo)


# --- R34
@pytest.mark.parametrize("kind", ["moved", "linked worktree moved"])
def test_r34_moved_folder(world, kind):
    place = world.repo
    if kind != "moved":
        place = world.base / "linked"
        git(world.repo, "worktree", "add", "-q", str(place))
    session = world.claude(cwd=place).start().prompt("before the move")
    session.edit("README.md", "a project", "our project")
    session.stop()
    if kind == "moved":
        target = world.base / "elsewhere" / "renamed"
        target.parent.mkdir()
        world.repo.rename(target)
        world.repo = target
    else:
        target = world.base / "moved"
        git(world.repo, "worktree", "move", str(place), str(target))
    turns = world.json("log", cwd=target)["turns"]
    assert [turn["prompt"] for turn in turns] == ["before the move"]
    assert owner_kinds(world, "README.md", cwd=target) == {"our project": "step"}
    seen = len(world.transitions())
    later = world.claude(cwd=target).start().prompt("after the move")
    later.edit("README.md", "our", "their")
    assert paths_of(world)[seen:] == ["README.md"], "the same worktree, nothing begins anew"
    assert world.json("blame", "README.md", cwd=target)["lines"][0]["owner"]["kind"] == "step"


# --- R35
@contextlib.contextmanager
def given_to_nobody(world):
    """The world is another user's, who may also reach it."""
    subprocess.run(["chown", "-R", "65534:65534", str(world.base)], check=True)
    for place in world.base.parents:
        if place in (pathlib.Path("/tmp"), pathlib.Path("/")):
            break
        place.chmod(place.stat().st_mode | 0o055)
    yield ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def hook_as(prefix, world, payload, env=None):
    done = subprocess.run([*prefix, BATON, "hook", "claude-code"], cwd=payload["cwd"],
                          env=dict(world.env, **(env or {})), input=json.dumps(payload).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done


def test_r35_read_only_store(world):
    session = worked(world)
    with given_to_nobody(world) as nobody:
        def allow(folders, files):
            for path in [world.store, *world.store.rglob("*")]:
                path.chmod(folders if path.is_dir() else files)

        allow(0o500, 0o400)
        probe = subprocess.run([*nobody, "touch", str(world.store / "probe")],
                               stderr=subprocess.DEVNULL)
        assert probe.returncode != 0, "the case's precondition"
        before = world.store_bytes()
        hook_as(nobody, world, session.event("UserPromptSubmit", prompt="unheard"))
        assert world.store_bytes() == before
        read = subprocess.run([*nobody, BATON, "log"], cwd=world.repo, env=world.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert read.returncode == 0 and b"change the title" in read.stdout
        # Directories only: the count of missed events can still be written.
        allow(0o500, 0o600)
        other = world.claude()
        hook_as(nobody, world, other.event("SessionStart", source="startup"))
        allow(0o700, 0o600)
        hook_as(nobody, world, session.event("UserPromptSubmit", prompt="heard again"))
        assert world.lines()[-1]["p"]["prompt"] == "heard again"
        assert [gap["what"] for gap in world.gaps()] == ["event"]
        subprocess.run(["chown", "-R", "0:0", str(world.base)], check=True)
        assert [gap["what"] for gap in world.json("status")["gaps"]] == ["event"]


def test_r35_store_of_another_user(world):
    """A repository that nobody works in, with a store that only root may look into."""
    session = worked(world)
    with given_to_nobody(world) as nobody:
        subprocess.run(["chown", "-R", "0:0", str(world.store)], check=True)
        before = world.store_bytes()
        hook_as(nobody, world, session.event("UserPromptSubmit", prompt="unheard"))
        read = subprocess.run([*nobody, BATON, "log"], cwd=world.repo, env=world.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert read.returncode in (3, 4) and b"permission" in read.stderr, read
        assert world.store_bytes() == before
    session.prompt("root is heard")
    assert world.lines()[-1]["p"]["prompt"] == "root is heard"


def test_r35_clock_set_back_by_a_day(world):
    session = world.claude()

    def at(clock, name, **fields):
        world.hook(session.event(name, **fields), env={"BATON_CLOCK": clock})

    at("2027-03-02T10:00:00Z", "SessionStart", source="startup")
    session.prompt_id = "p1"
    at("2027-03-02T10:00:01Z", "UserPromptSubmit", prompt="first")
    world.write("a.txt", "first\n")
    at("2027-03-02T10:00:02Z", "Stop")
    session.prompt_id = "p2"
    at("2027-03-01T10:00:03Z", "UserPromptSubmit", prompt="second")
    world.write("a.txt", "second\n")
    at("2027-03-01T10:00:04Z", "Stop")
    session.prompt_id = "p3"
    at("2027-03-03T10:00:05Z", "UserPromptSubmit", prompt="third")
    lines = world.lines(session=session.session)
    times = [line["e"]["t"] for line in lines]
    assert times == sorted(times)
    assert [line["e"].get("clock", "")[:10] for line in lines] == [
        "", "", "", "2027-03-01", "2027-03-01", ""]
    assert [turn["prompt"] for turn in world.json("log")["turns"]] == ["third", "second", "first"]
    rows = world.json("blame", "a.txt")["lines"]
    assert [row["text"] for row in rows] == ["second"]


# --- R36, R55: large session files
def said(session, number, text):
    return json.dumps({"type": "assistant", "uuid": f"u{number}", "sessionId": session.session,
                       "timestamp": "2026-01-01T00:00:00Z", "message": {
                           "id": f"m{number}", "role": "assistant", "model": "m-1",
                           "content": [{"type": "text", "text": text}],
                           "usage": {"input_tokens": 1, "output_tokens": 1}}}) + "\n"


def large_session_file(world, session, megabytes):
    """A session file of that size; the number of its lines."""
    file = world.home / ".claude" / "projects" / "s.jsonl"
    file.parent.mkdir(parents=True)
    generator = random.Random(4711)
    texts = [" ".join(generator.choice(("make", "it", "so", "that", "the", "test", "runs", "again"))
                      for _ in range(150)) for _ in range(64)]
    number = size = 0
    ready = [said(session, "NUMBER", text) for text in texts]
    with open(file, "w") as out:
        while size < megabytes << 20:
            size += out.write(ready[number % 64].replace("NUMBER", str(number)))
            number += 1
    return file, number


def kept_lines(world, session):
    """The numbers of the lines that were copied, in order."""
    text = stranger.transcript_texts(world.store).get(session.session, b"")
    return [int(number) for number in re.findall(rb'"uuid":"u(\d+)"', text)]


def test_r36_work_grows_with_what_is_new(world):
    session = world.claude().start().prompt("one")
    file, count = large_session_file(world, session, 200)
    stop = session.event("Stop", stop_hook_active=False, transcript_path=str(file))
    world.hook(stop)
    assert [gap["what"] for gap in world.gaps()] == ["transcript"]
    world.baton("collect", check=True)
    assert kept_lines(world, session) == list(range(count))
    with open(file, "a") as out:
        out.write(said(session, count, "a line more " * 80))
    done, lines = faults.run_under(["-y", "-e", "trace=read,pread64,mmap"], world, stop)
    assert done.returncode == 0
    read = sum(int(found[1]) for line in lines if str(file) in line
               and (found := re.search(r"= (\d+)$", line)))
    assert 1000 < read < 20_000, "only the end of the file is read"
    assert kept_lines(world, session) == list(range(count + 1))


def test_r55_a_session_file_that_is_deleted_at_once(world):
    session = world.claude().start().prompt("one")
    file, count = large_session_file(world, session, 200)
    end = session.event("SessionEnd", reason="other", transcript_path=str(file))
    began = time.monotonic()
    world.hook(end)
    assert time.monotonic() - began < 1.5
    file.unlink()
    kept = kept_lines(world, session)
    assert kept == list(range(len(kept))), "from the beginning, nothing twice"
    if len(kept) < count:
        assert [gap["what"] for gap in world.json("status")["gaps"]] == ["transcript"]
    again = world.claude(session.session).start(source="resume").prompt("two")
    world.hook(dict(end, hook_event_name="Stop"))
    assert kept_lines(world, session) == kept
    assert world.lines()[-1]["e"]["event"] == "Stop"
    assert again.session in json.dumps(world.json("sessions"))


def test_r55_collecting_goes_on_where_the_hook_stopped(world):
    session = world.claude().start().prompt("one")
    file, count = large_session_file(world, session, 60)
    world.hook(session.event("SessionEnd", reason="other", transcript_path=str(file)))
    world.baton("collect", check=True)
    assert kept_lines(world, session) == list(range(count))


# --- R39
@contextlib.contextmanager
def read_only(folder):
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        with pytest.raises(OSError):
            (folder / "probe").write_text("")
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("where", ["the store", "git's folder", "the repository", "everything",
                                   "sandbox"])
@pytest.mark.parametrize("index", ["fresh", "stale", "none"])
def test_r39_readers_answer_where_nothing_can_be_written(world, where, index):
    session = worked(world)
    before = answers(world)
    assert refusals(before) == {}
    if index == "stale":
        session.prompt("a third")
    elif index == "none":
        for file in world.store.glob("index.db*"):
            file.unlink()
    stored = world.store_bytes()
    confined = None
    with contextlib.ExitStack() as stack:
        if where == "sandbox":
            scratch = world.base / "tmp"
            scratch.mkdir()
            confined = sandbox.confine(scratch)
            for folder in (world.repo, world.store, world.home):
                probe = subprocess.run(["touch", str(folder / "probe")], preexec_fn=confined,
                                       stderr=subprocess.DEVNULL)
                assert probe.returncode != 0, "the case's precondition"
        else:
            stack.enter_context(read_only({
                "the store": world.store, "git's folder": world.repo / ".git",
                "the repository": world.repo, "everything": world.base}[where]))
        now = answers(world, confined=confined)
        unheard = world.baton("hook", "claude-code", confined=confined, stdin=json.dumps(
            session.event("UserPromptSubmit", prompt="unheard")).encode())
        assert (unheard.returncode, unheard.stdout, unheard.stderr) == (0, b"", b"")
    assert refusals(now) == {}
    assert [words for words, (_, _, errors) in now.items() if errors] == []
    if index == "stale":
        assert b"a third" in now["log --steps"][1] and b"a third" in now["handoff"][1]
    else:
        assert now == before
    assert world.store_bytes() == stored, "nothing was written"
    session.prompt("heard again")
    assert world.lines()[-1]["p"]["prompt"] == "heard again"


@pytest.mark.parametrize("change", ["edited", "new", "deleted", "committed"])
def test_r39_what_cannot_be_looked_into_is_said(world, change):
    """The files are others than those that were last seen, which cannot be recorded."""
    worked(world)
    if change == "edited":
        world.write("README.md", "changed since\n")
    elif change == "new":
        world.write("later.txt", "new\n")
    elif change == "deleted":
        (world.repo / "new.txt").unlink()
    else:
        world.commit("Since then")
    with read_only(world.store):
        now = answers(world)
    assert refusals(now) == {}
    for words in ("handoff", "diff", "handoff --json", "diff --json"):
        assert b"last seen" in now[words][2], words
    assert answers(world)["handoff"][2] == b""


def test_reading_leaves_no_traces(world):
    """A reader that finds nothing new writes nothing into the record."""
    worked(world)
    answers(world)
    kept = {file: file.read_bytes() for file in world.store.glob("sessions/*/*/*")}
    manifests = {file: file.read_bytes() for file in world.store.glob("worktrees/*/*")}
    for _ in range(3):
        answers(world)
    assert {file: file.read_bytes() for file in world.store.glob("sessions/*/*/*")} == kept
    assert {file: file.read_bytes() for file in world.store.glob("worktrees/*/*")} == manifests
    world.write("README.md", "a person was here\n")
    answers(world)
    assert owner_kinds(world, "README.md") == {"a person was here": "outside"}


# --- R41
def test_r41_store_of_a_newer_version(world):
    session = worked(world)
    form = world.store / "format"
    newer = dict(json.loads(form.read_text()), version=99, needs="7.5.0")
    form.write_text(json.dumps(newer))
    before = world.store_bytes()
    session.prompt("not for this version")
    for words in READERS[:-1]:
        done = world.baton(*words)
        assert done.returncode == 4 and "7.5.0" in done.err, (words, done)
    assert world.baton("init", "--agent", "claude-code").returncode != 0
    assert world.store_bytes() == before


def test_r41_unknown_members_survive(world):
    session = worked(world)
    form = world.store / "format"
    text = json.dumps(dict(json.loads(form.read_text()), color="green"))
    form.write_text(text)
    file = world.store / "sessions" / "claude-code" / session.session / "events.jsonl"
    *lines, last = file.read_bytes().splitlines()
    chain, digest, header, salt, payload = stranger.split_line(last)
    header = header[:-1] + b',"mood":{"of":"the day"},"obs2":[1]}'
    before = stranger.split_line(lines[-1])[0]
    chain = stranger.digest(before, header, digest).encode()
    line = b'{"h":"%s","d":"%s","e":%s,"s":"%s","p":%s}' % (chain, digest, header, salt, payload)
    file.write_bytes(b"\n".join([*lines, line]) + b"\n")
    (file.parent / "head").unlink()
    session.prompt("goes on")
    world.baton("init", "--agent", "claude-code", check=True)
    assert form.read_text() == text
    assert line in file.read_bytes()
    assert "goes on" in world.baton("log").out
    assert world.baton("fsck").returncode == 0


# --- R52
def is_sparse_index(repo):
    return "sdir" in subprocess.run(
        ["strings", "-n", "4", str(repo / ".git" / "index")], stdout=subprocess.PIPE).stdout.decode()


@pytest.fixture
def sparse_world(make_world):
    """Everything at once that git's index can be."""
    world = make_world(store=False)
    for folder in ("in/side", "out/side", "later"):
        for i in range(3):
            world.write(f"{folder}/f{i}.txt", f"{folder} {i}\n")
    world.write("skipped.txt", "skipped\n")
    world.commit("Folders")
    for key, value in (("index.version", "4"), ("index.skipHash", "true"),
                       ("core.splitIndex", "false"), ("index.sparse", "true")):
        git(world.repo, "config", key, value)
    git(world.repo, "sparse-checkout", "set", "--cone", "--sparse-index", "in", "later")
    git(world.repo, "update-index", "--index-version", "4")
    git(world.repo, "update-index", "--skip-worktree", "skipped.txt")
    (world.repo / "skipped.txt").unlink()
    assert (world.repo / ".git/index").read_bytes()[:8] == b"DIRC\0\0\0\4"
    assert not (world.repo / "out").exists()
    world.baton("init", "--agent", "claude-code", check=True)
    return world


def test_r52_sparse_first_pass(sparse_world):
    world = sparse_world
    session = world.claude().start().prompt("go")
    session.bash("true")
    assert world.transitions() == []
    session.edit("in/side/f0.txt", "in/side 0", "by the agent")
    session.bash("echo more >> in/side/f1.txt")
    assert paths_of(world) == ["in/side/f0.txt", "in/side/f1.txt"]


def test_r52_a_path_leaves_the_cone(sparse_world):
    world = sparse_world
    session = world.claude().start().prompt("go")
    git(world.repo, "sparse-checkout", "set", "--cone", "--sparse-index", "in")
    assert not (world.repo / "later").exists()
    session.prompt("next").bash("true")
    # git itself puts the file back for which it was only told to skip it.
    assert [change["p"] for change in world.transitions()] == ["skipped.txt"], "no false deletion"
    git(world.repo, "sparse-checkout", "set", "--cone", "--sparse-index", "in", "later", "out")
    session.prompt("wider").bash("true")
    assert all("a" in change for change in world.transitions()), world.transitions()
    owned = [step["changes"] for step in steps(world).values() if step["changes"]]
    assert owned == [], "git put them there"
    session.bash("rm later/f0.txt")
    assert paths_of(world)[-1] == "later/f0.txt"


@pytest.mark.parametrize("how", ["split index", "many versions", "intent to add", "untracked cache"])
def test_r52_other_forms_of_the_index(make_world, how):
    world = make_world(store=False)
    for i in range(5):
        world.write(f"d/f{i}.txt", f"{i}\n")
    world.commit("Files")
    if how == "split index":
        git(world.repo, "update-index", "--split-index")
        world.write("d/f0.txt", "changed\n")
        git(world.repo, "add", "-A")
        assert list((world.repo / ".git").glob("sharedindex.*"))
    elif how == "many versions":
        git(world.repo, "update-index", "--index-version", "3")
    elif how == "intent to add":
        world.write("d/new.txt", "new\n")
        git(world.repo, "add", "-N", "d/new.txt")
    else:
        git(world.repo, "update-index", "--untracked-cache")
        git(world.repo, "status")
    world.baton("init", "--agent", "claude-code", check=True)
    session = world.claude().start().prompt("go")
    session.bash("true")
    assert world.transitions() == []
    assert exported(world, "@", world.base / "copy") == tree(world.repo)


# --- R53
def holds_blob(repo, object_id):
    done = subprocess.run(["git", "-C", str(repo), "cat-file", "-e", object_id],
                          stderr=subprocess.DEVNULL)
    return done.returncode == 0


def everything_that_travels(world, name):
    """What leaves the repository by the ways that take all references: {way: repository}."""
    base = world.base / name
    base.mkdir()
    git(base, "init", "-q", "--bare", "pushed")
    git(world.repo, "push", "-q", "--mirror", str(base / "pushed"))
    subprocess.run(["git", "clone", "-q", "--mirror", f"file://{world.repo}", str(base / "cloned")],
                   check=True)
    git(world.repo, "bundle", "create", "-q", str(base / "all.bundle"), "--all")
    subprocess.run(["git", "clone", "-q", "--mirror", str(base / "all.bundle"), str(base / "bundled")],
                   check=True)
    return {way: base / way for way in ("pushed", "cloned", "bundled")}


def purge(world, path):
    """Takes a file out of all of git's history, as git-filter-repo would."""
    git(world.repo, "stash", "-q", "-u", check=False)
    git(world.repo, "filter-branch", "-f", "--index-filter",
        f"git rm -q --cached --ignore-unmatch {path}", "HEAD", FILTER_BRANCH_SQUELCH_WARNING="1")
    git(world.repo, "update-ref", "-d", "refs/original/refs/heads/main", check=False)
    git(world.repo, "update-ref", "-d", "refs/stash", check=False)
    throw_away(world.repo)


@pytest.mark.parametrize("first", [words for words in READERS if words] + [["fsck"], ["reindex"]],
                         ids=lambda words: words[0])
def test_r53_what_was_purged_does_not_travel(world, first):
    world.write("secret.txt", "the password is in here\n")
    world.commit("A mistake")
    secret = git(world.repo, "rev-parse", "HEAD:secret.txt").strip()
    session = worked(world)
    (world.repo / "secret.txt").unlink()
    purge(world, "secret.txt")
    assert holds_blob(world.repo, secret), "the pin keeps it until baton is asked"
    assert any(holds_blob(repo, secret) for repo in everything_that_travels(world, "a").values())
    told = world.baton("doctor")
    assert told.returncode == 1 and "refs/baton/pins" in told.out
    world.baton(*first)
    for way, repo in everything_that_travels(world, "b").items():
        assert not holds_blob(repo, secret), way
    session.prompt("goes on").stop()
    for way, repo in everything_that_travels(world, "c").items():
        assert not holds_blob(repo, secret), way


def test_r53_a_removed_worktree_pins_nothing(world):
    linked = world.base / "linked"
    git(world.repo, "worktree", "add", "-q", "-b", "side", str(linked))
    (linked / "secret.txt").write_text("the password is in here\n")
    git(linked, "add", "-A")
    git(linked, "commit", "-qm", "A mistake")
    secret = git(linked, "rev-parse", "HEAD:secret.txt").strip()
    there = world.claude(cwd=linked).start().prompt("in the linked one")
    there.bash("true")
    before = tree(linked)
    git(world.repo, "worktree", "remove", "--force", str(linked))
    git(world.repo, "branch", "-q", "-D", "side")
    throw_away(world.repo)
    world.baton("status", check=True)
    for way, repo in everything_that_travels(world, "a").items():
        assert not holds_blob(repo, secret), way
    throw_away(world.repo)
    assert exported(world, "@", world.base / "copy") == before


# --- R54
def test_r54_a_worktree_of_an_old_name_is_a_new_one(world):
    linked = world.base / "linked"
    git(world.repo, "worktree", "add", "-q", "-b", "one", str(linked))
    first = world.claude(cwd=linked).start().prompt("in the first")
    first.bash("echo first > first.txt")
    first.stop()
    git(world.repo, "worktree", "remove", "--force", str(linked))
    git(world.repo, "worktree", "add", "-q", "-b", "two", str(linked))
    second = world.claude(cwd=linked).start().prompt("in the second")
    second.bash("echo second > second.txt")
    ids = [line["e"]["wt"] for line in world.lines() if line["e"]["event"] == "UserPromptSubmit"]
    assert len(set(ids)) == 2
    new = [change["p"] for change in world.transitions(session=second.session)]
    assert new == ["second.txt"], "no deletions of what the other one held"
    assert exported(world, "@", world.base / "copy") == tree(linked)
