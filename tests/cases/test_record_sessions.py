"""Sessions, turns and steps: what belongs together stays together."""
import concurrent.futures
import datetime
import json
import os
import signal
import subprocess
import sys
import time


def turns(world):
    """Oldest first, with their steps."""
    return list(reversed(world.json("log", "--steps")["turns"]))


def test_r5_interrupted_turn(world):
    session = world.claude().start().prompt("first thing")
    session.edit("README.md", "a project", "our project")
    session.prompt("second thing").stop()
    first, second = turns(world)
    assert (first["prompt"], first["state"]) == ("first thing", "interrupted")
    assert first["paths"] == ["README.md"]
    assert (second["prompt"], second["state"]) == ("second thing", "completed")


def test_r6_tools_after_the_end_belong_to_the_turn(world):
    session = world.claude().start().prompt("only one").stop()
    session.bash("echo more >> README.md")
    session.stop()
    (turn,) = turns(world)
    assert [step["command"] for step in turn["steps"]] == ["echo more >> README.md"]
    assert turn["paths"] == ["README.md"]


def test_r7_turns_without_changes_are_visible(world):
    objects = lambda: sum(f.stat().st_size for f in (world.store / "objects").glob("*.seg"))
    session = world.claude().start()
    stored = objects()
    session.prompt("only think").stop("I thought.")
    session.prompt("only read")
    session.read("README.md")
    session.stop()
    session.prompt("only plan")
    call = session.before("TodoWrite", {"todos": [
        {"content": "step one", "status": "in_progress", "activeForm": "doing"}]})
    session.after(call, "TodoWrite", {"todos": [
        {"content": "step one", "status": "in_progress", "activeForm": "doing"}]}, {})
    session.stop()
    assert objects() == stored
    assert [turn["prompt"] for turn in turns(world)] == ["only think", "only read", "only plan"]
    assert "README.md" in json.dumps(turns(world)[1])
    shown = world.baton("show", turns(world)[2]["address"]).out
    assert "step one" in shown


def test_r8_one_bad_call_of_a_batch(world):
    session = world.claude().start().prompt("several")
    good = session.bash("echo good")
    given = {"command": "echo other"}
    other = session.before("Bash", given)
    session.finish_bash(other, given)
    session.send("PostToolBatch", tool_calls=[
        {"tool_name": "Bash", "tool_input": {"command": "echo good"}, "tool_use_id": good,
         "tool_response": "good"},
        {"tool_name": 7, "tool_input": "?", "tool_use_id": None},
        {"tool_name": "Edit", "tool_input": {"unexpected": 1}, "tool_use_id": "toolu_bad",
         "tool_response": "<tool_use_error>InputValidationError: Edit failed</tool_use_error>"},
        {"tool_name": "Bash", "tool_input": given, "tool_use_id": other,
         "tool_response": "other"}])
    session.stop()
    (turn,) = turns(world)
    outcomes = {step["tool"] + ":" + step.get("command", ""): step["outcome"]
                for step in turn["steps"]}
    assert outcomes["Bash:echo good"] == "ok" and outcomes["Bash:echo other"] == "ok"
    assert outcomes["Edit:"] == "failed"


def test_r10_eight_sessions_at_once(world):
    def run(number):
        session = world.claude().start()
        for turn in range(10):
            session.prompt(f"session {number} turn {turn}")
            session.bash(f"echo {turn} >> s{number}.txt")
            session.stop()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))
    found = turns(world)
    assert len(found) == 80
    assert sorted(turn["prompt"] for turn in found) == sorted(
        f"session {s} turn {t}" for s in range(8) for t in range(10))
    assert all(len(turn["steps"]) == 1 for turn in found)
    assert world.gaps() == []
    assert world.baton("fsck").returncode == 0
    numbers = [change["q"] for change in world.transitions()]
    assert len(numbers) == len(set(numbers))
    for session in range(8):
        text = (world.repo / f"s{session}.txt").read_text()
        assert text == "".join(f"{turn}\n" for turn in range(10))
        last = [c for c in sorted(world.transitions(), key=lambda c: c["q"])
                if c["p"] == f"s{session}.txt"][-1]
        assert world.baton("cat", f"@:s{session}.txt").out == text
        assert last["a"]


