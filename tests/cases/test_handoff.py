"""The handoff of recorded sessions against what is true of them by construction."""
import json
import os
import re
import shlex
import subprocess
import sys

import jsonschema
import pytest

from support.handoffs import SCHEMA
from support.scratch import BATON, ROOT

sys.path.insert(0, str(ROOT / "tests" / "agents"))

import gen_scenario  # noqa: E402
import make_repo  # noqa: E402
from replay import Replay  # noqa: E402

AGENTS = ["claude-code", "codex"]
MAX_LINES = 40


def truth_of(scenario):
    """What is true of a session, from the scenario that the model followed."""
    if scenario in gen_scenario.VARIANTS:
        made = gen_scenario.generate(**gen_scenario.VARIANTS[scenario])
        expect = made["expect"]
        test = expect["test"].removeprefix("sh ")
        before = made["files"]
    else:
        made = json.loads((ROOT / "tests/agents/scenarios" / f"{scenario}.json").read_text())
        base = ROOT / "tests/fixtures/repos" / made["repo"]
        before = {str(p.relative_to(base)): p.read_text() for p in base.rglob("*") if p.is_file()}
        test = "tests/retry_test.sh"
        items = ["Find why retry gives up early", "Correct the loop in src/retry.sh",
                 "Run the retry test"]
        expect = {"prompts": ["fix the failing retry test"], "file": "src/retry.sh",
                  "test": f"sh {test}", "shell": False,
                  "plan": [[item, "completed"] for item in items],
                  "attempts": ['  while [ "$tries" -le "$((max + 1))" ]; do'],
                  "fix": '  while [ "$tries" -le "$max" ]; do', "statuses": [1, 1, 0], "open": []}
    says = made["runs"][-1]["turns"][-1]["text"]
    # The contents of the file after each change, in order.
    changed = [line for turn in made["runs"][0]["turns"] for line in turn.get("actions", [])
               if line["do"] == "edit" or line.get("command", "").startswith("sed ")]
    states = [before[expect["file"]]]
    if expect["shell"]:
        number = int(re.search(r"'(\d+)c", changed[0]["command"])[1])
        for new in [*expect["attempts"], expect["fix"]]:
            lines = states[-1].split("\n")
            lines[number - 1] = new
            states.append("\n".join(lines))
    else:
        for edit in changed:
            assert states[-1].count(edit["old"]) == 1
            states.append(states[-1].replace(edit["old"], edit["new"]))
    commands = [edit["command"] for edit in changed] if expect["shell"] else []
    return dict(expect, test_file=test, before=before, states=states, says=says,
                commands=commands)


class Played:
    """A fixture played to the real hook in a fresh repository."""

    def __init__(self, fixture, base):
        self.play = Replay(fixture, base / "repo", base / "home", None)
        self.play.command = [BATON, "hook", self.play.agent]
        self.repo = self.play.repo
        self.env = dict(self.play.hook_env({}), LC_ALL="C.UTF-8")
        self.baton("init")
        for step in self.play:
            assert step.status == 0
        self.play.check_tree()

    def baton(self, *words, check=True):
        done = subprocess.run([BATON, *words], cwd=self.repo, env=self.env, capture_output=True,
                              stdin=subprocess.DEVNULL)
        if check:
            assert done.returncode == 0, (words, done.stderr)
        return done.stdout.decode()

    def json(self, *words):
        return json.loads(self.baton(*words, "--json"))


CASES = [f"{agent}/{scenario}" for agent in AGENTS
         for scenario in ["bugfix", *gen_scenario.VARIANTS]]


@pytest.fixture(scope="module", params=CASES)
def case(request, tmp_path_factory):
    base = tmp_path_factory.mktemp(request.param.replace("/", "-"))
    played = Played(request.param, base)
    played.truth = truth_of(request.param.split("/")[1])
    played.handoff = json.loads(played.baton("handoff", "--format", "json"))
    return played


def plus(lines):
    return [line[1:] for line in lines if line.startswith("+")]


def minus(lines):
    return [line[1:] for line in lines if line.startswith("-")]


