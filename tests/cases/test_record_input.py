"""What reaches the hook: nothing harms it, nothing is lost, nothing is believed twice."""
import concurrent.futures
import json
import os
import signal
import subprocess
import time

import pytest
from support import stranger
from support.scratch import BATON, git


def test_r1_without_a_store_nothing_happens(make_world):
    world = make_world(store=False)
    before = sorted(p for p in world.base.rglob("*"))
    session = world.claude()
    for payload in (b"", b"not json", json.dumps(session.event("SessionStart")).encode(),
                    json.dumps(session.event("Stop")).encode()):
        world.hook(payload)
        world.hook(payload, agent="codex")
    world.hook(b"{}", agent="no-such-agent")
    assert sorted(p for p in world.base.rglob("*")) == before


@pytest.mark.parametrize("payload", [
    b"", b"not json", b"[1,2]", b'{"hook_event_name":"Stop"', b"\x00\x01\x02", b"\xff\xfe{",
    b'{"session_id":"s","prompt":"' + b"x" * 20_000_000 + b'"}',
    b'{"session_id":"s","prompt":"' + b"x" * 20_000_000,
], ids=["empty", "text", "array", "cut", "control", "bom", "20MB", "20MB-cut"])
def test_r2_what_cannot_be_read_is_noted(world, payload):
    world.hook(payload)
    session = world.claude().start().prompt("go on")
    readable = payload.endswith(b"}")
    gaps = [gap["what"] for gap in world.gaps()]
    assert ("payload" in gaps) == (not readable)
    assert [line["e"]["event"] for line in world.lines(session=session.session)] == [
        "SessionStart", "UserPromptSubmit"]
    if not readable:
        status = world.json("status")
        assert any(gap["what"] == "payload" for gap in status["gaps"]), status


@pytest.mark.parametrize("told", ["nothing", "half", "all"])
def test_r2_a_payload_without_an_end(world, told):
    """Whoever writes keeps the pipe open, or is too slow: what came is kept, and what did not is a gap."""
    session = world.claude().start().prompt("go on")
    raw = json.dumps(session.event("Stop", last_assistant_message="nearly")).encode()
    first = {"nothing": b"", "half": raw[:70], "all": raw}[told]
    hook = subprocess.Popen([BATON, "hook", "claude-code"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=world.env, cwd=world.repo)
    hook.stdin.write(first)
    hook.stdin.flush()
    assert hook.wait(timeout=10) == 0
    assert hook.stdout.read() == hook.stderr.read() == b""
    hook.stdin.close()
    gaps = world.json("status")["gaps"]
    if told == "all":
        assert not gaps
        assert [line["e"]["event"] for line in world.lines(session=session.session)][-1] == "Stop"
    else:
        assert [(gap["what"], gap["why"]) for gap in gaps] == [("payload", "'standard input' did not end")]
        assert world.lines(session="unknown")[-1]["p"]["$text"] == first.decode()


def test_r2_a_payload_that_takes_all_the_time(world):
    """So large that there is no time to say whose it was: status tells before another event does."""
    session = world.claude().start().prompt("go on")
    raw = json.dumps(session.event("PostToolUse", tool_name="Bash", tool_use_id="t1", tool_input={"command": "x"},
                                   tool_response={"stdout": "what a build says of a file\n" * 1_700_000}))
    assert 40 << 20 < len(raw) < 60 << 20
    hook = subprocess.Popen([BATON, "hook", "claude-code"], stdin=subprocess.PIPE, env=world.env, cwd=world.repo)
    hook.stdin.write(raw.encode())
    hook.stdin.close()
    time.sleep(0.06)
    hook.send_signal(signal.SIGALRM)  # the hard stop, while it is parsed
    assert hook.wait() == 0
    (gap,) = world.json("status")["gaps"]
    assert gap["what"] == "event" and gap["why"] == "1 event was not recorded: its time was up"
    assert "its time was up" in world.baton("status").out
    session.stop()
    (gap,) = world.json("status")["gaps"]
    assert gap["why"] == "1 event was not recorded: its time was up" and gap["event"] == "Stop"


def test_hooks_of_an_agent_that_is_not_known(world):
    """A newer baton's hooks, an older one's binary: nobody is named, and status tells."""
    payload = json.dumps({"session_id": "s", "hook_event_name": "Stop", "cwd": str(world.repo)}).encode()
    for agent in ("cursor", "../../x", ""):
        world.hook(payload, agent=agent)
    (gap,) = world.json("status")["gaps"]
    assert gap["why"] == "3 events were not recorded: their agent is not known to this baton"
    assert world.json("sessions", "--all")["sessions"] == []
    git(world.repo, "config", "baton.off", "true")
    world.hook(payload, agent="cursor")
    assert world.json("status")["gaps"] == [gap], "paused is paused"


@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "gone"])
def test_a_session_file_that_is_none(world, kind):
    path = world.base / "session"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path = "/dev/zero"
    elif kind == "folder":
        path.mkdir()
    session = world.claude().start().prompt("go on")
    session.file = path
    session.stop()
    assert [gap["what"] for gap in world.json("status")["gaps"]] == ["transcript"]
    assert not list(world.store.rglob("transcript.*"))
    assert world.json("log")["turns"][0]["prompt"] == "go on"


