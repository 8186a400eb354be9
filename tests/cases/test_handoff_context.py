"""What the agents worked under, what they took for granted, and what a setting says is a test."""
import json
import pathlib
import time
import uuid

import pytest

from support.handoffs import handoff
from support.scratch import git
from test_injection import told


def section(text, title):
    """The lines under a heading."""
    parts = text.split(f"## {title}\n")
    return parts[1].split("\n## ")[0].splitlines() if len(parts) > 1 else []


def says(session, text):
    session.file_line("assistant", message={"role": "assistant", "id": str(uuid.uuid4()), "model": "m-1",
                                            "content": [{"type": "text", "text": text}]})


# --- what was given

def test_instruction_files_that_were_loaded(world):
    session = world.claude().keep_file().start()
    session.send("InstructionsLoaded", file_path=session.path("CLAUDE.md"), memory_type="Project",
                 load_reason="session_start")
    session.send("InstructionsLoaded", file_path="/home/x/.claude/CLAUDE.md", memory_type="User",
                 load_reason="session_start")
    session.prompt("go")
    # The agent's own file tells of the same one again, and of another.
    session.file_line("attachment", attachment={"type": "instructions", "files": [
        {"path": session.path("CLAUDE.md"), "type": "Project", "content": "# rules"}]})
    session.file_line("attachment", attachment={"type": "nested_memory", "path": session.path("src/CLAUDE.md")})
    session.stop()
    made = handoff(world)
    source = [made["sessions"][0]["session"]]
    assert sorted(made["context"], key=lambda each: each["name"]) == [
        {"kind": "instructions", "name": "/home/x/.claude/CLAUDE.md", "why": "User", "sources": source},
        {"kind": "instructions", "name": "CLAUDE.md", "why": "Project", "sources": source},
        {"kind": "instructions", "name": "src/CLAUDE.md", "sources": source}]
    line, = section(world.baton("handoff").out, "Worked under")
    assert line.startswith("- instructions: ") and f"`CLAUDE.md` (`Project`) [{source[0]}]" in line
    assert world.baton("reindex").returncode == 0
    assert handoff(world)["context"] == made["context"]


def test_what_a_hook_added_is_quoted(world):
    session = world.claude().keep_file().start().prompt("go")
    session.file_line("attachment", attachment={
        "type": "hook_additional_context", "hookName": "SessionStart:startup", "hookEvent": "SessionStart",
        "toolUseID": "x", "content": ["Use **tabs**.\nNever push."]})
    session.stop()
    given, = handoff(world)["context"]
    assert (given["kind"], given["name"], given["text"]) == ("hook", "SessionStart", "Use **tabs**.\nNever push.")
    line, = section(world.baton("handoff").out, "Worked under")
    assert line.startswith("- a hook's words (`SessionStart`): `Use **tabs**.")


def test_batons_own_handoff_is_named_once(world):
    world.claude().start().prompt("make it so").write("a.txt", "a\n")
    second = world.claude().keep_file()
    text = told(world, second, "startup")
    assert "recorded by baton" in text
    second.prompt("go on")
    second.file_line("attachment", attachment={
        "type": "hook_additional_context", "hookEvent": "SessionStart", "content": [text]})
    second.stop()
    made = handoff(world)
    given, = made["context"]
    assert (given["kind"], given["name"]) == ("handoff", "startup")
    assert given["sources"] == [made["sessions"][1]["session"]]
    line, = section(world.baton("handoff").out, "Worked under")
    assert line == f"- baton's handoff of earlier work [{given['sources'][0]}]"


def test_codex_instructions_are_named_by_their_folder(world):
    session = world.codex()
    session.file = pathlib.Path(world.home) / ".codex" / "sessions" / f"rollout-{session.session}.jsonl"
    session.file.parent.mkdir(parents=True)

    def line(kind, payload):
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000Z"
        with open(session.file, "a") as out:
            out.write(json.dumps({"timestamp": now, "type": kind, "payload": payload}) + "\n")

    session.start().prompt("go")
    line("session_meta", {"id": session.session, "cwd": session.cwd})
    line("response_item", {"type": "message", "role": "user", "content": [
        {"type": "input_text", "text": f"# AGENTS.md instructions for {session.cwd}\n\n<INSTRUCTIONS>\nBe kind.\n"
                                       "</INSTRUCTIONS>"}]})
    session.stop()
    given, = handoff(world)["context"]
    assert (given["kind"], given["name"]) == ("instructions", "AGENTS.md")


