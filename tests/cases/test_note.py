"""Notes: what somebody wanted the next actor to know, who said it, and where it shows."""
import shlex
import subprocess

import pytest

from support.scratch import BATON, Scratch
from test_record_store import read_only


@pytest.fixture
def world(tmp_path):
    return Scratch(tmp_path)


def notes(world, *words):
    return world.json("note", "--list", *words)["notes"]


def say(*words):
    return shlex.join([BATON, "note", *words])


def test_a_persons_note(world):
    session = world.claude().start().prompt("make it fast")
    done = world.baton("note", "decision", "use a ring buffer", check=True)
    session.stop()
    [note] = notes(world)
    assert note["id"] in done.out
    assert (note["kind"], note["text"]) == ("decision", "use a ring buffer")
    assert note["author"] == {"kind": "person", "name": "Robin <robin@example.invalid>"}
    assert note["branch"] == "main" and note["turn"].endswith(":1") and "step" not in note
    [turn] = world.json("log")["turns"]
    assert [n["id"] for n in turn["notes"]] == [note["id"]]
    assert "use a ring buffer" in world.baton("log").out
    assert "use a ring buffer" in world.baton("show", turn["address"]).out
    assert "Robin" in world.baton("show", "note:" + note["id"][:4]).out
    [hit] = world.json("search", "ring", "--kind", "note")["hits"]
    assert hit["kind"] == "note" and hit["note"] == note["id"] and hit["turn"] == 1
    [event] = world.lines("baton", "notes")
    assert event["e"]["event"] == "Note" and event["p"]["text"] == "use a ring buffer"


def test_words_of_a_note(world):
    world.baton("note", "without", "a", "kind", check=True)
    assert [(n["kind"], n["text"]) for n in notes(world)] == [("note", "without a kind")]
    for words, status in [(["decison", "use a queue"], 2), (["risk"], 2), (["risk", "  "], 2),
                          (["open", "x" * 20_000], 2), (["risk", "a", "--cite", "nowhere"], 3),
                          (["--close", "0000"], 3), (["--list", "nonsense"], 2)]:
        done = world.baton("note", *words)
        assert done.returncode == status and done.err.startswith("baton: "), (words, done.err)
    assert len(notes(world)) == 1
    done = world.baton("note", "--list", "risk")
    assert (done.returncode, done.out) == (0, "")


def test_an_open_item_is_closed(world):
    world.baton("note", "open", "write the changelog", check=True)
    world.baton("note", "risk", "the cache is never emptied", check=True)
    item = notes(world, "open")[0]["id"]
    world.baton("note", "--close", item[:5], "done in CHANGELOG.md", check=True)
    by_kind = {n["kind"]: n for n in notes(world)}
    assert by_kind["open"]["closed"]["why"] == "done in CHANGELOG.md"
    assert "closed" not in by_kind["risk"]
    assert world.baton("note", "--close", item).returncode == 1


def test_a_note_cites_a_step(world):
    session = world.claude().start().prompt("one")
    session.write("a.txt", "a\n")
    session.stop().prompt("two").stop()
    step = world.json("log", "--steps")["turns"][1]["steps"][0]["address"]
    world.baton("note", "assumption", "nobody reads a.txt", "--cite", step, check=True)
    [note] = notes(world)
    assert note["cites"] == [step] and note["turn"].endswith(":1")


def test_secrets_in_notes_are_masked(world):
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    world.baton("note", "constraint", f"never print {token}", check=True)
    assert token[:36].encode() not in world.store_bytes()
    assert token[:36] not in world.baton("note").out


def test_the_agent_whose_command_it_is(world):
    session = world.claude().start().prompt("decide")
    session.bash(say("decision", "retry three times"))
    session.stop()
    [note] = notes(world)
    assert note["author"] == {"kind": "agent", "agent": "claude-code"}
    assert note["step"] == note["address"] and "from_command" not in note
    # What the environment says needs no process.
    world.baton("note", "risk", "it may loop", env={
        "CODEX_THREAD_ID": "0199-aa", "CODEX_TOOL_CALL_ID": "call_1"}, check=True)
    assert notes(world, "risk")[0]["author"] == {"kind": "agent", "agent": "codex"}
    # Some agent, but which?
    world.baton("note", "open", "ask Ann", env={"CLAUDECODE": "1"}, check=True)
    assert notes(world, "open")[0]["author"] == {"kind": "unknown"}


def test_sandbox_note_is_taken_from_the_command(world):
    """A sandbox that forbids writing: the command says so and ends well, the hook heard it."""
    session = world.claude().start().prompt("decide")
    given = {"command": say("constraint", "keep the old API"), "description": "Note it"}
    call = session.before("Bash", given)
    with read_only(world.store):
        done = subprocess.run(["bash", "-c", given["command"]], cwd=world.repo, env=dict(
            world.env, CLAUDECODE="1", CLAUDE_CODE_SESSION_ID=session.session),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0 and "is taken from this command" in done.stdout
    session.after(call, "Bash", given, {"stdout": done.stdout, "stderr": "", "interrupted": False})
    session.stop()
    [note] = notes(world)
    assert (note["kind"], note["text"]) == ("constraint", "keep the old API")
    assert note["from_command"] and note["author"]["agent"] == "claude-code" and note["step"]
    assert "keep the old API" in world.baton("log").out


@pytest.mark.parametrize("line, counts", [
    ("{} && true", True), ("cd . && {}", True), ("true || {}", False), ("false && {}; true", False), ("true; {}", True),
    ("if false; then {}; fi", False), ("echo '{}'", False)])
def test_commands_that_may_not_have_said_it(world, line, counts):
    """A note that no event tells of counts only if the command cannot have ended well without it."""
    session = world.claude().start().prompt("decide")
    given = {"command": line.replace("{}", "baton note risk 'too slow'"), "description": "x"}
    call = session.before("Bash", given)
    session.after(call, "Bash", given, {"stdout": "", "stderr": "", "interrupted": False})
    session.stop()
    assert len(notes(world)) == counts


def test_refused_and_written_notes_count_once(world):
    session = world.claude().start().prompt("decide")
    session.before("Bash", {"command": "baton note risk 'never ran'", "description": "x"})
    session.stop().prompt("again")
    session.bash(say("open", "one") + " && " + say("open", "two"))
    session.stop()
    assert [n["text"] for n in notes(world)] == ["one", "two"]
    world.baton("reindex", check=True)
    assert [n["text"] for n in notes(world)] == ["one", "two"]
