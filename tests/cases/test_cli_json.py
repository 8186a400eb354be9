"""docs/json.md is what the answers are: every member that occurs is described there."""
import json
import re

import pytest

from support.played import Played
from support.scratch import ROOT

PAGE = (ROOT / "docs" / "json.md").read_text()
NAMED = set(re.findall(r"`([a-z_]+)`", PAGE)) | {"baton", "kind"}

ASK = {
    "summary": [[]],
    "status": [["status"]],
    "sessions": [["sessions"], ["sessions", "--all"]],
    "log": [["log"], ["log", "--steps"]],
    "session": [["show", "@SESSION"]],
    "turn": [["show"]],
    "step": [["show", "@"], ["show", "@-"]],
    "commit": [["show", "git:HEAD"]],
    "diff": [["diff"], ["diff", "@-..@"]],
    "search": [["search", "retry"]],
    "blame": [["blame", "src/retry.sh"], ["blame", "--why", "src/retry.sh"],
              ["blame", "--deleted", "src/retry.sh"]],
    "lines": [["log", "--lines", "src/retry.sh:3,8"]],
    "stats": [["stats"], ["stats", "--by", "model"]],
    "triage": [["triage", "../trace.txt"], ["triage", "--rev", "HEAD", "../trace.txt"]],
    "checkpoints": [["checkpoint"]],
    "rewind": [["rewind", "@start", "--dry-run"]],
    "cat": [["cat", "@:src/retry.sh"]],
    "du": [["du"]],
    "gc": [["gc", "--dry-run"], ["gc"]],
    "reindex": [["reindex"]],
    "fsck": [["fsck"]],
    "collect": [["collect"]],
    "doctor": [["doctor"]],
    "init": [["init"], ["init", "--dry-run"]],
    "version": [["version"]],
}


@pytest.fixture(scope="module", params=["claude-code/bugfix", "codex/bugfix", "claude-code/subagent",
                                        "claude-code/commit", "codex/edit-kinds",
                                        "claude-code/interrupted"])
def played(request, tmp_path_factory):
    played = Played(tmp_path_factory.mktemp("json"), request.param)
    (played.base / "trace.txt").write_text("src/retry.sh:6: wrong\nnowhere.sh:3: wrong\n")
    return played


def names(value, path=""):
    """All member names, but for those inside what an agent sent."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, path
            if name != "input":
                yield from names(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner, path)


@pytest.mark.parametrize("kind", ASK)
def test_members_are_described(played, kind):
    for words in ASK[kind]:
        if words == ["show", "@SESSION"]:
            sessions = json.loads(played.baton("sessions", "--json").out)["sessions"]
            words = ["show", sessions[0]["address"]]
        done = played.baton(*words, "--json")
        assert done.returncode in (0, 1), (words, done)
        assert done.err == "" and done.out.count("\n") == 1, (words, done)
        answer = json.loads(done.out)
        assert list(answer)[:2] == ["baton", "kind"]
        assert (answer["baton"], answer["kind"]) == (1, kind)
        unknown = {f"{path}/{name}" for name, path in names(answer) if name not in NAMED}
        assert not unknown, f"docs/json.md does not describe {sorted(unknown)}"


def test_kinds_are_described():
    headings = ", ".join(re.findall(r"^### (.*)$", PAGE, re.M))
    for kind in [*ASK, "uninstall", "export", "handoff"]:
        assert re.search(rf"\b{kind}\b", headings), kind


def test_numbers_and_states(played):
    """The same facts, asked in different ways."""
    sessions = json.loads(played.baton("sessions", "--all", "--json").out)["sessions"]
    turns = json.loads(played.baton("log", "--steps", "--json").out)["turns"]
    status = json.loads(played.baton("status", "--json").out)
    assert status["step_count"] == sum(each["steps"] for each in sessions)
    assert sum(len(turn["steps"]) for turn in turns) == status["step_count"]
    for turn in turns:
        assert turn["step_count"] == len(turn["steps"])
        shown = json.loads(played.baton("show", turn["address"], "--json").out)["turn"]
        assert shown["steps"] == turn["steps"]
        assert (shown["prompt"], shown["state"], shown["paths"]) == \
            (turn["prompt"], turn["state"], turn["paths"])
        for step in turn["steps"]:
            one = json.loads(played.baton("show", step["address"], "--json").out)["step"]
            assert {name: one[name] for name in step} == step
            assert one["of_turn"]["address"].split(":")[1] == str(one["turn"])