def test_everything_true_is_said_and_nothing_else(case):
    truth, handoff = case.truth, case.handoff
    jsonschema.validate(handoff, SCHEMA)
    head = make_repo.git(case.repo, "rev-parse", "HEAD").strip()
    assert handoff["branch"] == "main" and handoff["head"] == head

    (session,) = handoff["sessions"]
    assert session["agent"] == case.play.agent and session["turns"] == 1
    turn = session["session"] + ":1"

    assert handoff["prompts"] == [{"turn": turn, "text": truth["prompts"][0]}]
    assert handoff["last_message"] == {"turn": turn, "text": truth["says"]}
    assert [[item["text"], item["status"]] for item in handoff["plan"]] == (truth["plan"] or [])
    assert handoff["open"] == []

    basis = "exact" if case.play.agent == "claude-code" else "inferred"
    assert [(read["path"], read["basis"], len(read["steps"])) for read in handoff["reads"]] == [
        (truth["file"], basis, 1), (truth["test_file"], basis, 1)]

    (change,) = handoff["changes"]
    added, removed, path = make_repo.git(case.repo, "diff", "--numstat").split()
    assert path == truth["file"]
    edits = change["steps"]
    assert len(edits) == len(truth["attempts"]) + 1
    assert {"path": path, "status": "M", "added": int(added), "removed": int(removed),
            "steps": edits, "turn": turn}.items() <= change.items()

    runs = handoff["tests"]
    assert [run["command"] for run in runs] == [truth["test"]] * len(truth["statuses"])
    assert [run["exit_status"] for run in runs] == truth["statuses"]
    assert [run["verdict"] for run in runs] == [
        "failed" if status else "passed" for status in truth["statuses"]]
    assert all(run["kind"] == "test" and run["by_name"] for run in runs)
    assert handoff["verification"] == {"state": "fresh", "step": runs[-1]["step"]}

    assert len(handoff["attempts"]) == len(truth["attempts"])
    tried = [*truth["attempts"], truth["fix"]]
    for number, attempt in enumerate(handoff["attempts"]):
        assert attempt["rule"] == "edit-then-failing-run"
        assert attempt["paths"] == [truth["file"]] and attempt["steps"] == [edits[number]]
        assert plus(attempt["tried"]) == [tried[number]]
        assert attempt["failed_at"] == runs[number + 1]["step"]
        assert attempt["command"] == truth["test"] and attempt["exit_status"] == 1
        assert attempt["error"].startswith("not ok ") and attempt["times"] == 1
        assert attempt["replaced_by"] == [edits[number + 1]]
        assert minus(attempt["replacement"]) == [tried[number]]
        assert plus(attempt["replacement"]) == [tried[number + 1]]

    assert [c["command"] for c in handoff["commands"]] == truth["commands"]
    assert [c["step"] for c in handoff["commands"]] == (edits if truth["shell"] else [])
    assert all(c["exit_status"] == 0 and c["outcome"] == "ok" for c in handoff["commands"])

    assert [(point["name"], point["source"]) for point in handoff["rollback"]] == [
        ("session start", session["session"]), ("before the fix", edits[-1]),
        ("last green", runs[-1]["step"])]


def test_ways_back_lead_to_the_true_states(case, tmp_path):
    truth = case.truth
    wanted = {"session start": truth["states"][0], "before the fix": truth["states"][-2],
              "last green": truth["states"][-1]}
    for point in case.handoff["rollback"]:
        target = tmp_path / point["name"].replace(" ", "-")
        words = shlex.split(point["command"])
        assert words[:2] == ["baton", "rewind"] and len(words) == 3
        case.baton("export", words[2], "--to", str(target))
        found = {str(p.relative_to(target)): p.read_bytes()
                 for p in target.rglob("*") if p.is_file()}
        files = {path: text.encode() for path, text in truth["before"].items()}
        files[truth["file"]] = wanted[point["name"]].encode()
        assert found == files
        for path in found:
            programs = [os.access(base / path, os.X_OK) for base in (case.repo, target)]
            assert programs[0] == programs[1], path


