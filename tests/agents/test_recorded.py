"""What the hook records of replayed sessions, read straight from the journals; needs no agents."""
import json
import subprocess

import pytest

import journal
import make_repo
import replay
from replay import Replay

FIXTURES = sorted(str(meta.parent.relative_to(replay.FIXTURES))
                  for meta in replay.FIXTURES.glob("*/*/meta.json"))


def played(fixture, tmp_path, baton, **more):
    """The fixture played to the hook in a repository with a store."""
    play = Replay(fixture, tmp_path / "repo", tmp_path / "home", None, **more)
    play.command = [str(baton), "hook", play.agent]
    subprocess.run([baton, "init"], cwd=play.repo, env=play.hook_env({}), check=True,
                   stdin=subprocess.DEVNULL, capture_output=True)
    return play


@pytest.mark.parametrize("fixture", FIXTURES)
def test_recording(fixture, tmp_path, baton):
    play = played(fixture, tmp_path, baton)
    refs = make_repo.git(play.repo, "for-each-ref")
    config = (play.repo / ".git" / "config").read_bytes()
    steps = play.run()
    play.check_tree()

    # The hook never harms: it always succeeds and says nothing where there is nothing to hand over.
    assert [step.status for step in steps] == [0] * len(steps)
    assert {step.stderr for step in steps} == {""}
    assert {step.stdout for step in steps if step.event != "SessionStart"} == {""}

    # Every event once, in the order of its session, with nothing missing.
    lines = journal.lines_of(play.repo, play.agent)
    assert sorted(line["e"]["event"] for line in lines) == sorted(step.event for step in steps)
    for line in lines:
        assert "gap" not in line["e"], line["e"]["gap"]
        assert all(seen["complete"] for seen in line["e"].get("obs", []))
    for session in {line["e"]["session"] for line in lines}:
        numbers = [line["e"]["n"] for line in lines if line["e"]["session"] == session]
        assert numbers == list(range(len(numbers)))

    # The base and the transitions are the files as they are now. What a killed agent's last command
    # did is seen by whoever comes next.
    tree = make_repo.tree_of(play.repo)
    if "interrupted" in fixture:
        assert tree.pop("progress.txt")
    assert journal.state_at_end(play.repo) == tree
    numbers = [tr["q"] for _, tr in journal.transitions(play.repo)]
    assert len(numbers) == len(set(numbers))

    # The user's repository is theirs, and the store is private.
    assert (play.repo / ".git" / "config").read_bytes() == config
    if "commit" not in fixture:
        assert make_repo.git(play.repo, "for-each-ref", "refs/heads", "refs/tags") in refs
    assert not [p for p in play.repo.rglob("*baton*") if ".git" not in p.parts]
    for path in journal.store_of(play.repo).rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


# Of a killed agent no hook hears the end: readers copy what is left of its session file.
@pytest.mark.parametrize("fixture", [f for f in FIXTURES if not f.endswith("/interrupted")])
def test_session_files_are_kept(fixture, tmp_path, baton):
    """The agent's words are copied from its own file."""
    play = played(fixture, tmp_path, baton)
    play.run()
    kept = "".join(
        subprocess.run(["zstdcat", str(path)], check=True, capture_output=True, text=True).stdout
        for path in journal.store_of(play.repo).glob("sessions/*/*/transcript.jsonl.zst"))
    told = 0
    for name in play.session_lines:
        for line in map(json.loads, play.session_lines[name]):
            if line["type"] == "assistant":  # Claude Code
                words = [block["text"] for block in line["message"]["content"] if "text" in block]
            elif line.get("payload", {}).get("role") == "assistant":  # Codex
                words = [part["text"] for part in line["payload"]["content"]]
            else:
                continue
            told += len(words)
            for text in words:
                assert json.dumps(text, ensure_ascii=False) in kept
    assert told > 0


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_edit_tools_own_what_they_write(agent, tmp_path, baton):
    play = played(f"{agent}/bugfix", tmp_path, baton)
    play.run()
    calls = [step["stdin"]["tool_use_id"] for step in play.events
             if step["event"] == "PreToolUse"
             and step["stdin"]["tool_name"] in ("Edit", "apply_patch")]
    found = journal.transitions(play.repo)
    assert [tr["p"] for _, tr in found] == ["src/retry.sh"] * 2
    assert [tr.get("k") for _, tr in found] == ["tool"] * 2
    assert [tr["call"] for _, tr in found] == calls
    assert found[0][1]["a"] == found[1][1]["b"]
    assert found[1][1]["am"] == "100644"


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_somebody_else_edits_in_between(agent, tmp_path, baton):
    """A person saves a file while the agent works, another one while an edit waits for approval."""
    play = played(f"{agent}/bugfix", tmp_path, baton)
    readme, retry = play.repo / "README.md", play.repo / "src" / "retry.sh"
    for event in play.events:  # Claude Code tells what it found, the hand-made line included
        answer = event["stdin"].get("tool_response")
        if isinstance(answer, dict) and "originalFile" in answer:
            answer["originalFile"] += "# by hand\n"
    edits = 0
    for step in play:
        if step.event == "UserPromptSubmit":
            readme.write_text(readme.read_text() + "By hand.\n")
        if step.event == "PreToolUse" and step.tool in ("Edit", "apply_patch"):
            edits += 1
            if edits == 1:
                retry.write_text(retry.read_text() + "# by hand\n")
                by_hand = make_repo.git(play.repo, "hash-object", "src/retry.sh").strip()
    found = journal.transitions(play.repo)
    ((event, change),) = [(l["e"]["event"], t) for l, t in found if t["p"] == "README.md"]
    assert event == "PreToolUse" and "k" not in change
    changes = [tr for _, tr in found if tr["p"] == "src/retry.sh"]
    # The content that the tool found is a transition of its own, before the tool's: Claude Code tells
    # it, of Codex it is known by taking the patch back.
    assert [tr.get("k") for tr in changes] == ["pre", "tool", "tool"]
    assert changes[0]["a"] == by_hand
    assert journal.state_at_end(play.repo) == make_repo.tree_of(play.repo)


