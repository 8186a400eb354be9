"""`baton gc`: what nothing needs goes, everything else stays and says what it said."""
import json
import random
import subprocess
import threading
import time

import pytest

from support import stranger
from support.answers import answers, contents, differences, digest
from support.leftovers import leave_behind, unfinished
from support.scratch import BATON, Scratch, git

SESSION = "11111111-2222-4333-8444-555555555555"
SETTLED = 0.03


def worked(base, **more):
    """Two sessions: edits, commands, a person, commits, a file that goes, a checkpoint, a rewind."""
    world = Scratch(base, **more)
    world.write("src/a.txt", "".join(f"line {i} of the first file\n" for i in range(200)))
    world.write("src/b.txt", "one\ntwo\nthree\n")
    world.write("gone.txt", "to be deleted\n" * 50)
    world.commit("Files")
    session = world.claude(SESSION).start().prompt("change some lines")
    for i in range(12):
        session.edit("src/a.txt", f"line {i * 7} of the first file", f"line {i * 7}, changed")
    session.bash("seq 1 3000; rm gone.txt; seq 1 500 > new.txt")
    world.write("person.txt", "by a person\n")
    session.stop()
    world.baton("checkpoint", "before-two", check=True)
    world.commit("Work")
    session.prompt("and some more")
    session.edit("src/b.txt", "two", "2")
    session.bash("sed -i s/changed/changed twice/ src/a.txt; cp src/a.txt src/copy.txt")
    session.stop()
    other = world.claude("99999999-2222-4333-8444-555555555555").start().prompt("another")
    other.write("other.txt", "from the other session\n" * 30)
    other.edit("src/b.txt", "three", "3")
    other.stop().end()
    time.sleep(SETTLED)
    world.baton("diff", check=True)
    return world


def sound(world):
    found = world.json("fsck")
    assert found["sound"], found["findings"]
    return stranger.check_store(world.store, world.repo)


def left_behind(world):
    contents = world.json("du")["contents"]
    return contents["left_behind"]["bytes"] + contents["no_record"]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    world = worked(tmp_path_factory.mktemp("gc") / "world")
    leave_behind(world)
    return world


@pytest.fixture
def world(template, tmp_path):
    copy = template.copy_to(tmp_path / "world")
    time.sleep(SETTLED)
    copy.baton("diff", check=True)  # a copy has other inodes
    return copy


def segments(world):
    return sorted(file.name for file in world.store.glob("objects/*.seg"))


def test_what_a_killed_hook_left_goes(world):
    before, said = contents(world), answers(world)
    garbage = left_behind(world)
    assert garbage > 10_000
    told = world.json("gc", "--dry-run")
    done = world.json("gc")
    assert {**told, "dry_run": False} == done
    assert done["left_behind"]["bytes"] + done["torn"] == garbage == done["reclaimed"]
    assert left_behind(world) == 0
    assert contents(world) == before
    assert not differences(said, answers(world))
    sound(world)
    again = world.json("gc")
    assert again["reclaimed"] == 0 and again["before"] == done["before"] - garbage
    assert world.baton("gc", "--dry-run", check=True).out == "nothing to take away\n"
    assert world.baton("gc", check=True).out == "nothing to take away\n"


def test_the_index_made_anew_says_the_same(world):
    said = answers(world)
    world.baton("gc", check=True)
    world.baton("reindex", check=True)
    assert not differences(said, answers(world))


def test_work_goes_on_afterwards(world):
    numbers = segments(world)
    world.baton("gc", check=True)
    assert set(segments(world)).isdisjoint(numbers), "no number is used again"
    session = world.claude(SESSION)
    session.calls = 60
    session.prompt("after gc")
    session.edit("src/b.txt", "one", "1")
    session.stop()
    assert len(segments(world)) == 1
    sound(world)
    leave_behind(world, "more.txt")
    world.baton("gc", check=True)
    assert left_behind(world) == 0
    sound(world)


def test_without_a_lookup_table(world):
    before = contents(world)
    for broken in None, b"BTNLOOK1 and nothing that makes sense":
        table = world.store / "objects" / "lookup"
        table.unlink()
        if broken:
            table.write_bytes(broken)
        world.baton("gc", check=True)
        assert contents(world) == before
        sound(world)
    assert left_behind(world) == 0


def test_a_dry_run_changes_no_byte(world):
    world.commit("HEAD moves, and nobody looked yet")
    (world.store / "objects" / "gc-1").write_bytes(b"left by a run that was killed")
    before = digest(world)
    done = world.json("gc", "--dry-run")
    assert done["reclaimed"] > 10_000 and done["temporary"] == 29
    assert "would go" in world.baton("gc", "--dry-run", check=True).out
    assert digest(world) == before
    world.baton("gc", check=True)
    assert not (world.store / "objects" / "gc-1").exists()


