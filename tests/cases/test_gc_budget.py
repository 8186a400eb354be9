"""`baton gc` with a budget: binary versions from the middle of turns go, nothing that anything rests on."""
import json
import random
import shutil
import time

import pytest

from support import stranger
from support.answers import answers, contents, differences, digest
from support.scratch import Scratch, git

SESSION = "11111111-2222-4333-8444-555555555555"
LATER = {"BATON_CLOCK": "2031-01-01T00:00:00Z"}  # all of it is old
SETTLED = 0.03
SIZE = 40_000


def art(seed):
    return b"\0" + random.Random(seed).randbytes(SIZE)


def place(world, agent, name, content, tell="true"):
    """A command of the agent's puts this content there."""
    ready = world.base / "ready"
    ready.write_bytes(content)
    time.sleep(SETTLED)
    agent.bash(f"cp {ready} {name}; {tell}")


def worked(base, **more):
    """Binaries that are built again and again, a table that grows, texts; tests, a checkpoint, two turns."""
    world = Scratch(base, **more)
    world.write("app.bin", art("committed"))
    world.write("test.sh", "test -s app.bin\n")
    world.write("notes.txt", "one\ntwo\n")
    world.commit("Files")
    agent = world.claude(SESSION).start().prompt("Build it")
    for i in range(6):
        place(world, agent, "app.bin", art(f"app {i}"))
        place(world, agent, "table.db", art("table") + bytes(range(256)) * i + bytes([i]))
        agent.edit("notes.txt", "two\n", f"two\nand {i}\n")
    agent.bash("sh test.sh")
    for i in range(6, 9):
        place(world, agent, "app.bin", art(f"app {i}"))
    agent.stop()
    world.baton("checkpoint", "built", check=True)
    agent.prompt("Once more")
    for i in range(9, 12):
        place(world, agent, "app.bin", art(f"app {i}"))
    agent.bash("mv app.bin moved.bin; cp table.db copy.db")
    agent.stop().end()
    time.sleep(SETTLED)
    world.baton("diff", check=True)
    return world


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return worked(tmp_path_factory.mktemp("budget") / "world")


@pytest.fixture
def world(template, tmp_path):
    copy = template.copy_to(tmp_path / "world")
    time.sleep(SETTLED)
    copy.baton("diff", check=True)  # a copy has other inodes
    return copy


def gc(world, *words, env=LATER):
    done = world.baton("gc", *words, "--json", env=env, check=True)
    return json.loads(done.out)


def size_of(world):
    used = world.json("du")
    return used["total"] - used["index"]


def sound(world):
    found = world.json("fsck")
    assert found["sound"], found["findings"]
    return found


def said(world):
    """What the record says but for contents as such."""
    found = {words: answer for words, answer in answers(world).items() if words[0] in ("blame", "handoff")}
    more = [("stats",), ("log",), ("pr",), ("check",), ("checkpoint",), ("log", "--tests"), ("search", "table")]
    more += [("handoff", "--at", mark["address"], "--json") for mark in world.json("handoff", "--list")["marks"]]
    for words in more:
        done = world.baton(*words, env=LATER)
        found[words] = done.returncode, done.stdout
    return found


def test_without_a_budget_nothing_is_thinned(world):
    before = contents(world)
    done = gc(world)
    assert done["thinned"] == {"count": 0, "bytes": 0} and "budget" not in done
    assert contents(world) == before


def test_versions_from_the_middle_of_turns_go(world):
    before, told = contents(world), said(world)
    size = size_of(world)
    dry = gc(world, "--budget", "1k", "--dry-run")
    assert contents(world) == before
    done = gc(world, "--budget", "1k")
    assert {**dry, "dry_run": False} == done
    assert done["thinned"]["count"] >= 8 and done["thinned"]["bytes"] > 5 * SIZE
    assert done["over"] > 0 and done["budget"] == 1024
    assert size_of(world) < size - 5 * SIZE
    after = contents(world)
    gone = {where for where in before if after[where] != before[where]}
    assert gone and all(after[where] == 3 for where in gone), gone
    assert all(before[where].startswith(b"\0") for where in gone)
    found = sound(world)
    assert found["thinned"] == done["thinned"]["count"]
    assert not differences(told, said(world))
    world.baton("reindex", check=True)
    assert not differences(told, said(world))
    again = gc(world, "--budget", "1k")
    assert again["reclaimed"] == 0 and again["thinned"]["count"] == 0
    assert gc(world)["reclaimed"] == 0


