"""The rig itself: real agents follow the script, hooks fire, what a hook prints is heard."""
import json

import pytest

import run

AGENTS = ["claude-code", "codex", "codex-plain"]
pytestmark = pytest.mark.usefixtures("agents")


SCENARIOS = ["bugfix", "failed", "parallel", "subagent", "compact"]
# The model of codex-plain is not given a tool for subagents.
FOLLOWED = [(a, s) for a in AGENTS for s in SCENARIOS if (a, s) != ("codex-plain", "subagent")]


@pytest.mark.parametrize("agent,scenario", FOLLOWED)
def test_agent_follows_the_script(agent, scenario, tmp_path):
    result = run.run(agent, scenario, tmp_path, capture=True)
    assert [r["status"] for r in result["runs"]] == [0]
    for script in result["scripts"]:
        assert script["next"] == script["turns"], script
    events = [json.loads(line) for line in (tmp_path / "captured.jsonl").read_text().splitlines()]
    names = [event["event"] for event in events]
    assert names[0] == "SessionStart" and names[-1] == "SessionEnd"
    assert "UserPromptSubmit" in names and "Stop" in names
    assert all(event["stdin"]["hook_event_name"] == event["event"] for event in events)


@pytest.mark.parametrize("agent", AGENTS)
def test_there_is_no_way_out(agent, tmp_path):
    scenario = {"repo": "retrykit", "runs": [{"prompt": "what is there?", "turns": [
        {"text": "", "actions": [{"do": "bash", "command":
            "cat /proc/net/dev | tail -n +3 | cut -d: -f1 > devices; cat /proc/net/route > route"}]},
        {"text": "Done."}]}]}
    run.run(agent, scenario, tmp_path)
    assert (tmp_path / "repo" / "devices").read_text().split() == ["lo"]
    assert (tmp_path / "repo" / "route").read_text().count("\n") <= 1


@pytest.mark.parametrize("agent", AGENTS)
def test_what_a_hook_prints_reaches_the_model(agent, tmp_path):
    hook = tmp_path / "hook"
    hook.write_text("""#!/usr/bin/python3
import json, sys
if json.load(sys.stdin)["hook_event_name"] == "SessionStart":
    print(json.dumps({"hookSpecificOutput": {"hookEventName": "SessionStart",
                                             "additionalContext": "the password is heliotrope"}}))
""")
    hook.chmod(0o755)
    run.run(agent, "parallel", tmp_path / "out", hook=str(hook))
    sent = [run.words_of(entry["body"]) for entry in run.requests_of(tmp_path / "out")]
    assert sum("the password is heliotrope" in words for words in sent) == len(sent) == 4


@pytest.mark.parametrize("agent", AGENTS)
def test_killed_agent_leaves_its_work(agent, tmp_path):
    result = run.run(agent, "interrupted", tmp_path, capture=True)
    assert result["runs"][0]["status"] == -9
    assert (tmp_path / "repo" / "progress.txt").read_text() == "begun\n"
    assert "-le" in (tmp_path / "repo" / "src" / "retry.sh").read_text()


@pytest.mark.parametrize("agent", AGENTS)
def test_session_can_be_taken_up_again(agent, tmp_path):
    first = run.run(agent, "parallel", tmp_path / "one")
    (session,) = {r["session"] for r in first["runs"]}
    scenario = {"runs": [{"prompt": "and what else?", "turns": [{"text": "Nothing."}]}]}
    again = run.run(agent, scenario, tmp_path / "two", repo=tmp_path / "one" / "repo",
                    home=tmp_path / "one" / "home", resume=session)
    assert again["runs"][0]["session"] == session
    (entry,) = run.requests_of(tmp_path / "two")
    assert "fix the failing retry test" in run.words_of(entry["body"])
