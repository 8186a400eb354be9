"""The first five minutes: before there is a store, before anything is in it."""
import json
import os
import subprocess

import pytest

from support.played import check_golden
from support.scratch import Scratch

READERS = [["status"], ["sessions"], ["log"], ["show"], ["diff"], ["search", "x"],
           ["cat", "@:README.md"], ["handoff"], ["blame", "README.md"], ["fsck"], ["reindex"],
           ["export", "--to", "out"]]


def test_outside_of_everything(make_world, tmp_path):
    world = make_world(store=False, git_repo=False)
    for words in [[], ["status"], ["log"], ["show"], ["diff"], ["search", "x"], ["fsck"],
                  ["blame", "x"]]:
        done = world.baton(*words)
        assert done.returncode == 3, (words, done)
        assert done.out == ""
        check_golden("no-repository.txt", done.err)


def test_repository_without_a_store(make_world):
    world = make_world(store=False)
    for words in [[], ["status"], ["log"], ["show"], ["diff"], ["search", "x"], ["fsck"],
                  ["cat", "@:x"], ["export", "--to", "x"]]:
        done = world.baton(*words)
        assert done.returncode == 3, (words, done)
        assert done.out == ""
        check_golden("no-store.txt", done.err)
    assert not (world.repo / ".git" / "baton").exists()


def test_blame_without_a_store_is_gits(make_world):
    world = make_world(store=False)
    rows = world.json("blame", "README.md")
    assert rows["recorded"] is False
    (line,) = rows["lines"]
    assert (line["text"], line["owner"]["kind"], line["author"]) == ("a project", "git", "Robin")
    world.write("new.txt", "one\n")
    (line,) = world.json("blame", "new.txt")["lines"]
    assert line["owner"]["kind"] == "unknown"


def test_just_initialized(world):
    done = world.baton()
    assert done.returncode == 0 and done.err == ""
    check_golden("empty-summary.txt", done.out)


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
def test_readers_of_an_empty_store_say_one_line(world, words):
    done = world.baton(*words)
    text = done.out + done.err
    expected = {"search": 1, "show": 3, "diff": 3, "cat": 3, "handoff": 3, "export": 3}
    assert done.returncode == expected.get(words[0], 0), done
    if words[0] in ("sessions", "log", "search", "show", "diff", "handoff"):
        assert text == ("baton: nothing was recorded yet: start an agent here, or ask 'baton doctor' "
                        "why nothing is heard\n")
    else:
        assert text.strip(), "something useful is said"


@pytest.mark.parametrize("words", [["status"], ["sessions"], ["log"], ["search", "x"], []],
                         ids=lambda words: "-".join(words) or "alone")
def test_json_of_an_empty_store(world, words):
    done = world.baton(*words, "--json")
    answer = json.loads(done.out)
    assert done.err == "" and answer["baton"] == 1


def test_init_says_what_it_does(make_world):
    world = make_world(store=False)
    (world.home / ".codex").mkdir()
    steady = lambda done: (done.out + done.err).replace(str(world.repo), "REPO")  # noqa: E731

    def squeezed(done):
        lines = steady(done).split("\n")
        return "\n".join(" ".join(line.split()) if "REPO" in line or "~/" in line else line
                         for line in lines)

    done = world.baton("init", "--dry-run")
    assert done.returncode == 0
    check_golden("init-dry-run.txt", squeezed(done))
    assert not world.store.exists() and not (world.home / ".claude" / "settings.json").exists()
    done = world.baton("init")
    assert done.returncode == 0
    check_golden("init.txt", squeezed(done))
    done = world.baton("init")
    assert done.returncode == 0
    check_golden("init-again.txt", squeezed(done))
    done = world.baton("uninstall")
    assert done.returncode == 0
    check_golden("uninstall.txt", squeezed(done))
    assert world.store.exists()
    done = world.baton("uninstall", "--purge")
    assert done.returncode == 0 and not world.store.exists()
    assert "refs/baton" not in subprocess.run(
        ["git", "-C", str(world.repo), "for-each-ref"], stdout=subprocess.PIPE, text=True).stdout


def test_init_fits_where_it_cannot(make_world, tmp_path):
    bare = tmp_path / "bare"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    world = make_world(store=False)
    done = world.baton("init", cwd=bare)
    assert done.returncode == 1 and "bare" in done.err
    done = world.baton("init", "--agent", "codex")
    assert done.returncode == 1 and "is not here" in done.out


