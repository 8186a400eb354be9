"""One agent is interrupted, the other one begins: what the second one's model is sent, really."""
import json
import shlex

import pytest

import journal
import run
from test_agents import Work

pytestmark = pytest.mark.usefixtures("agents")
SAYS = {"about": "Only says something.", "repo": "retrykit",
        "runs": [{"prompt": "go on", "turns": [{"text": "I see what is open."}]}]}


@pytest.fixture
def work(tmp_path, baton):
    return Work(tmp_path, baton)


def first_request(out):
    """What the model was sent when it was asked for the first time, all words of it."""
    asked = [run.words_of(entry["body"]) for entry in run.requests_of(out)]
    return next(words for words in asked if "go on" in words)


def patient(work):
    # The machine may be busy: how long it takes is not what these tests are about.
    work.git("config", "baton.injectBudget", "20000")


@pytest.mark.parametrize("first, second", [("claude-code", "codex"), ("codex", "claude-code"),
                                           ("codex-plain", "claude-code"),
                                           ("claude-code", "codex-plain")])
def test_interrupted_work_is_handed_to_the_other_agent(first, second, work):
    work.agent(first, "interrupted")
    patient(work)
    out = work.agent(second, SAYS)
    words = first_request(out)
    assert "Work that is open in this repository" in words
    told = words[words.index("Work that is open in this repository"):]
    # What was asked, what was done and what was left in the middle.
    assert "`fix the failing retry test`" in told
    assert "`src/retry.sh`" in told and "src/retry.sh" in told
    assert "interrupted" in told
    assert "sleep 30" in told
    [session] = [s for s in work.json("sessions")["sessions"] if s["turns"] and s["agent"] in first]
    assert session["address"] in told
    # What was recorded as told is what was sent.
    [line] = [line for line in journal.lines_of(work.repo, "baton") if line["e"]["event"] == "Injection"]
    assert line["p"]["agent"] == second.removesuffix("-plain") and line["p"]["source"] == "startup"
    assert session["id"] in line["p"]["about"]
    assert line["p"]["bytes"] <= {"claude-code": 10_000}.get(second, 7_500)


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_nothing_open_is_told_as_nothing(agent, work):
    work.agent("claude-code", SAYS)
    patient(work)
    out = work.agent(agent, SAYS)
    assert "recorded by baton" not in first_request(out)
    assert not [line for line in journal.lines_of(work.repo, "baton") if line["e"]["event"] == "Injection"]


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_what_a_compaction_drops_is_told_again(agent, tmp_path, baton):
    work = Work(tmp_path, baton)
    scenario = run.load_scenario("compact")
    out = work.agent(agent, scenario)
    assert run.requests_of(out)
    lines = [line for line in journal.lines_of(work.repo, "baton") if line["e"]["event"] == "Injection"]
    assert [line["p"]["source"] for line in lines] == ["compact"]
    sent = [run.words_of(entry["body"]) for entry in run.requests_of(out)]
    assert any("Your context was compacted" in words for words in sent)


def test_a_note_of_a_real_agent(work, baton):
    say = shlex.join([str(baton), "note", "decision", "keep the shell loop"])
    for agent in ["claude-code", "codex"]:
        scenario = dict(SAYS, runs=[{"prompt": "decide", "turns": [
            {"text": "I note it.", "actions": [{"do": "bash", "command": say, "description": "Note it"}]},
            {"text": "Noted."}]}])
        work.agent(agent, scenario)
    notes = work.json("note", "--list")["notes"]
    assert [(n["author"]["agent"], n["text"]) for n in notes] == [
        ("claude-code", "keep the shell loop"), ("codex", "keep the shell loop")]
    assert all(n["step"] for n in notes), json.dumps(notes)