def test_r24_compaction_keeps_what_was_before(world):
    file = world.home / ".claude" / "projects" / "s.jsonl"
    file.parent.mkdir(parents=True)
    session = world.claude().start()

    def says(text, uid):
        return json.dumps({"type": "assistant", "uuid": uid,
                           "timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(),
                           "sessionId": session.session, "message": {
                               "id": "m" + uid, "role": "assistant", "model": "m-1",
                               "content": [{"type": "text", "text": text}],
                               "usage": {"input_tokens": 1, "output_tokens": 1}}}) + "\n"

    session.prompt("before compaction")
    file.write_text(says("words before the compaction", "u1"))
    session.send("PreCompact", trigger="auto", custom_instructions="", transcript_path=str(file))
    file.write_text(says("words after it", "u2"))
    session.send("SessionStart", source="compact", transcript_path=str(file))
    session.prompt("after compaction")
    session.send("Stop", stop_hook_active=False, last_assistant_message="words after it",
                 transcript_path=str(file))
    file.unlink()
    shown = [world.baton("show", turn["address"]).out for turn in turns(world)]
    assert "words before the compaction" in shown[0] and "words after it" in shown[1]
    assert [turn["prompt"] for turn in turns(world)] == ["before compaction", "after compaction"]


def test_r25_resumed_on_a_changed_tree(world):
    session = world.claude().start().prompt("one")
    session.edit("README.md", "a project", "our project")
    session.stop().end()
    world.write("README.md", "our project, changed by a person\n")
    session.start(source="resume").prompt("two").stop()
    assert len(world.json("sessions")["sessions"]) == 1
    rows = world.json("blame", "README.md")["lines"]
    assert rows[0]["owner"]["kind"] == "outside"


def test_r26_subagents(world):
    parent = world.claude().start().prompt("delegate")
    call = parent.before("Agent", {"description": "d", "prompt": "count", "subagent_type": "x"})
    one, two = world.claude(parent.session), world.claude(parent.session)
    for number, sub in enumerate((one, two)):
        sub.prompt_id = parent.prompt_id
        sub.agent_id = f"a{number}b{number}"
        sub.calls = 100 * (number + 1)
        sub.send("SubagentStart")
    one.bash("echo one > one.txt")
    two.bash("echo two > two.txt")
    one.send("SubagentStop", stop_hook_active=False, last_assistant_message="one done")
    parent.after(call, "Agent", {"description": "d", "prompt": "count"},
                 {"status": "completed", "agentId": "a0b0", "content": []})
    parent.stop()
    two.bash("echo late > late.txt")
    two.send("SubagentStop", stop_hook_active=False, last_assistant_message="two done")
    sessions = world.json("sessions", "--all")["sessions"]
    top = [each for each in sessions if not each.get("parent")]
    subs = [each for each in sessions if each.get("parent")]
    assert len(top) == 1 and len(subs) == 2
    assert {sub["parent"] for sub in subs} == {top[0]["address"]}
    assert sorted(sub["steps"] for sub in subs) == [1, 2]
    (turn,) = turns(world)
    assert turn["paths"] == ["late.txt", "one.txt", "two.txt"]


def test_r27_agent_killed(world):
    """A process stands for the agent: it delivers events itself and is then killed."""
    script = """
import json, subprocess, sys, time
baton, cwd = sys.argv[1], sys.argv[2]
def send(**payload):
    payload.update(session_id="killed", cwd=cwd, transcript_path="")
    subprocess.run([baton, "hook", "claude-code"], input=json.dumps(payload).encode(), cwd=cwd)
send(hook_event_name="SessionStart", source="startup")
send(hook_event_name="UserPromptSubmit", prompt="never finished", prompt_id="p")
print("ready", flush=True)
time.sleep(60)
"""
    from support.scratch import BATON
    agent = subprocess.Popen([sys.executable, "-c", script, BATON, str(world.repo)],
                             env=world.env, stdout=subprocess.PIPE)
    assert agent.stdout.readline() == b"ready\n"
    (session,) = world.json("sessions")["sessions"]
    assert session["state"] == "running"
    agent.send_signal(signal.SIGKILL)
    agent.wait()
    (session,) = world.json("sessions")["sessions"]
    assert session["state"] == "abnormal"
    assert turns(world)[0]["state"] == "interrupted"
    assert "abnormal" in world.baton("status").out