# --- what was taken for granted

def test_the_agents_assumptions_stand_verbatim(world):
    session = world.claude().keep_file().start().prompt("port it")
    says(session, "I'll look at the loader. I assume that `port` is always set. If I assume it is not, nothing works.")
    session.write("a.txt", "a\n")
    says(session, "Do you assume otherwise?")
    session.stop("Done. I assume that `port` is always set. I assumed the file was CSV, but that was wrong.\n"
                 "My assumption is that nobody calls it from outside.")
    made = handoff(world)
    turn = made["prompts"][0]["turn"]
    assert made["assumptions"] == [
        {"rule": "said", "text": "I assume that `port` is always set.", "source": turn},
        {"rule": "said", "text": "My assumption is that nobody calls it from outside.", "source": turn}]
    assert section(world.baton("handoff").out, "Assumptions") == [
        f"- the agent's words: ``I assume that `port` is always set.`` [{turn}]",
        f"- the agent's words: `My assumption is that nobody calls it from outside.` [{turn}]"]


def test_a_noted_assumption_stands_there_until_it_is_closed(world):
    world.claude().start().prompt("go").stop()
    world.baton("note", "assumption", "the clock is UTC", check=True)
    made = handoff(world)
    noted, = made["assumptions"]
    assert (noted["rule"], noted["text"]) == ("note", "the clock is UTC")
    text = world.baton("handoff").out
    line, = section(text, "Assumptions")
    assert "`the clock is UTC`" in line and text.count("the clock is UTC") == 1
    old = world.base / "old.json"
    old.write_text(json.dumps(made))
    world.baton("note", "--close", noted["source"].removeprefix("note:"), check=True)
    assert handoff(world)["assumptions"][0]["closed"] is True
    text = world.baton("handoff").out
    assert section(text, "Assumptions") == [] and text.count("the clock is UTC") == 1
    found = json.loads(world.baton("handoff", "--verify", str(old), "--json").stdout)["findings"]
    assert {each["kind"] for each in found} == {"stale"}, found


def test_verify_holds_them(world):
    session = world.claude().keep_file().start()
    session.send("InstructionsLoaded", file_path=session.path("CLAUDE.md"), memory_type="Project",
                 load_reason="session_start")
    session.prompt("go")
    session.stop("I assume the port is free.")
    made = handoff(world)
    for words in ([], ["--budget", "1500"], ["--format", "prompt"]):
        kept = world.base / "kept"
        kept.write_text(world.baton("handoff", *words).out)
        assert world.baton("handoff", "--verify", str(kept)).returncode == 0, words
    made["assumptions"][0]["text"] = "I assume the port is taken."
    kept.write_text(json.dumps(made))
    done = world.baton("handoff", "--verify", str(kept), "--json")
    finding, = json.loads(done.stdout)["findings"]
    assert done.returncode == 1 and finding["kind"] == "altered" and finding["where"] == "assumptions[0]"


# --- tests that a setting names

@pytest.fixture
def verified(world):
    world.write("verify", "#!/bin/sh\nexit 0\n", mode=0o755)
    world.write("tests/run.sh", "exit 0\n")
    world.commit("Two ways to test")
    git(world.repo, "config", "baton.testCommand", "./verify*")
    return world


def test_a_command_of_the_setting_that_nobody_ran(verified):
    session = verified.claude().start().prompt("change it")
    session.write("a.txt", "a\n")
    session.bash("sh tests/run.sh")
    session.stop("All tests pass.")
    made = handoff(verified)
    missing = {"rule": "check-not-run", "name": "./verify*", "source": "baton.testCommand", "kind": "test"}
    assert missing in made["not_checked"]
    assert "- nobody ran: `./verify*` of `baton.testCommand`" in section(verified.baton("handoff").out, "Not checked")
    claim, = made["claims"]
    assert claim["verdict"] == "not verified" and "./verify*" in claim["reason"]
    check = verified.json("check", check=False)
    assert [each["quoted"] for each in check["findings"] if each["judgement"] == "partial"] == ["./verify*"]


def test_a_command_of_the_setting_that_was_run(verified):
    session = verified.claude().start().prompt("change it")
    session.write("a.txt", "a\n")
    session.bash("./verify all")
    session.stop("All tests pass.")
    made = handoff(verified)
    assert [each for each in made["not_checked"] if each["source"] == "baton.testCommand"] == []
    assert made["verification"]["state"] == "fresh"
    assert not any(each["judgement"] == "partial" for each in verified.json("check")["findings"])