@pytest.mark.parametrize("encode", [
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: text.encode("utf-16"),
    lambda text: text.encode("utf-16-be"),
    lambda text: text.replace("one two", "one\ttwo\x01").encode(),
], ids=["bom", "utf16", "utf16be", "control"])
def test_r2_other_encodings_are_read(world, encode):
    session = world.claude()
    text = json.dumps(session.event("UserPromptSubmit", prompt="one two"), ensure_ascii=False)
    world.hook(encode(text))
    (line,) = world.lines(session=session.session)
    assert line["p"]["prompt"].startswith("one")
    assert "gap" not in line["e"]


def test_r3_unknown_events_are_kept(world):
    session = world.claude().start().prompt("hello")
    session.send("BrandNewEvent", detail={"a": [1, 2.50]})
    line = world.lines(session=session.session)[-1]
    assert line["e"]["event"] == "BrandNewEvent"
    assert line["p"]["detail"] == {"a": [1, 2.50]}
    assert "BrandNewEvent" in world.baton("doctor").out


def test_r4_twice_is_once(world):
    session = world.claude().start()
    prompt = session.event("UserPromptSubmit", prompt="do it", prompt_id="p-1")
    world.hook(prompt)
    world.hook(prompt)
    given = {"command": "true"}
    before = session.event("PreToolUse", tool_name="Bash", tool_input=given, tool_use_id="t1")
    after = session.event("PostToolUse", tool_name="Bash", tool_input=given, tool_use_id="t1",
                          tool_response={"stdout": "", "stderr": "", "interrupted": False})
    for payload in (before, before, after, after):
        world.hook(payload)
    turns = world.json("log", "--steps")["turns"]
    assert [turn["prompt"] for turn in turns] == ["do it"]
    assert [step["command"] for step in turns[0]["steps"]] == ["true"]


def test_r4_out_of_order_and_at_once(world):
    session = world.claude().start().prompt("many at once")
    payloads = []
    for number in range(10):
        given = {"command": f"echo {number}"}
        call = f"t{number}"
        payloads.append(session.event("PostToolUse", tool_name="Bash", tool_input=given,
                                      tool_use_id=call,
                                      tool_response={"stdout": f"{number}\n", "stderr": ""}))
        payloads.append(session.event("PreToolUse", tool_name="Bash", tool_input=given,
                                      tool_use_id=call))
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        list(pool.map(world.hook, payloads))
    (turn,) = world.json("log", "--steps")["turns"]
    lines = world.lines(session=session.session)
    numbers = [line["e"]["n"] for line in lines]
    assert numbers == list(range(len(numbers)))
    heard = list(dict.fromkeys(line["p"]["tool_input"]["command"] for line in lines
                               if "tool_input" in line["p"]))
    assert sorted(heard) == [f"echo {n}" for n in range(10)]
    assert [step["command"] for step in turn["steps"]] == heard, "in the order in which they were heard"
    addresses = [step["address"] for step in turn["steps"]]
    assert [int(address.split(".")[1]) for address in addresses] == list(range(1, 11))


def test_r4_each_after_event_before_its_own_before_event(world):
    """The agent's order is that in which its calls are first heard of; what comes late changes no number."""
    session = world.claude().start().prompt("backwards")
    events = {}
    for name in ("one", "two", "three"):
        given = {"command": f"echo {name}"}
        events[name] = (
            session.event("PreToolUse", tool_name="Bash", tool_input=given, tool_use_id=name),
            session.event("PostToolUse", tool_name="Bash", tool_input=given, tool_use_id=name,
                          tool_response={"stdout": f"{name}\n", "stderr": ""}))

    def told():
        (turn,) = world.json("log", "--steps")["turns"]
        return [(step["command"], step["address"].split(".")[1]) for step in turn["steps"]]

    for event in (events["two"][1], events["one"][0], events["three"][1]):
        world.hook(event)
    order = [("echo two", "1"), ("echo one", "2"), ("echo three", "3")]
    assert told() == order
    for event in (events["three"][0], events["one"][1], events["two"][0], events["two"][1]):
        world.hook(event)
    assert told() == order
    world.baton("reindex", check=True)
    assert told() == order


