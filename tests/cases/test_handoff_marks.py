"""Marks, starting another agent, and the skill."""
import hashlib
import re
import shlex
import subprocess

import pytest

from support.scratch import BATON, Scratch


@pytest.fixture
def world(tmp_path):
    return Scratch(tmp_path)


def two_turns(world):
    session = world.claude().start().prompt("first thing")
    session.write("one.txt", "1\n")
    session.stop("One is there.").prompt("second thing")
    session.write("two.txt", "2\n")
    session.stop("Two is there.").end()
    return session


def test_a_handoff_as_it_stood(world):
    two_turns(world)
    marks = world.json("handoff", "--list")["marks"]
    assert [m["reason"] for m in marks] == ["turn end", "turn end", "session end"]
    assert [m["turn"][-2:] for m in marks] == [":1", ":2", ":2"]
    before = world.json("handoff", "--at", marks[0]["address"])
    assert [p["text"] for p in before["prompts"]] == ["first thing"]
    assert [c["path"] for c in before["changes"]] == ["one.txt"]
    after = world.json("handoff", "--at", marks[2]["address"])
    assert [c["path"] for c in after["changes"]] == ["one.txt", "two.txt"]
    turn = marks[0]["turn"]
    assert world.json("handoff", "--at", turn)["changes"] == before["changes"]
    assert marks[0]["address"] in world.baton("handoff", "--list").out
    assert world.baton("handoff", "--at", turn.split(":")[0] + "@999").returncode == 3
    assert world.baton("handoff", "--at", "nonsense").returncode in (2, 3)


def test_what_a_compaction_dropped(world):
    session = world.claude().start().prompt("never touch the old API")
    session.write("kept.txt", "1\n")
    session.write("lost.txt", "1\n")
    session.send("PreCompact", trigger="auto", custom_instructions=None)
    session.send("PostCompact", trigger="auto", compact_summary="I wrote kept.txt.")
    session.stop("Done.")
    marks = world.json("handoff", "--list")["marks"]
    assert [m["reason"] for m in marks] == ["before compaction", "after compaction", "turn end"]
    between = marks[0]["address"] + ".." + marks[1]["address"]
    answer = world.json("handoff", "--at", between)
    texts = [thing["text"] for thing in answer["dropped"]]
    assert answer["summary_known"] and "never touch the old API" in texts and "lost.txt" in texts
    assert "kept.txt" not in texts
    assert "lost.txt" in world.baton("handoff", "--at", between).out


@pytest.mark.parametrize("agent, program", [("claude-code", "claude"), ("codex", "codex")])
def test_starting_another_agent(world, agent, program):
    two_turns(world)
    fake = world.base / "bin"
    fake.mkdir()
    (fake / program).write_text('#!/bin/sh\nprintf "%s\\n" "$#" "$BATON_INJECT" "$PWD" "$1"\n')
    (fake / program).chmod(0o755)
    path = f"{fake}:{world.env['PATH']}"
    ran = world.baton("handoff", "--to", agent, "--run", env={"PATH": path}, check=True).out
    count, inject, folder, told = ran.split("\n", 3)
    assert (count, inject, folder) == ("1", "false", str(world.repo.resolve()))
    assert "first thing" in told
    line = world.baton("handoff", "--to", agent, check=True).out
    done = subprocess.run(["sh", "-c", line], env=dict(world.env, PATH=path), check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    assert done.split("\n", 3)[:3] == [count, inject, folder] and "first thing" in done
    assert world.baton("handoff", "--to", agent, "--run", env={"PATH": "/usr/bin:/bin"}).returncode == 3
    assert world.baton("handoff", "--to", "nobody").returncode == 2
    # What was asked for is what the command asks for.
    mark = world.json("handoff", "--list")["marks"][0]["address"]
    line = world.baton("handoff", "--to", agent, "--budget", "300", "--at", mark, check=True).out
    done = subprocess.run(["sh", "-c", line], env=dict(world.env, PATH=path), check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    told = done.split("\n", 3)[3]
    assert len(told.encode()) <= 1201 and "first thing" in told and "second thing" not in told


@pytest.mark.parametrize("words", [["--run"], ["--list", "--at", "@"], ["--to", "codex", "--json"],
                                   ["--to", "codex", "--format", "md"], ["--verify", "x", "--list"]])
def test_words_that_would_be_passed_over_are_said(world, words):
    two_turns(world)
    done = world.baton("handoff", *words)
    assert done.returncode == 2 and done.out == "" and done.err.startswith("baton: --")


def test_the_skill_comes_and_goes(tmp_path):
    world = Scratch(tmp_path, store=False)
    (world.home / ".codex").mkdir()
    files = [world.home / ".claude/skills/baton/SKILL.md", world.home / ".codex/skills/baton/SKILL.md"]
    shown = world.baton("init", "--skills", "--dry-run", check=True).out
    assert "would add the skill" in shown and not any(f.exists() for f in files)
    world.baton("init", "--skills", check=True)
    text = files[0].read_text()
    assert text.count("\n") < 60 and text.startswith("---\nname: baton\ndescription: ")
    for words in ["baton handoff", "baton search", "baton blame --why", "baton log --failed", "baton note"]:
        assert words in text
    assert files[1].read_text() == text
    assert "skill is in place" in world.baton("init", "--skills", check=True).out
    files[1].write_text(text + "my own words\n")
    world.baton("uninstall", check=True)
    assert not (world.home / ".claude/skills").exists() and files[1].exists()
    assert world.baton("init", "--skills", "--local").returncode == 2


def test_doctor_tells_of_the_skill(tmp_path):
    world = Scratch(tmp_path)
    file = world.home / ".claude/skills/baton/SKILL.md"

    def told():
        [agent] = [each for each in world.json("doctor", check=False)["agents"] if each["agent"] == "claude-code"]
        assert agent["skill"]["path"] == str(file)
        amiss = any("its skill" in each["what"] for each in world.json("doctor", check=False)["problems"])
        return agent["skill"]["state"], amiss, world.baton("doctor").out

    state, amiss, text = told()
    assert (state, amiss) == ("missing", False) and "no skill (baton init --skills)" in text
    made = world.json("init", "--skills")["skills"]
    assert [(each["agent"], each["action"], each["path"]) for each in made] == [("claude-code", "create", str(file))]
    state, amiss, text = told()
    assert (state, amiss) == ("installed", False) and "skill installed" in text
    # As an older baton would have written it: its mark holds, its words are others.
    text = file.read_text()
    body, mark = text[:text.rindex("<!--")].replace("baton", "ba-ton", 1), text[text.rindex("<!--"):]
    digest = hashlib.sha256(body.encode()).hexdigest()[:16]
    file.write_text(body + re.sub("[0-9a-f]{16}", digest, mark))
    state, amiss, shown = told()
    assert (state, amiss) == ("stale", True) and "baton init --skills --agent claude-code" in shown
    assert world.baton("doctor").returncode == 1
    world.baton("init", "--skills", check=True)
    assert told()[:2] == ("installed", False)
    file.write_text(file.read_text() + "mine\n")
    assert told()[:2] == ("foreign", False)