def test_without_a_store_nothing_happens(tmp_path, baton):
    for fixture in ["claude-code/bugfix", "codex/bugfix"]:
        place = tmp_path / fixture.replace("/", "-")
        play = Replay(fixture, place / "repo", place / "home", None)
        play.command = [str(baton), "hook", play.agent]
        before = {p for p in (place / "repo").rglob("*")}
        steps = play.run()
        assert {(step.status, step.stdout, step.stderr) for step in steps} == {(0, "", "")}
        grown = {p for p in (place / "repo").rglob("*")} - before
        assert not [p for p in grown if ".git" in p.parts]
        assert {p.name for p in (place / "home").iterdir()} <= {".claude", ".codex"}


def test_two_sessions_at_once(tmp_path, baton):
    """Interleaved events of two agents in one checkout: each keeps its own."""
    one = played("claude-code/bugfix", tmp_path, baton)
    two = Replay("codex/background", one.repo, tmp_path / "home2", [str(baton), "hook", "codex"])
    # The second works on a file of its own: its edit is left out, its commands run.
    two.events = [e for e in two.events if e["stdin"].get("tool_name") != "apply_patch"]
    plays, steps = [iter(one), iter(two)], []
    while plays:
        for play in list(plays):
            step = next(play, None)
            if step is None:
                plays.remove(play)
            else:
                steps.append(step)
    assert {step.status for step in steps} == {0}
    assert len(journal.lines_of(one.repo, "claude-code")) == len(one.events)
    assert len(journal.lines_of(one.repo, "codex")) == len(two.events)
    assert journal.state_at_end(one.repo) == make_repo.tree_of(one.repo)
    edits = [tr for _, tr in journal.transitions(one.repo) if tr["p"] == "src/retry.sh"]
    assert [tr.get("k") for tr in edits] == ["tool", "tool"]


def test_hooks_are_not_slow(tmp_path, baton):
    """Far above the target, which bench/ measures: only that nothing waits for anything."""
    play = played("claude-code/bugfix", tmp_path, baton)
    slow = [(step.event, step.seconds) for step in play if step.seconds > 0.5]
    assert not slow


def test_replay_twice_is_recorded_once(tmp_path, baton):
    """Hooks installed twice: each event arrives twice at once."""
    play = played("claude-code/bugfix", tmp_path, baton)
    hook, twice = play.command, tmp_path / "twice"
    twice.write_text(f"#!/bin/sh\ninput=$(cat)\nfor n in 1 2; do\n"
                     f"  printf '%s' \"$input\" | {' '.join(hook)} &\ndone\nwait\n")
    twice.chmod(0o755)
    play.command = [str(twice)]
    assert {step.status for step in play} == {0}
    lines = journal.lines_of(play.repo, "claude-code")
    assert len([line for line in lines if not line["e"].get("dup")]) == len(play.events)
    assert journal.state_at_end(play.repo) == make_repo.tree_of(play.repo)
