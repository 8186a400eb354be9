"""The replayer and the fixtures themselves; needs neither agents nor baton."""
import datetime
import json
import pathlib
import re
import time

import pytest

import make_repo
import replay
from replay import Replay

FIXTURES = sorted(str(meta.parent.relative_to(replay.FIXTURES))
                  for meta in replay.FIXTURES.glob("*/*/meta.json"))
MAX_FIXTURE_BYTES = 2_000_000

LISTENER = """#!/usr/bin/python3
import os, sys, json
payload = json.load(sys.stdin)
path = payload.get("transcript_path") or ""
lines = open(path).read().count("\\n") if os.path.exists(path) else 0
tree = {}
for folder, _, names in os.walk("src"):
    for name in names:
        tree[os.path.join(folder, name)] = open(os.path.join(folder, name)).read()
with open(os.environ["HOME"] + "/heard", "a") as heard:
    heard.write(json.dumps({"payload": payload, "lines": lines, "src": tree}) + "\\n")
"""


@pytest.fixture
def listener(tmp_path):
    script = tmp_path / "listener"
    script.write_text(LISTENER)
    script.chmod(0o755)
    return [str(script)]


def heard(tmp_path):
    return [json.loads(line) for line in (tmp_path / "home" / "heard").read_text().splitlines()]


def test_there_are_fixtures_of_both_agents():
    for scenario in ["bugfix", "failed", "resume", "subagent", "compact", "shell-edits"]:
        assert f"claude-code/{scenario}" in FIXTURES
        assert f"codex/{scenario}" in FIXTURES


@pytest.mark.parametrize("fixture", FIXTURES)
def test_files_end_as_recorded(fixture, tmp_path):
    play = Replay(fixture, tmp_path / "repo", tmp_path / "home", None)
    steps = play.run()
    play.check_tree()
    assert len(steps) == len(play.events)
    for name, place in play.meta["session_files"].items():
        wanted = (play.folder / name).read_text().count("\n")
        path = pathlib.Path(play.real(place))
        assert path.read_text().count("\n") == wanted
        for line in path.read_text().splitlines():
            json.loads(line)


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_hook_hears_each_event_and_sees_the_files_change(agent, tmp_path, listener):
    play = Replay(f"{agent}/bugfix", tmp_path / "repo", tmp_path / "home", listener)
    steps = play.run()
    assert [step.status for step in steps] == [0] * len(steps)
    got = heard(tmp_path)
    assert [g["payload"]["hook_event_name"] for g in got] == [e["event"] for e in play.events]
    edits = [g for g in got if g["payload"].get("tool_name") in ("Edit", "apply_patch")]
    loops = [re.search(r"while (.*); do", g["src"]["src/retry.sh"])[1] for g in edits]
    assert loops == ['[ "$tries" -lt "$max" ]', '[ "$tries" -le "$((max + 1))" ]',
                     '[ "$tries" -le "$((max + 1))" ]', '[ "$tries" -le "$max" ]']


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_session_file_grows_between_events(agent, tmp_path, listener):
    play = Replay(f"{agent}/bugfix", tmp_path / "repo", tmp_path / "home", listener)
    play.run()
    lines = [g["lines"] for g in heard(tmp_path)]
    assert lines == sorted(lines)
    assert len(set(lines)) > 5
    held, wanted = 0, []
    for event in play.events:
        held = event.get("lines", {}).get("session-1.jsonl", held)
        wanted.append(held)
    assert lines == wanted


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_session_times_are_of_this_replay(agent, tmp_path):
    """A line stands between the same two events as when it was recorded."""
    play = Replay(f"{agent}/bugfix", tmp_path / "repo", tmp_path / "home", None)
    began, moments = time.time(), []
    for step in play:
        moments.append((play.events[step.number]["time"], time.time()))
    (place,) = play.meta["session_files"].values()
    compared = 0
    for old, new in zip(play.session_lines["session-1.jsonl"], open(play.real(place))):
        old, new = (json.loads(line).get("timestamp") for line in (old, new))
        if old:
            then, now = (datetime.datetime.fromisoformat(t).timestamp() for t in (old, new))
            assert began - 5 < now <= time.time()
            for recorded, real in moments:
                if then < recorded - 0.001:
                    assert now <= real
                elif then > recorded + 0.001:
                    assert now >= real - 0.003
                compared += 1
    assert compared > 100


def test_seed_gives_other_ids(tmp_path):
    ids = []
    for seed in ["", "a", "b"]:
        play = Replay("claude-code/bugfix", tmp_path / f"repo{seed}", tmp_path / "home", None,
                      seed=seed)
        (session,) = play.sessions
        assert {s.payload["session_id"] for s in play} == {session}
        calls = {e["stdin"].get("tool_use_id") for e in play.events} - {None}
        ids.append({session} | calls)
    assert not (ids[0] & ids[1] | ids[0] & ids[2] | ids[1] & ids[2])


def test_events_can_be_left_out(tmp_path, listener):
    play = Replay("codex/bugfix", tmp_path / "repo", tmp_path / "home", listener,
                  only={"SessionStart", "Stop"})
    assert [step.event for step in play] == ["SessionStart", "Stop"]
    play.check_tree()


def test_repository_is_the_same_each_time(tmp_path):
    heads = [make_repo.git(make_repo.make_repo(tmp_path / name, {"repo": "retrykit"}),
                           "rev-parse", "HEAD") for name in "ab"]
    assert heads[0] == heads[1]


def test_patch_with_everything_in_it(tmp_path):
    (tmp_path / "a").write_text("one\ntwo\nthree\nfour\nfive\nsix\n")
    (tmp_path / "b").write_text("x\n")
    (tmp_path / "c").write_text("gone\n")
    replay.apply_patch("\n".join([
        "*** Begin Patch", "*** Update File: a", "@@", " one", "-two", "+2", "@@ four", "-five",
        "+5", " six", "+seven", "*** Update File: b", "*** Move to: sub/d", "@@", "-x", "+y",
        "*** Delete File: c", "*** Add File: e", "+new", "*** End Patch", ""]), tmp_path)
    assert (tmp_path / "a").read_text() == "one\n2\nthree\nfour\n5\nsix\nseven\n"
    assert not (tmp_path / "b").exists() and not (tmp_path / "c").exists()
    assert (tmp_path / "sub" / "d").read_text() == "y\n"
    assert (tmp_path / "e").read_text() == "new\n"


def test_patch_that_does_not_fit_is_an_error(tmp_path):
    (tmp_path / "a").write_text("one\n")
    with pytest.raises(ValueError):
        replay.apply_patch("*** Begin Patch\n*** Update File: a\n@@\n-two\n+2\n*** End Patch",
                           tmp_path)
    assert (tmp_path / "a").read_text() == "one\n"


def test_fixtures_are_small_and_hold_no_vendor_text():
    files = [p for p in replay.FIXTURES.rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < MAX_FIXTURE_BYTES
    forbidden = re.compile(r"system-reminder|base_instructions|You are |IMPORTANT|AGENTS\.md|"
                           r"\"(?:tools|systemPrompt|instructions)\":|/tmp/|/home/|/root/\.")
    for path in files:
        if path.suffix in (".json", ".jsonl"):
            found = forbidden.search(path.read_text())
            assert not found, f"{path}: {found[0]}"
