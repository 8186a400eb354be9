"""What a look at the working tree sees: each kind of file, each kind of change, what is left out."""
import os
import pathlib
import socket
import subprocess
import shutil
import threading
import time

import pytest
from support.scratch import BATON, git


def one(changes, path):
    (found,) = [change for change in changes if change["p"] == path]
    return found


def after_command(world, command):
    """The transitions that one shell command of an agent made."""
    session = world.claude().start().prompt("go")
    seen = len(world.transitions())
    session.bash(command)
    return world.transitions()[seen:]


def test_r12_special_files_do_not_hang(world):
    session = world.claude().start().prompt("go")
    os.mkfifo(world.repo / "pipe")
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(world.repo / "sock"))
    with open(world.repo / "huge", "wb") as file:
        file.truncate(3 << 30)
    world.write("plain.txt", "plain\n")
    began = time.monotonic()
    session.bash("true")
    session.stop()
    assert time.monotonic() - began < 5
    skipped = {path: reason for line in world.lines() for seen in line["e"].get("obs", [])
               for path, reason in seen.get("skipped", [])}
    assert skipped == {"pipe": "fifo", "sock": "socket", "huge": "large"}
    assert one(world.transitions(), "plain.txt")
    listed = {each["path"]: each["reason"] for each in world.json("status")["skipped"]}
    assert listed == skipped
    session.prompt("again").bash("true")
    assert world.lines()[-1]["e"]["obs"][0].get("skipped") is None, "told once"


def test_r12_unreadable_as_another_user(world):
    """root reads everything, so the hook runs as nobody in a world that is nobody's."""
    world.write("secret.bin", b"not for you", mode=0o000)
    subprocess.run(["chown", "-R", "65534:65534", str(world.base)], check=True)
    os.chown(world.repo / "secret.bin", 0, 0)
    for place in [world.base, *world.base.parents]:
        if place == pathlib.Path("/tmp") or place == pathlib.Path("/"):
            break
        place.chmod(0o755)
    session = world.claude()
    import json
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
         os.environ.get("BATON", str(pathlib.Path(__file__).parents[2] / "build/release/baton")),
         "hook", "claude-code"],
        input=json.dumps(session.event("SessionStart", source="startup")).encode(),
        cwd=world.repo, env=world.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    line = world.lines(session=session.session)[-1]
    assert ["secret.bin", "unreadable"] in line["e"]["obs"][0]["skipped"]


def test_r13_links_are_links(world):
    outside = world.base / "outside.txt"
    outside.write_text("never to be read\n")
    changes = after_command(
        world, f"ln -s {outside} out; mkdir d; ln -s d dir; ln -s nowhere dangling")
    for name in ("out", "dir", "dangling"):
        assert one(changes, name)["am"] == "120000"
    assert b"never to be read" not in world.store_bytes()
    world.baton("export", "@", "--to", str(world.base / "copy"), check=True)
    assert os.readlink(world.base / "copy" / "out") == str(outside)
    assert os.readlink(world.base / "copy" / "dir") == "d"
    assert os.readlink(world.base / "copy" / "dangling") == "nowhere"


@pytest.mark.parametrize("inside", [True, False])
def test_r13_a_link_where_a_folder_was(world, inside):
    """What lies behind it is not the worktree's, not even where a file of the same name lies there."""
    world.write("d/same.txt", "recorded\n")
    world.write("d/deep/in.txt", "recorded too\n")
    world.claude().start().end()
    where = "moved" if inside else str(world.base / "elsewhere")
    (world.base / "elsewhere").mkdir()
    (world.base / "elsewhere/same.txt").write_text("never to be read\n")
    changes = after_command(world, f"mv d moved; ln -s {where} d")
    assert {change["p"] for change in changes} == {"d", "d/same.txt", "d/deep/in.txt", "moved/same.txt",
                                                   "moved/deep/in.txt"}
    assert one(changes, "d")["am"] == "120000"
    assert "a" not in one(changes, "d/same.txt") and "a" not in one(changes, "d/deep/in.txt")
    changes = after_command(world, "echo more >> d/same.txt; echo new > d/new.txt")
    assert {change["p"] for change in changes} == ({"moved/same.txt", "moved/new.txt"} if inside else set())
    assert b"never to be read" not in world.store_bytes()


def test_r14_ignored_and_tracked(world):
    world.write(".gitignore", "build/\nnode_modules/\n")
    world.write("build/keep.c", "int x;\n")
    git(world.repo, "add", "-f", "build/keep.c")
    world.commit("Sources in build")
    for number in range(60):
        world.write(f"node_modules/m{number}/index.js", "x\n")
    changes = after_command(
        world, "echo 'int y;' >> build/keep.c; echo new > notes.txt; echo x > build/out.o; "
               "echo y >> node_modules/m1/index.js")
    assert sorted(change["p"] for change in changes) == ["build/keep.c", "notes.txt"]