def test_doctor_tells_the_next_step(make_world):
    world = make_world(store=False)
    done = world.baton("doctor")
    assert done.returncode == 3 and "baton init" in done.out
    world.baton("init", check=True)
    answer = json.loads(world.baton("doctor", "--json").out)
    assert [each["amiss"] for each in answer["problems"]] == [False], answer["problems"]
    settings = world.home / ".claude" / "settings.json"
    settings.write_text(settings.read_text().replace("PreToolUse", "PreTulUse"))
    done = world.baton("doctor")
    assert done.returncode == 1 and "PreToolUse" in done.out
    done = world.baton("doctor", env={"BATON_OFF": "1"})
    assert "recording is paused" in done.out


def test_other_folders(world):
    """-C, subdirectories and linked worktrees."""
    (world.repo / "sub" / "deep").mkdir(parents=True)
    world.write("sub/deep/a.txt", "one\n")
    agent = world.claude().start().prompt("change things")
    agent.edit("sub/deep/a.txt", "one", "two")
    agent.write("top.txt", "x\n")
    agent.stop()
    whole = world.baton("log").out
    assert world.baton("log", cwd=world.repo / "sub" / "deep").out == whole
    assert world.baton("-C", str(world.repo), "log", cwd=world.base).out == whole
    assert world.baton("-C", "sub", "-C", "deep", "log").out == whole
    assert world.baton("-C", "nowhere", "log").returncode == 3
    deep = world.repo / "sub" / "deep"
    assert "sub/deep/a.txt" in world.baton("log", "--", "a.txt", cwd=deep).out
    def answer(*words):
        return json.loads(world.baton(*words, cwd=deep, check=True).out)

    assert answer("log", "--json", "--", "b.txt")["turns"] == []
    assert len(answer("log", "--json", "--", ":/top.txt")["turns"]) == 1
    assert len(answer("log", "--json", "--", str(world.repo / "top.txt"))["turns"]) == 1
    assert answer("log", "--json", "--", str(world.repo / "nowhere.txt"))["turns"] == []
    done = world.baton("log", "--", "/etc/passwd", cwd=deep)
    assert done.returncode == 2 and "'/etc/passwd' is outside the repository" in done.err
    files = answer("show", "--json", "--", ":!a.txt")["files"]
    assert [each["path"] for each in files] == ["top.txt"]
    assert world.json("blame", "a.txt", cwd=deep)["lines"][0]["owner"]["kind"] == "step"


def test_pausing(world):
    """As `init` says: git config baton.off true."""
    agent = world.claude().start()
    before = len(world.lines())
    world.sh("git config baton.off true")
    agent.prompt("not for the record")
    agent.bash("echo x > paused.txt")
    agent.stop()
    assert len(world.lines()) == before
    assert world.baton().out.startswith("paused")
    assert world.json("diff", "git:HEAD")["files"] == []
    world.sh("git config --unset baton.off")
    agent.prompt("for the record").stop()
    assert [turn["prompt"] for turn in world.json("log")["turns"]] == ["for the record"]


def test_limits_are_settings(world):
    world.sh("git config baton.untrackedFile 1k")
    agent = world.claude().start().prompt("make data")
    agent.bash("head -c 2000 /dev/zero > large.bin; head -c 900 /dev/zero > small.bin")
    agent.stop()
    assert {change["p"] for change in world.transitions()} == {"small.bin"}
    assert [(each["path"], each["reason"]) for each in world.json("status")["skipped"]] == \
        [("large.bin", "large")]


def test_where_git_refuses_the_folder(world):
    """As in a container whose user is not the folder's: no hole is told as damage or as a fact."""
    agent = world.claude().start().prompt("one more line")
    agent.edit("README.md", "a project\n", "a project\nof ours\n")
    agent.stop()
    subprocess.run(["chown", "-R", "65534:65534", str(world.repo)], check=True)
    told = f"git refuses this repository: detected dubious ownership in repository at '{world.repo}'"
    way_out = f"git config --global --add safe.directory '{world.repo}'"
    for words in [["fsck"], ["gc"], ["reindex"], ["diff"], ["export", "--to", "out"], ["fork", "@"], ["rewind", "@start"],
                  ["restore", "README.md"], ["checkpoint", "x"], ["bundle", "out.baton"]]:
        done = world.baton(*words)
        assert done.returncode == 4 and done.out == "", (words, done)
        assert done.err == f"baton: {told}\nhint: {way_out}\n", (words, done)
    for words in [[], ["status"], ["log"], ["show"], ["blame", "README.md"], ["handoff"], ["du"]]:
        done = world.baton(*words)
        assert done.returncode == 0 and done.out, (words, done)
        assert told in done.err and way_out in done.err, (words, done)
    world.baton("version", check=True)
    subprocess.run(["git", "config", "--global", "--add", "safe.directory", str(world.repo)], env=world.env,
                   check=True)
    for words in [["fsck"], ["status"], ["diff"], ["export", "--to", "out"]]:
        done = world.baton(*words)
        assert done.returncode == 0 and done.err == "", (words, done)