def test_a_budget_takes_no_more_than_it_needs(world):
    size = size_of(world)
    done = gc(world, "--budget", str(size - SIZE - SIZE // 2))
    assert done["thinned"]["count"] in (2, 3) and done["over"] == 0
    gone = gone_of(world, "app.bin")
    gc(world, "--budget", "1k")
    assert gone == gone_of(world, "app.bin")[:len(gone)], "not the ones that were replaced first"


def gone_of(world, path):
    """The steps whose content of the path is gone, oldest first."""
    return [step for step in steps_of(world, path)
            if "thinned for the budget" in world.baton("cat", f"{step}:{path}").err]


def steps_of(world, path):
    """The steps that changed the path, oldest first."""
    steps = [step["address"] for turn in world.json("log", "--steps")["turns"] for step in turn["steps"]
             if any(change["path"] == path for change in step.get("changes", []))]
    return sorted(steps, key=lambda each: int(each.split(".")[1]))


def test_what_is_young_stays(world):
    before = contents(world)
    assert gc(world, "--budget", "1k", env={})["thinned"]["count"] == 0
    assert contents(world) == before


def test_the_setting_is_the_same(world):
    told = gc(world, "--budget", "1k", "--dry-run")
    git(world.repo, "config", "baton.budget", "1k")
    assert gc(world, "--dry-run") == told
    done = world.baton("gc", "--dry-run", env=LATER, check=True)
    assert "thinned for the budget" in done.out and "over the budget" in done.out
    for wrong in "0", "much", "-1", "":
        done = world.baton("gc", "--budget", wrong)
        assert done.returncode == 2 and "no size" in done.err, done.err


def test_turns_checkpoints_and_tests_stay_whole(world):
    targets = ["@start", "@green", "@built"]
    for turn in world.json("log")["turns"]:
        targets += [turn["address"], turn["address"] + "^"]
    plans = {each: world.json("rewind", each, "--dry-run", "--force") for each in targets}
    assert gc(world, "--budget", "1k")["thinned"]["count"] >= 8
    for target in targets:
        plan = world.json("rewind", target, "--dry-run", "--force")
        assert plan == plans[target] and "thinned" not in plan, target
    world.baton("rewind", "@green", "--force", check=True)
    assert world.read("app.bin") == art("app 5")
    world.baton("undo", check=True)
    assert world.read("moved.bin") == art("app 11")


def thinned_step(world, path):
    """The first step whose content of the path is gone."""
    return gone_of(world, path)[0]


def test_each_command_says_what_went(world):
    gc(world, "--budget", "1k")
    step = thinned_step(world, "app.bin")
    done = world.baton("cat", f"{step}:app.bin")
    assert done.returncode == 3 and done.out == ""
    assert "content was thinned for the budget on 20" in done.err and "kept: " in done.err, done.err
    assert "before it" in done.err and "after it" in done.err, done.err
    shown = world.baton("show", step, check=True)
    assert "content was thinned for the budget on 20" in shown.out, shown.out
    first, last = step + "^", step
    assert "thinned for the budget" in world.baton("diff", first, last, check=True).out
    before = digest_of_files(world)
    refused = world.baton("rewind", step, "--force")
    assert refused.returncode == 1, refused
    assert "nothing was changed" in refused.err and "app.bin" in refused.out, refused.out
    assert "kept: " in refused.out
    told = world.json("rewind", step, "--force", "--dry-run", check=False)
    assert [each["path"] for each in told["thinned"]] == ["app.bin"] and told["refused"]
    assert digest_of_files(world) == before
    world.baton("rewind", step, "--force", "--", "notes.txt", check=True)
    world.baton("undo", check=True)
    refused = world.baton("restore", "app.bin", "--source", step)
    assert refused.returncode == 1 and digest_of_files(world) == before
    assert "thinned for the budget" in world.baton("du", check=True).out
    assert world.json("du")["contents"]["thinned"]["count"] >= 8
    done = world.baton("export", step, "--to", str(world.base / "out"), check=True)
    assert "thinned for the budget" in done.err
    assert not (world.base / "out/app.bin").exists() and (world.base / "out/notes.txt").exists()
    forked = world.baton("fork", step, "--dry-run", check=True)
    assert "thinned for the budget" in forked.out


def digest_of_files(world):
    return {file.relative_to(world.repo): file.read_bytes() for file in sorted(world.repo.rglob("*"))
            if file.is_file() and ".git" not in file.parts}


def test_a_bundle_tells_it_too(world, tmp_path):
    told = world.baton("blame", "moved.bin", check=True).out
    gc(world, "--budget", "1k")
    step = thinned_step(world, "app.bin")
    world.baton("bundle", str(tmp_path / "b"), check=True)
    done = world.baton("cat", f"{step}:app.bin", "--bundle", str(tmp_path / "b"))
    assert done.returncode == 3 and "thinned for the budget" in done.err, done.err
    assert world.baton("blame", "moved.bin", "--bundle", str(tmp_path / "b"), check=True).out == told


def test_what_comes_again_is_there_again(world):
    gc(world, "--budget", "1k")
    step = thinned_step(world, "app.bin")
    agent = world.claude(SESSION)
    agent.calls = 90
    agent.start("resume").prompt("The old one again")
    for i in range(12):
        place(world, agent, f"again-{i}.bin", art(f"app {i}"))
    agent.stop()
    assert world.baton("cat", f"{step}:app.bin", check=True).stdout[:1] == b"\0"
    found = sound(world)
    assert "thinned" not in found or found["thinned"] < 8
    gc(world, "--budget", "1k")
    for i in range(12):
        assert world.read(f"again-{i}.bin") == art(f"app {i}")
    world.sh("rm again-*.bin")
    world.baton("restore", "again-3.bin", check=True)
    assert world.read("again-3.bin") == art("app 3")


def test_what_git_has_is_not_taken_over_again(world):
    """A version that was committed goes from the store; git still gives it."""
    done = gc(world, "--budget", "1k")
    assert done["taken_over"]["count"] == 0
    assert gc(world, "--budget", "1k")["taken_over"]["count"] == 0


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_a_stranger_reads_the_store(form, tmp_path):
    world = worked(tmp_path / "world", object_format=form)
    gc(world, "--budget", "1k")
    sound(world)
    timeline = stranger.check_store(world.store, world.repo, form)
    assert timeline.state == stranger.disk_state(world.repo, hash_name=form)


def test_differences_from_what_goes_are_stored_anew(tmp_path):
    """A table that grows by little: each version is a difference from the one before it."""
    world = Scratch(tmp_path / "world")
    agent = world.claude(SESSION).start().prompt("Fill the table")
    rows = [art("first")]
    for i in range(14):
        rows.append(rows[-1] + random.Random(i).randbytes(3000))
        place(world, agent, "table.db", rows[-1])
        if i % 5 == 4:
            agent.stop()
            agent.prompt(f"Go on {i}")
    agent.stop()
    before, told = contents(world), said(world)
    done = gc(world, "--budget", "1k")
    after = contents(world)
    gone = {where for where in before if after[where] != before[where]}
    assert (done["thinned"]["count"] > 0) == bool(gone)
    sound(world)
    assert not differences(told, said(world))
    (world.store / "objects/lookup").unlink()
    assert contents(world) == after
    world.baton("gc", check=True)
    assert contents(world) == after