def test_r14_ignored_folders_are_never_entered(world):
    world.write(".gitignore", "node_modules/\n")
    for number in range(20):
        world.write(f"node_modules/m{number}/index.js", "x\n")
    world.claude().start()
    trace = world.base / "trace"
    session = world.claude()
    import json
    subprocess.run(["strace", "-f", "-o", str(trace), "-e", "trace=file",
                    os.environ.get("BATON", str(pathlib.Path(__file__).parents[2] /
                                                "build/release/baton")), "hook", "claude-code"],
                   input=json.dumps(session.event("SessionStart", source="startup")).encode(),
                   cwd=world.repo, env=world.env, check=True)
    assert "node_modules/m" not in trace.read_text()


def test_r15_kinds_of_change(world):
    world.write("tool.sh", "echo\n")
    world.write("a", "a\n")
    world.write("dir/x", "x\n")
    world.write("Name.txt", "name\n")
    world.write("full", "full\n")
    world.commit("More")
    changes = after_command(
        world, "chmod +x tool.sh; rm a; ln -s tool.sh a; rm -r dir; echo file > dir; "
               "mv Name.txt name.txt; : > full; : > empty")
    assert (one(changes, "tool.sh")["bm"], one(changes, "tool.sh")["am"]) == ("100644", "100755")
    assert one(changes, "a")["am"] == "120000"
    assert "a" not in one(changes, "dir/x")
    assert one(changes, "dir")["am"] == "100644"
    assert "a" not in one(changes, "Name.txt") and "b" not in one(changes, "name.txt")
    empty = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert one(changes, "full")["a"] == empty and one(changes, "empty")["a"] == empty


def test_r16_commands_that_begin_with_baton(world):
    changes = after_command(world, "baton log >/dev/null 2>&1; echo more >> README.md")
    assert one(changes, "README.md")
    (turn,) = world.json("log", "--steps")["turns"]
    assert turn["steps"][0]["command"].startswith("baton log")


@pytest.mark.parametrize("command", [
    "printf 'A PROJECT\\n' > new && touch -r README.md new && cat new > README.md && "
    "touch -r new README.md && rm new",
    "printf B | dd of=README.md conv=notrunc 2>/dev/null",
], ids=["touch-r", "in-place"])
def test_r17_same_size_same_time(world, command):
    changes = after_command(world, command)
    assert one(changes, "README.md")


def test_r17_equal_length_within_the_tick(world):
    session = world.claude().start().prompt("go")
    for number in range(10):
        session.bash(f"printf 'content {number}\\n' > f.txt")
    contents = [change["a"] for change in world.transitions() if change["p"] == "f.txt"]
    assert len(contents) == 10 and len(set(contents)) == 10


def test_r37_line_ends_and_filters(world):
    world.sh("git config core.autocrlf true")
    world.write(".gitattributes", "*.up filter=up\n*.id ident\n*.w working-tree-encoding=UTF-16LE\n"
                                  "*.c text eol=crlf\n")
    world.sh("git config filter.up.clean 'tr A-Z a-z'; git config filter.up.smudge 'tr a-z A-Z'")
    world.write("a.txt", b"one\r\ntwo\r\n")
    world.write("b.up", b"LOUD\n")
    world.write("c.id", b"$Id$\n")
    world.write("d.w", "wide\n".encode("utf-16-le"))
    world.write("e.c", b"int x;\r\n")
    world.commit("Converted")
    world.sh("rm a.txt b.up c.id d.w e.c && git checkout -q -- .")
    before = {path.name: path.read_bytes() for path in world.repo.iterdir() if path.is_file()}
    assert before["a.txt"] == b"one\r\ntwo\r\n" and before["b.up"] == b"LOUD\r\n"
    session = world.claude().start().prompt("go")
    seen = len(world.transitions())
    session.bash("true")
    assert world.transitions()[seen:] == []
    world.baton("export", "@", "--to", str(world.base / "copy"), check=True)
    after = {path.name: path.read_bytes() for path in (world.base / "copy").iterdir()}
    assert after == before
    session.bash("printf 'three\\r\\n' >> a.txt")
    assert [change["p"] for change in world.transitions()[seen:]] == ["a.txt"]
    assert world.baton("cat", "@:a.txt").stdout == b"one\r\ntwo\r\nthree\r\n"
    git(world.repo, "commit", "-qam", "Three")
    seen = len(world.transitions())
    session.bash("true")
    assert world.transitions()[seen:] == [], "a clean converted file is not a change"


@pytest.mark.parametrize("kind", ["node_modules", "big files"])
def test_r40_bulk_is_capped(world, kind):
    session = world.claude().start().prompt("go")
    if kind == "node_modules":
        world.sh("mkdir -p node_modules; cd node_modules; for i in $(seq 1 70); do mkdir p$i; "
                 "for j in $(seq 1 90); do echo content $i $j > p$i/f$j.js; done; done")
    else:
        world.sh("for i in $(seq 1 40); do head -c 6000000 /dev/urandom > data$i.bin; done")
    began = time.monotonic()
    session.bash("echo small > notes.txt")
    took = time.monotonic() - began
    session.bash("true")
    session.stop()
    assert took < 4
    assert one(world.transitions(), "notes.txt")
    size = sum(f.stat().st_size for f in world.store.rglob("*") if f.is_file())
    assert size < 100 << 20
    skipped = world.json("status")["skipped"]
    assert any(each["reason"] == "bulk" for each in skipped), skipped