def test_contents_stored_twice(world):
    before = contents(world)
    segment = world.store / "objects" / segments(world)[-1]
    (segment.parent / "000007.seg").write_bytes(segment.read_bytes())
    done = world.json("gc")
    assert done["repeated"]["count"] > 20
    assert contents(world) == before
    sound(world)
    assert left_behind(world) == 0


def test_damage_keeps_everything(world):
    """A line that cannot be read may need anything."""
    journal = next(world.store.glob(f"sessions/*/{SESSION}/events.jsonl"))
    lines = journal.read_bytes().split(b"\n")
    lines[5] = lines[5].replace(b'"e":{', b'"e":[', 1)
    journal.write_bytes(b"\n".join(lines))
    size = sum(file.stat().st_size for file in world.store.glob("objects/*.seg"))
    done = world.baton("gc")
    assert done.returncode == 4 and "nothing was taken away" in done.out
    assert "nothing to take away" not in done.out
    assert sum(file.stat().st_size for file in world.store.glob("objects/*.seg")) == size


def test_two_at_once(world):
    running = [subprocess.Popen(["strace", "-o", "/dev/null", "-e", "trace=fsync", "-e",
                                 "inject=fsync:delay_enter=300000", BATON, "gc"],
                                cwd=world.repo, env=world.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
               for _ in range(2)]
    ended = [process.communicate() + (process.returncode,) for process in running]
    assert sorted(each[2] for each in ended) == [0, 4]
    assert any(b"another 'baton gc' is at work" in each[1] for each in ended)
    sound(world)


# --- what is borrowed from git

def lose(world):
    """git forgets all that no ref leads to."""
    git(world.repo, "reflog", "expire", "--expire=now", "--all")
    git(world.repo, "gc", "-q", "--prune=now")


def test_amended_away(world):
    before, said = contents(world), answers(world)
    git(world.repo, "commit", "-q", "--amend", "-m", "Amended", "--allow-empty")
    world.write("src/a.txt", "all new\n")
    git(world.repo, "commit", "-qam", "Another")
    git(world.repo, "reset", "-q", "--hard", "HEAD~1")
    world.baton("gc", check=True)
    lose(world)
    assert contents(world) == before
    sound(world)
    assert {key: value for key, value in differences(said, answers(world)).items() if key[0] == "show"} == {}


def forget_manifest(world):
    """What was last seen is a cache: whoever deletes it loses no history."""
    for manifest in world.store.glob("worktrees/*/manifest"):
        manifest.unlink()


def test_a_lost_manifest_and_a_moved_head(tmp_path):
    """Nobody knows any more what was borrowed, but the record tells what it needs."""
    world = worked(tmp_path / "world")
    before = contents(world)
    forget_manifest(world)
    git(world.repo, "checkout", "-q", "--orphan", "anew")
    world.write("src/a.txt", "all new\n")
    world.commit("Anew")
    git(world.repo, "branch", "-qD", "main")
    (world.repo / "person.txt").unlink()
    told = world.json("gc", "--dry-run")["taken_over"]
    done = world.json("gc")["taken_over"]
    assert done["count"] > 0 and done["trees"] > 0
    assert told["count"] > 0
    lose(world)
    assert contents(world) == before
    sound(world)
    # Whole states, too.
    world.baton("rewind", "before-two", "--force", check=True)
    assert world.read("person.txt") == b"by a person\n"
    assert b"line 0, changed\n" in world.read("src/a.txt")


def test_without_the_pin(world):
    """Somebody deletes the ref: gc puts it back, or takes over what it would have kept."""
    before = contents(world)
    git(world.repo, "update-ref", "-d", "refs/baton/pins")
    assert world.json("gc", "--dry-run")["pins"] == 1
    assert world.json("gc")["pins"] == 1
    tree = git(world.repo, "rev-parse", "HEAD^{tree}").strip()
    assert git(world.repo, "ls-tree", "refs/baton/pins").split()[2] == tree
    git(world.repo, "checkout", "-q", "--orphan", "anew")
    git(world.repo, "rm", "-rqf", ".")
    world.commit("Nothing")
    git(world.repo, "branch", "-qD", "main")
    lose(world)
    assert contents(world) == before
    sound(world)


def pins(world):
    listing = git(world.repo, "ls-tree", "refs/baton/pins", check=False)
    return {line.split("\t")[1]: line.split()[2] for line in listing.split("\n") if line}


def test_pins_of_worktrees(world, tmp_path):
    git(world.repo, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = world.claude("77777777-2222-4333-8444-555555555555", cwd=tmp_path / "side").start().prompt("aside")
    side.edit("src/b.txt", "one", "aside")
    side.stop()
    git(tmp_path / "side", "commit", "-qam", "Aside")
    side.prompt("more")
    side.edit("src/b.txt", "aside", "aside again")
    side.stop()
    before = contents(world)
    world.baton("gc", check=True)
    assert sorted(pins(world).values()) == sorted(
        git(where, "rev-parse", "HEAD^{tree}").strip() for where in (world.repo, tmp_path / "side"))
    git(world.repo, "worktree", "remove", "--force", str(tmp_path / "side"))
    git(world.repo, "branch", "-qD", "side")
    world.baton("gc", check=True)
    assert list(pins(world).values()) == [git(world.repo, "rev-parse", "HEAD^{tree}").strip()]
    lose(world)
    assert contents(world) == before
    sound(world)


def test_an_entry_of_nobody_in_the_pin(world):
    empty = git(world.repo, "hash-object", "-w", "-t", "tree", "/dev/null").strip()
    listing = git(world.repo, "ls-tree", "refs/baton/pins") + f"040000 tree {empty}\tfeedfacefeedface\n"
    made = subprocess.run(["git", "-C", str(world.repo), "mktree"], input=listing.encode(),
                          stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    git(world.repo, "update-ref", "refs/baton/pins", made)
    world.baton("gc", check=True)
    assert "feedfacefeedface" not in pins(world) and len(pins(world)) == 1


# --- while agents work

def test_hooks_go_on(world):
    """Two agents work while gc runs in a loop, and other hooks die: nothing is lost."""
    ended = threading.Event()
    failures = []

    def work(number):
        try:
            session = world.claude(f"{number}{number}{number}{number}aaaa-2222-4333-8444-555555555555")
            session.start()
            for i in range(12):
                session.prompt(f"part {i}")
                session.write(f"work{number}.txt", f"{number} {i}\n" + random.Random(i).randbytes(3000).hex())
                session.bash(f"seq 1 {200 + i} > out{number}.txt; seq {i} 400")
                session.stop()
        except BaseException as error:  # told in the end
            failures.append(error)

    workers = [threading.Thread(target=work, args=(number,)) for number in (3, 4)]
    for worker in workers:
        worker.start()

    def clean():
        while not ended.is_set():
            done = world.baton("gc")
            if done.returncode != 0:
                failures.append(done.err)
            rounds.append(done)

    rounds = []
    cleaner = threading.Thread(target=clean)
    cleaner.start()
    for worker in workers:
        worker.join()
    ended.set()
    cleaner.join()
    assert not failures, failures
    assert len(rounds) > 5
    gaps = [gap for gap in world.gaps() if gap["what"] in ("object", "event", "journal")]
    assert not gaps, gaps
    world.baton("diff", check=True)
    assert sound(world).state == stranger.disk_state(world.repo)
    everything = contents(world)
    assert sum(address.split(":")[1].startswith("work") for address in everything) >= 48
    for address, content in everything.items():
        if address.split(":")[1].startswith(("work", "out")) and "^" not in address:
            assert isinstance(content, bytes), f"{address} is lost"


def test_a_hook_that_relies_on_what_was_left_behind(world):
    """It finds the content there, and is slow to write the line that needs it."""
    payload = unfinished(world)
    slow = subprocess.Popen(["strace", "-o", "/dev/null", "-e", "trace=write", "-e",
                             "inject=write:delay_enter=500000", BATON, "hook", "claude-code"],
                            cwd=world.repo, env=world.env, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    slow.stdin.write(json.dumps(payload).encode())
    slow.stdin.close()
    time.sleep(0.25)
    assert slow.poll() is None
    lines = len(world.lines())
    world.baton("gc", check=True)
    assert slow.wait() == 0 and slow.stdout.read() + slow.stderr.read() == b""
    assert len(world.lines()) == lines + 1, "the hook was in the middle, and came to its end"
    assert not world.gaps()
    assert sound(world).state == stranger.disk_state(world.repo)


def test_readers_that_have_a_segment_open_go_on(world):
    """A reader that is slow meets a gc in the middle."""
    said = world.baton("fsck", check=True).out
    slow = subprocess.Popen(["strace", "-f", "-o", "/dev/null", "-e", "trace=pread64", "-e",
                             "inject=pread64:delay_enter=2000", BATON, "fsck"],
                            cwd=world.repo, env=world.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.2)
    world.baton("gc", check=True)
    assert slow.poll() is None, "it was to be slow"
    out, err = slow.communicate()
    assert slow.returncode == 0 and out.decode() == said, (out, err)