@pytest.mark.parametrize("session_id", [
    "../../x", "a" * 5000, "a/b", "a:b", "line\nbreak", ".", "..", "", "é" * 40, "x\x00y",
], ids=["dots", "long", "slash", "colon", "newline", "dot", "dotdot", "empty", "utf8", "nul"])
def test_r30_any_session_id(world, session_id):
    session = world.claude(session=session_id)
    before = {p for p in world.base.rglob("*") if not p.is_relative_to(world.store)}
    session.start().prompt("hello")
    assert {p for p in world.base.rglob("*") if not p.is_relative_to(world.store)} == before
    sessions = world.store / "sessions" / "claude-code"
    (place,) = list(sessions.iterdir())
    assert place.parent == sessions
    assert [turn["prompt"] for turn in world.json("log")["turns"]] == ["hello"]


@pytest.mark.parametrize("prompt", [r'cut \ud83d', r'\udc00 low', r'nul \u0000 here',
                                    "bad \xff\xfe bytes"], ids=["high", "low", "nul", "bytes"])
def test_r38_text_that_json_libraries_refuse(world, prompt):
    session = world.claude().start()
    payload = json.dumps(session.event("UserPromptSubmit", prompt="HERE", marker="kept"))
    raw = payload.encode().replace(b"HERE", prompt.encode("latin-1"))
    world.hook(raw)
    line = world.lines(session=session.session)[-1]
    assert line["p"]["marker"] == "kept"
    word = prompt.split("\\")[0].split()[0] if prompt[0] != "\\" else prompt.split()[1]
    assert word in line["p"]["prompt"]
    assert "gap" not in line["e"]
    assert word in world.json("log")["turns"][0]["prompt"]


def test_off_means_off(world):
    count = len(world.lines())
    session = world.claude()
    world.hook(session.event("SessionStart"), env={"BATON_OFF": "1"})
    assert len(world.lines()) == count
    world.hook(session.event("SessionStart"), env={"BATON_OFF": "0"})
    assert len(world.lines()) == count + 1


def test_the_environment_is_never_stored(world):
    session = world.claude()
    world.hook(session.event("SessionStart"), env={"SOME_TOKEN": "tell-nobody-4711"})
    assert b"tell-nobody-4711" not in world.store_bytes()


def test_store_is_private(world):
    world.claude().start().prompt("hello").stop()
    for file in world.store.rglob("*"):
        mode = file.stat().st_mode & 0o777
        assert mode == (0o700 if file.is_dir() else 0o600), (file, oct(mode))
    assert os.stat(world.store).st_mode & 0o777 == 0o700


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_r38_session_files_that_json_libraries_refuse(world, agent):
    session = world.claude().keep_file() if agent == "claude-code" else world.codex()
    session.file = session.file or world.home / "rollout-s.jsonl"
    session.start().prompt("go")

    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()).encode()

    def line(text, number):
        if agent == "codex":
            return (b'{"timestamp":"' + now + b'","type":"response_item","payload":{"type":"message",'
                    b'"role":"assistant","content":[{"type":"output_text","text":"' + text + b'"}]}}\n')
        return (b'{"type":"assistant","uuid":"u%d","timestamp":"%s","sessionId":"%s",'
                b'"message":{"id":"m%d","role":"assistant","model":"m-1","content":[{"type":"text","text":"'
                % (number, now, session.session.encode(), number)) + text + b'"}]}}\n'

    texts = [rb"cutoff \ud83d", rb"\udc00 lowhalf", rb"zero \u0000 middle", b"bytes \xff\xfe there", b"raw \x01\x02 control",
             b"plain words"]
    with open(session.file, "ab") as file:
        for number, text in enumerate(texts):
            file.write(line(text, number))
        file.write(b"\0\0\0\0" + line(b"behind nulls", 90) + b"not JSON at all\n" + line(b"last line", 91))
    session.stop()
    kept = b"".join(stranger.transcript_texts(world.store).values())
    words = [b"cutoff", b"lowhalf", b"zero", b"middle", b"bytes", b"there", b"control", b"plain words", b"behind nulls",
             b"not JSON at all", b"last line"]
    assert [word for word in words if word not in kept] == []
    assert world.gaps() == []
    for word in ("cutoff", "lowhalf", "middle", "there", "plain", "behind", "last"):
        assert world.baton("search", word).returncode == 0, word
    assert world.baton("fsck").returncode == 0