def test_r51_ignore_rules_loosened(world):
    world.write(".gitignore", "*.log\nlogs/\n")
    world.write("a.log", "a\n")
    world.write("logs/b.txt", "b\n")
    session = world.claude().start().prompt("go")
    seen = len(world.transitions())
    session.bash("printf '' > .gitignore")
    paths = {change["p"] for change in world.transitions()[seen:]}
    assert paths == {".gitignore", "a.log", "logs/b.txt"}


def test_r51_file_in_the_tick_of_the_listing(world):
    session = world.claude().start().prompt("go")
    for number in range(20):
        session.bash(f"mkdir -p t; echo {number} > t/f{number}")
    paths = {change["p"] for change in world.transitions()}
    assert paths == {f"t/f{number}" for number in range(20)}


def test_batonignore(world):
    world.write(".batonignore", "private/\n")
    world.write("private/diary.txt", "dear diary\n")
    session = world.claude().start().prompt("go")
    session.bash("echo more >> private/diary.txt; echo x > open.txt")
    paths = {change["p"] for change in world.transitions()}
    assert "open.txt" in paths and "private/diary.txt" not in paths
    assert b"dear diary" not in world.store_bytes()


def test_names_of_any_bytes(world):
    session = world.claude().start().prompt("go")
    names = [b"with space", b"quo\"te", b"tab\there", b"new\nline", b"-dash", b"a:b.txt",
             "emoji \U0001f600".encode(), b"latin \xe9", b"back\\slash"]
    for name in names:
        with open(os.path.join(os.fsencode(world.repo), name), "wb") as file:
            file.write(name + b"\n")
    session.bash("true")
    assert len([c for c in world.transitions()]) == len(names)
    world.baton("export", "@", "--to", str(world.base / "copy"), check=True)
    assert sorted(n for n in os.listdir(os.fsencode(world.base / "copy"))
                  if n != b"README.md") == sorted(names)


def test_nested_repositories_belong_to_themselves(world):
    inner = world.repo / "inner"
    inner.mkdir()
    git(inner, "init", "-q", ".")
    (inner / "file.txt").write_text("inner\n")
    session = world.claude().start().prompt("go")
    session.bash("echo more >> inner/file.txt; echo outer > outer.txt")
    assert {change["p"] for change in world.transitions()} == {"outer.txt"}


def test_r12_files_that_vanish_during_the_pass(world):
    """Something makes and removes files all the while."""
    session = world.claude().start().prompt("go")
    stop = threading.Event()

    def churn(number):
        while not stop.is_set():
            folder = world.repo / f"churn{number}"
            folder.mkdir(exist_ok=True)
            for i in range(20):
                (folder / f"{i}.tmp").write_text(f"{i}\n")
            shutil.rmtree(folder)

    threads = [threading.Thread(target=churn, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(25):
            began = time.monotonic()
            session.bash(f"echo {number} > kept{number}.txt")
            assert time.monotonic() - began < 5
        session.stop()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    kept = {change["p"] for change in world.transitions() if change["p"].startswith("kept")}
    assert kept == {f"kept{number}.txt" for number in range(25)}
    assert [gap for gap in world.gaps() if gap["what"] != "pass"] == []
    session.prompt("quiet again").bash("true")
    session.stop()
    assert world.baton("fsck").returncode == 0, world.baton("fsck").out
    last = {}
    for change in sorted(world.transitions(), key=lambda change: change["q"]):
        last[change["p"]] = "a" in change
    assert not any(there for path, there in last.items() if path.startswith("churn"))


def index_opened(world):
    """Whether a reader's look at the files reads git's index."""
    trace = world.base / "opened"
    subprocess.run(["strace", "-f", "-o", str(trace), "-e", "trace=openat,open", BATON, "diff", "--stat"],
                   cwd=world.repo, env=world.env, check=True, stdout=subprocess.DEVNULL)
    return f'"{world.repo}/.git/index"' in trace.read_text()


def test_an_index_that_tells_nothing_new_is_read_once(world):
    world.claude().start().prompt("go").stop()
    world.write("a.txt", "one\n")
    world.write("kept/b.txt", "two\n")
    world.write(".gitignore", "kept/\n")
    git(world.repo, "add", "a.txt", ".gitignore")
    git(world.repo, "commit", "-qm", "Files")
    world.baton("diff", check=True)
    time.sleep(0.03)
    journals = world.lines("baton")
    os.utime(world.repo / ".git/index", ns=(1, 1))
    assert index_opened(world) and not index_opened(world)
    assert world.lines("baton") == journals
    # What it does tell is seen by whoever looks next.
    git(world.repo, "add", "-f", "kept/b.txt")
    assert "kept/b.txt" in world.baton("diff", "--stat", check=True).out
    os.utime(world.repo / ".git/index", ns=(2, 2))
    (world.repo / "kept/b.txt").write_text("three\n")
    seen = len(world.lines("baton"))
    assert index_opened(world) and len(world.lines("baton")) == seen + 1
