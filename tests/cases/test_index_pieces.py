"""The index is a function of what the journals hold, not of when it read them: read line by line, in
pieces, one session before the other, it gives the answers that it gives when it is made at once."""
import json
import os
import random
import shutil

import pytest
from support.scratch import Scratch, git

SEEDS = [int(os.environ["BATON_SEED"])] if "BATON_SEED" in os.environ else [1, 2]


def work(world, generator, files=False):
    """Some agents, a person and git at work on the same few files."""
    names = [f"f{i}.txt" for i in range(5)]
    for name in names:
        world.write(name, "".join(f"{name} {i}\n" for i in range(8)))
    world.commit("Files")
    sessions = [world.codex() if i == 3 else world.claude() for i in range(4)]
    for session in sessions:
        if files:
            session.keep_file()
        session.start()
    for number, session in enumerate(sessions):
        session.prompt(f"prompt 0 of {number}")
    open_calls = []
    for number in range(60):
        session = generator.choice(sessions)
        name = generator.choice(names)
        kind = generator.randrange(12)
        text = world.read(name).decode() if (world.repo / name).exists() else ""
        lines = text.splitlines()
        unique = [line for line in lines if lines.count(line) == 1]
        if kind < 4 and unique:
            old = generator.choice(unique)
            if text.count(old + "\n") == 1:
                session.edit(name, old + "\n", f"edit {number} of {old[:12]}\n")
        elif kind < 6:
            session.bash(f"echo command {number} >> {name}")
        elif kind == 6:
            session.bash(f"echo {number} >> {name}; exit {generator.randrange(1, 3)}")
        elif kind == 7:
            world.write(name, text + f"person {number}\n")
        elif kind == 8:
            session.stop(f"message {number}")
            session.prompt(f"prompt {number}")
        elif kind == 9:
            session.bash(generator.choice([
                f"git commit -qam 'commit {number}'", f"git checkout -q -b b{number}", "git stash -q",
                f"git add -A && git commit -q --allow-empty -m 'all {number}'", "git stash pop -q"]))
        elif kind == 10:
            # A command whose end is heard later, or never.
            given = {"command": f"echo late {number} >> {name}"}
            open_calls.append((session, session.before("Bash", given), given))
        elif open_calls and generator.random() < 0.7:
            late, call, given = open_calls.pop(generator.randrange(len(open_calls)))
            late.finish_bash(call, given)
        session.file_line("assistant", message={
            "id": f"m{number}", "role": "assistant", "model": "m-1",
            "content": [{"type": "text", "text": f"words {number}"}],
            "usage": {"input_tokens": 10, "output_tokens": number}})
    for session in sessions:
        if generator.random() < 0.7:
            session.stop("Done.")
        if generator.random() < 0.4:
            session.end()
    return names


def answers(world, names):
    found = {}
    words = [["log", "--steps"], ["sessions", "--all"], ["status"], ["handoff"], ["search", "command"],
             ["search", "words"], *(["blame", name] for name in names if (world.repo / name).exists())]
    for turn in world.json("log")["turns"]:
        words.append(["show", turn["address"]])
    for each in words:
        done = world.baton(*each, "--json", env={"BATON_CLOCK": "2031-01-01T00:00:00Z"})
        assert done.returncode in (0, 1), (each, done)
        found[" ".join(each)] = done.out
    return found


def without_index(world):
    for file in world.store.glob("index.db*"):
        file.unlink()


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def worked(request, tmp_path_factory):
    """A world with a history, and what is told of it."""
    world = Scratch(tmp_path_factory.mktemp("pieces"))
    names = work(world, random.Random(request.param))
    answers(world, names)  # what readers themselves see is recorded now
    without_index(world)
    return world, names, answers(world, names), request.param


def test_reading_in_pieces(worked, tmp_path):
    world, names, whole, seed = worked
    assert len(json.loads(whole["log --steps"])["turns"]) >= 4
    generator = random.Random(seed * 7919)
    for round_ in range(2):
        sessions = world.store / "sessions"
        aside = tmp_path / f"aside{round_}"
        shutil.copytree(sessions, aside)
        without_index(world)
        try:
            journals = {file.relative_to(aside): file.read_bytes().splitlines(keepends=True)
                        for file in aside.glob("*/*/events.jsonl")}
            given = dict.fromkeys(journals, 0)
            for file in sessions.glob("*/*"):
                if file.parent.name != "baton":
                    shutil.rmtree(file)
            while any(given[name] < len(lines) for name, lines in journals.items()):
                name = generator.choice([n for n, lines in journals.items() if given[n] < len(lines)])
                given[name] += generator.choice([1, 1, 2, 5, 20])
                place = sessions / name.parent
                place.mkdir(parents=True, exist_ok=True, mode=0o700)
                (sessions / name).write_bytes(b"".join(journals[name][:given[name]]))
                if generator.random() < 0.6:
                    assert world.baton("log").returncode == 0
            shutil.copytree(aside, sessions, dirs_exist_ok=True)
            assert answers(world, names) == whole, f"seed {seed}, round {round_}"
        finally:
            shutil.copytree(aside, sessions, dirs_exist_ok=True)
    without_index(world)
    assert answers(world, names) == whole


@pytest.mark.parametrize("damage", ["no line of ours", "other letters", "and its number again"])
def test_reading_on_behind_a_damaged_line(tmp_path, damage):
    """The reader stops just behind the damage, then goes on."""
    world = Scratch(tmp_path)
    session = world.claude().start().prompt("go")
    session.edit("README.md", "a project", "our project")
    session.bash("echo more >> README.md; exit 3")
    session.stop("Done.")
    journal = world.store / "sessions" / "claude-code" / session.session / "events.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    for victim in range(len(lines)):
        harmed = list(lines)
        if damage == "other letters":
            harmed[victim] = harmed[victim].replace(b'"agent":"', b'"agent":"X', 1)
        else:
            harmed[victim] = b"{}\n"
        if damage == "and its number again" and victim + 1 < len(lines):
            harmed[victim + 1] = lines[victim + 1].replace(b'"n":%d' % (victim + 1), b'"n":%d' % victim, 1)
        told = []
        for read in ([victim + 1, len(harmed)], [len(harmed)]):
            without_index(world)
            for count in read:
                journal.write_bytes(b"".join(harmed[:count]))
                told.append([world.baton(*words, "--json").out
                             for words in (["log", "--steps"], ["sessions"], ["status"])])
        assert told[1] == told[2], (damage, victim)


def test_reading_after_every_event(tmp_path):
    """A reader looks after each single event, while the work goes on."""
    world = Scratch(tmp_path)
    hook = world.hook

    def and_read(payload, **more):
        done = hook(payload, **more)
        world.baton("log", "--limit", "1")
        return done

    world.hook = and_read
    names = work(world, random.Random(99), files=True)
    told = answers(world, names)
    told = answers(world, names)
    without_index(world)
    assert answers(world, names) == told
    git(world.repo, "fsck", "--no-dangling")