def test_every_citation_exists_and_says_so(case):
    handoff = case.handoff
    steps = {}

    def step(address):
        if address not in steps:
            steps[address] = case.json("show", address)["step"]
        return steps[address]

    for item in handoff["plan"]:
        assert step(item["step"])["kind"] == "plan"
    for read in handoff["reads"]:
        for cited in read["steps"]:
            assert read["path"] in [r["path"] for r in step(cited)["reads"]]
    for change in handoff["changes"]:
        for cited in change["steps"]:
            assert change["path"] in [c["path"] for c in step(cited)["changes"]]
    for run in handoff["tests"] + handoff["commands"]:
        assert step(run["step"])["command"] == run["command"]
        assert step(run["step"])["exit_status"] == run["exit_status"]
    for attempt in handoff["attempts"]:
        output = step(attempt["failed_at"])
        text = output.get("output", "") or output.get("whole_error", "")
        for line in attempt["error"].split("\n"):
            assert line in text


def spans(line):
    """The code spans of a line of Markdown, as CommonMark reads them."""
    found = []
    at = 0
    while (begin := re.compile("`+").search(line, at)) is not None:
        end = re.compile(f"(?<!`){begin[0]}(?!`)").search(line, begin.end())
        if end is None:
            at = begin.end()
            continue
        text = line[begin.end():end.start()]
        if text.startswith(" ") and text.endswith(" ") and text.strip():
            text = text[1:-1]
        found.append(text)
        at = end.end()
    return found


def test_markdown_says_the_same_in_forty_lines(case):
    text = case.baton("handoff")
    assert text == case.baton("handoff", "--format", "md")
    lines = text.splitlines()
    assert len(lines) <= MAX_LINES
    sections = {}
    for line in lines:
        if line.startswith("## "):
            section = sections.setdefault(line[3:], [])
        elif line and sections:
            section.append(line)
    truth, handoff = case.truth, case.handoff
    order = ["Task", "Plan", "Tests", "Claims", "Failed attempts", "Changed", "Rollback", "Commands", "Read",
             "Last message (the agent's words, not a finding)"]
    there = [name for name in order if (name != "Plan" or truth["plan"]) and
             (name != "Claims" or handoff["claims"]) and
             (name != "Commands" or truth["commands"])]
    assert list(sections) == there
    for name, section in sections.items():
        for line in section:
            assert re.search(r"\[[0-9a-f]{4,}([.:]\d+)?(, [0-9a-f]{4,}\.\d+)*\]", line), line
    assert spans(sections["Task"][0]) == truth["prompts"]
    assert spans(sections["Last message (the agent's words, not a finding)"][0]) == [truth["says"]]
    if truth["plan"]:
        assert [(spans(line)[0], "[x]" in line) for line in sections["Plan"]] == [
            (item, state == "completed") for item, state in truth["plan"]]
    assert sections["Tests"][0].startswith("- fresh: ")
    assert spans(sections["Tests"][0]) == [truth["test"]]
    assert [re.match(r"- (\w+), exit (\d+)", line).groups() for line in sections["Tests"][1:]] == [
        ("failed" if status else "passed", str(status)) for status in truth["statuses"]]
    assert len(sections["Failed attempts"]) == 3 * len(truth["attempts"])
    for number, tried in enumerate(truth["attempts"]):
        first, shown, instead = sections["Failed attempts"][3 * number:3 * number + 3]
        assert "+" + tried in spans(first) and truth["file"] in spans(first)
        assert truth["test"] in spans(shown)
        assert "+" + [*truth["attempts"], truth["fix"]][number + 1] in spans(instead)
    changed = sections["Changed"][0]
    assert all(line.startswith("  the agent's words before ") for line in sections["Changed"][1:])
    counts = handoff["changes"][0]
    assert changed.startswith(f"- `{truth['file']}` +{counts['added']} -{counts['removed']} [")
    (read,) = sections["Read"]
    assert spans(read) == [truth["file"], truth["test_file"]]
    assert [spans(line)[0] for line in sections["Rollback"]] == [
        point["command"] for point in handoff["rollback"]]


def test_same_input_same_bytes(case):
    assert case.baton("handoff", "--json") == case.baton("handoff", "--json")
    assert case.baton("handoff") == case.baton("handoff")
    session = case.handoff["sessions"][0]["session"]
    assert case.baton("handoff") == case.baton("handoff", session)
