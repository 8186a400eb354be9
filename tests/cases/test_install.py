"""Installing and removing: what is in the user's files before, between and after."""
import json
import os
import pathlib
import shutil
import stat
import subprocess

import pytest
from support.scratch import BATON, Scratch, git

EVENTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop", "SessionEnd")

AWKWARD = {
    "comments": b'''{
  // my own settings, see https://example.invalid//notes
  "model": "opus", /* block
  comment */
  "env": { "PROXY": "http://user@proxy.example.invalid//path" },
  "hooks": {
    "Stop": [ { "hooks": [ { "type": "command", "command": "say done" } ] } ],
  },
}
''',
    "tabs and CRLF": b'{\r\n\t"zeta" : [1,2 ,3],\r\n\t"alpha":{"unknown key":"\\u00e9"},\r\n\t'
                     b'"hooks" : {"SessionStart":[{"matcher":"x","hooks":[]}]}\r\n}\r\n',
    "one line, no newline": b'{"a":1,"permissions":{"allow":["Bash(git log://*)"]}}',
    "byte order mark": b'\xef\xbb\xbf{ "a": "b" }\n',
    "empty object": b"{}",
    "other hooks of many kinds": json.dumps({"hooks": {
        event: [{"hooks": [{"type": "command", "command": f"echo {event} // '\"$X\"'"}]}]
        for event in EVENTS}, "statusLine": {"type": "command", "command": "x"}},
        indent=3).encode() + b"\n",
}


@pytest.fixture
def fresh(tmp_path):
    """A repository without a store, a home with both agents' folders."""
    world = Scratch(tmp_path, store=False)
    (world.home / ".codex").mkdir()
    return world


def settings(world):
    return world.home / ".claude" / "settings.json"


def codex_hooks(world):
    return world.home / ".codex" / "hooks.json"


def commands(file, event):
    """The commands that an agent would run at this event."""
    groups = json.loads(file.read_text())["hooks"].get(event, [])
    return [hook["command"] for group in groups for hook in group["hooks"]]


def fire(world, payload, file=None, cwd=None, shell="sh"):
    """An event as an agent delivers it: every command of its configuration, with a shell."""
    ran = 0
    for command in commands(file or settings(world), payload["hook_event_name"]):
        done = subprocess.run([shell, "-c", command], input=json.dumps(payload).encode(),
                              cwd=cwd or payload["cwd"], env=world.env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), (command, done)
        ran += 1
    return ran


def everything(folder):
    """Every file below a folder: kind, mode and content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        content = os.readlink(path) if path.is_symlink() else \
            path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = (oct(stat.S_IMODE(info.st_mode)), content)
    return found


# --- I1
def test_i1_without_a_terminal_hooks_go_to_every_agent_found(fresh):
    done = fresh.baton("init", check=True)
    for file in (settings(fresh), codex_hooks(fresh)):
        for event in EVENTS:
            assert any("hook" in command for command in commands(file, event)), (file, event)
        assert "~/" + str(file.relative_to(fresh.home)) in done.out
    assert ".git/baton" in done.out and "refs/baton/pins" in done.out
    session = fresh.claude()
    assert fire(fresh, session.event("SessionStart", source="startup")) == 1
    assert fresh.lines(session=session.session)


def test_i1_json_says_what_was_written(fresh):
    told = json.loads(fresh.baton("init", "--json", check=True).out)
    assert told["store"]["made"] and told["store"]["path"].endswith(".git/baton")
    assert {part["agent"]: part["changes"][0]["path"] for part in told["agents"]} == {
        "claude-code": str(settings(fresh)), "codex": str(codex_hooks(fresh))}


def test_i1_an_agent_that_is_not_here_gets_nothing(fresh):
    shutil.rmtree(fresh.home / ".codex")
    fresh.baton("init", check=True)
    assert not (fresh.home / ".codex").exists()


def test_i1_dry_run_writes_nothing(fresh):
    before = everything(fresh.base)
    done = fresh.baton("init", "--dry-run", check=True)
    assert everything(fresh.base) == before
    assert ".claude/settings.json" in done.out


def test_i1_one_failure_shows_in_the_status(fresh):
    codex_hooks(fresh).write_text("{ broken")
    done = fresh.baton("init")
    assert done.returncode != 0
    assert commands(settings(fresh), "Stop"), "the other agent is served all the same"
    told = json.loads(fresh.baton("init", "--json").out)
    failed = [part["agent"] for part in told["agents"] if "error" in part]
    assert failed == ["codex"]


# --- I2
@pytest.mark.parametrize("name", AWKWARD)
def test_i2_foreign_bytes_stay(fresh, name):
    text = AWKWARD[name]
    settings(fresh).write_bytes(text)
    settings(fresh).chmod(0o640)
    before = everything(fresh.home)
    fresh.baton("init", check=True)
    once = settings(fresh).read_bytes()
    assert b"hook claude-code" in once
    fresh.baton("init", check=True)
    assert settings(fresh).read_bytes() == once, "ours stands there once"
    if name not in ("comments", "byte order mark"):
        for event in EVENTS:
            assert sum("hook claude-code" in c for c in commands(settings(fresh), event)) == 1
    left = iter(once)
    assert all(byte in left for byte in text), "nothing foreign was taken out or moved"
    for line in text.splitlines():
        assert line.strip(b" \t,[]{}") in once
    fresh.baton("uninstall", check=True)
    assert settings(fresh).read_bytes() == text
    assert everything(fresh.home) == before


def test_i2_files_that_init_made_are_gone_after(fresh):
    shutil.rmtree(fresh.home / ".codex")
    (fresh.home / ".codex").mkdir()
    before = everything(fresh.home)
    fresh.baton("init", check=True)
    assert everything(fresh.home) != before
    fresh.baton("uninstall", check=True)
    assert everything(fresh.home) == before


def test_i2_what_others_changed_meanwhile_stays(fresh):
    settings(fresh).write_bytes(AWKWARD["comments"])
    fresh.baton("init", check=True)
    changed = settings(fresh).read_bytes().replace(b'"opus"', b'"haiku"')
    settings(fresh).write_bytes(changed)
    fresh.baton("uninstall", check=True)
    assert settings(fresh).read_bytes() == AWKWARD["comments"].replace(b'"opus"', b'"haiku"')


def test_i2_a_link_stays_a_link(fresh):
    dotfiles = fresh.base / "dotfiles.json"
    dotfiles.write_bytes(AWKWARD["comments"])
    settings(fresh).symlink_to(dotfiles)
    fresh.baton("init", check=True)
    assert settings(fresh).is_symlink() and b"hook claude-code" in dotfiles.read_bytes()
    fresh.baton("uninstall", check=True)
    assert settings(fresh).is_symlink() and dotfiles.read_bytes() == AWKWARD["comments"]


def test_i2_nothing_in_the_users_repository(fresh):
    """Only the store and the pin; both are listed."""
    before = everything(fresh.repo / ".git")
    files = everything(fresh.repo)
    fresh.baton("init", check=True)
    new = set(everything(fresh.repo / ".git")) - set(before)
    assert all(path.split("/")[0] in ("baton", "refs", "objects") for path in new), new
    assert {path for path in new if path.startswith("refs")} <= {"refs/baton", "refs/baton/pins"}
    for name in ("config", "index", "HEAD", "logs/HEAD"):
        assert everything(fresh.repo / ".git")[name] == before[name]
    assert set(everything(fresh.repo)) - set(files) <= {".git/" + path for path in new}
    assert git(fresh.repo, "status", "--porcelain") == ""
    assert git(fresh.repo, "log", "--all", "--oneline").count("\n") == 1


# --- I3
@pytest.mark.parametrize("text, line", [
    (b'{\n  "hooks": {\n    "Stop": [ }\n', 3), (b'{\n"a": 1\n"b": 2\n}\n', 3), (b"[1, 2]\n", 1),
    (b'{\n  "hooks": 7\n}\n', 2), (b'{"a": "never ends\n', 1)],
    ids=["cut", "comma", "array", "hooks is a number", "string"])
def test_i3_what_cannot_be_parsed_is_refused(fresh, text, line):
    settings(fresh).write_bytes(text)
    done = fresh.baton("init", "--agent", "claude-code")
    assert done.returncode != 0
    assert settings(fresh).read_bytes() == text
    assert str(settings(fresh)) in done.out + done.err
    assert f"{line}" in (done.out + done.err).split("settings.json", 2)[-1], done.out + done.err


# --- I4
@pytest.fixture
def own_binary(fresh):
    """A world with a binary of its own, which can be moved."""
    place = fresh.base / "bin" / "baton"
    place.parent.mkdir()
    shutil.copy2(BATON, place)

    def run(*words, binary=place, **kinds):
        return subprocess.run([binary, *words], cwd=fresh.repo, env=fresh.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kinds)

    fresh.run_own = run
    fresh.own = place
    return fresh


@pytest.mark.parametrize("fate", ["moved", "removed", "no more executable"])
@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_i4_the_agent_goes_on_without_the_binary(own_binary, fate, agent):
    world = own_binary
    assert world.run_own("init").returncode == 0
    session = world.claude()
    file = settings(world) if agent == "claude-code" else codex_hooks(world)
    event = session.event("SessionStart", source="startup")
    assert fire(world, event, file) == 1
    heard = len(world.lines(agent=agent))
    assert heard == 1
    if fate == "moved":
        world.own.rename(world.base / "elsewhere")
    elif fate == "removed":
        world.own.unlink()
    else:
        world.own.chmod(0o644)
    for shell in ("sh", "bash"):
        assert fire(world, dict(event, filler="x" * 300_000), file, shell=shell) == 1
    assert len(world.lines(agent=agent)) == heard
    told = world.baton("doctor")
    assert told.returncode == 1
    assert str(world.own) in told.out, told.out


# --- I5
@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_i5_a_colleague_without_baton(own_binary, agent):
    world = own_binary
    done = world.run_own("init", "--local", "--agent", agent)
    assert done.returncode == 0, done
    file = world.repo / (".claude/settings.local.json" if agent == "claude-code"
                         else ".codex/hooks.json")
    team = world.repo / (".claude/settings.json" if agent == "claude-code" else ".codex/hooks.json")
    team.parent.mkdir(exist_ok=True)
    if team != file:
        file.rename(team)
    git(world.repo, "add", "-f", str(team))
    git(world.repo, "commit", "-qm", "Share")
    colleague = world.base / "colleague"
    subprocess.run(["git", "clone", "-q", str(world.repo), str(colleague)], check=True)
    world.own.unlink()
    home = world.base / "their home"
    home.mkdir()
    world.env["HOME"] = str(home)
    session = world.claude(cwd=colleague)
    before = everything(colleague)
    for event in EVENTS:
        assert fire(world, session.event(event, filler="x" * 200_000),
                    colleague / team.relative_to(world.repo)) == 1
    assert everything(colleague) == before and everything(home) == {}


def test_i5_a_shared_file_is_the_teams(fresh):
    """What git tracks is not changed for one person's sake."""
    shared = fresh.repo / ".codex" / "hooks.json"
    shared.parent.mkdir()
    shared.write_text('{"hooks":{}}\n')
    fresh.commit("The team's")
    done = fresh.baton("init", "--local", "--agent", "codex")
    assert done.returncode != 0 and shared.read_text() == '{"hooks":{}}\n'


# --- I6
def heard_events(world, agent="claude-code"):
    told = json.loads(world.baton("doctor", "--json").out)
    state = {each["agent"]: each for each in told["agents"]}[agent]
    return state, {each["name"]: each for each in state["heard"]["events_heard"]}, told["problems"]


def whole_session(world, without=(), agent="claude-code"):
    """A session with a prompt, a command and an end, but for these events."""
    session = world.claude()
    given = {"command": "true"}
    for name, fields in (
            ("SessionStart", {"source": "startup"}), ("UserPromptSubmit", {"prompt": "go"}),
            ("PreToolUse", {"tool_name": "Bash", "tool_input": given, "tool_use_id": "c1"}),
            ("PostToolUse", {"tool_name": "Bash", "tool_input": given, "tool_use_id": "c1",
                             "tool_response": {"stdout": "", "stderr": "", "interrupted": False}}),
            ("Stop", {"last_assistant_message": "done"}), ("SessionEnd", {"reason": "other"})):
        if name not in without:
            payload = session.event(name, **fields)
            if agent == "codex":
                payload.update(turn_id="t1", model="m-1")
            world.hook(payload, agent=agent)
    return session


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
@pytest.mark.parametrize("dropped", [event for event in EVENTS if event != "SessionEnd"])
def test_i6_an_update_dropped_an_event(fresh, dropped, agent):
    world = fresh
    world.baton("init", check=True)
    for _ in range(2):
        whole_session(world, agent=agent)
    state, events, _ = heard_events(world, agent)
    assert state["missing"] == [] and {each: events[each]["count"] for each in EVENTS} == dict.fromkeys(
        EVENTS, 2)
    last = events[dropped]["last"]
    for _ in range(3):
        whole_session(world, {dropped}, agent=agent)
    state, events, problems = heard_events(world, agent)
    assert state["missing"] == [dropped]
    assert events[dropped] == dict(events[dropped], count=2, last=last)
    others = [event for event in EVENTS if event != dropped]
    assert all(events[event]["count"] == 5 and events[event]["last"] > last for event in others)
    assert [problem["about"] for problem in problems
            if dropped in problem["what"] and problem["amiss"]] == [agent]
    text = world.baton("doctor")
    assert text.returncode == 1
    assert f"event {dropped} was last heard" in text.out


def test_i6_doctor_says_which_events_came_when(fresh):
    world = fresh
    world.baton("init", check=True)
    session = world.claude().start().prompt("hello")
    session.bash("true")
    session.stop()
    # Prompts are no more told: tools and ends still are.
    for _ in range(3):
        session.bash("true")
        session.stop()
    state, events, _ = heard_events(world)
    assert events["Stop"]["last"] > events["UserPromptSubmit"]["last"]
    assert events["UserPromptSubmit"]["count"] == 1 and events["Stop"]["count"] == 4
    assert "PreCompact" in state["never"] and "Stop" not in state["never"]
    text = world.baton("doctor").out
    assert "UserPromptSubmit" in text and "never: " in text and "PreCompact" in text


def test_i6_an_event_that_never_came(fresh):
    world = fresh
    world.baton("init", check=True)
    for _ in range(5):
        whole_session(world, {"PreToolUse"})
    state, _, problems = heard_events(world)
    assert state["missing"] == ["PreToolUse"] and "PreToolUse" in state["never"]
    assert any("PreToolUse was never heard" in problem["what"] for problem in problems)


# --- I7
def test_i7_linked_worktree_and_second_repository(fresh):
    other = fresh.base / "other"
    other.mkdir()
    git(other, "init", "-q", "-b", "main", ".")
    (other / "b.txt").write_text("b\n")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "Begin")
    fresh.baton("init", check=True)
    fresh.baton("init", cwd=other, check=True)
    linked = fresh.base / "linked"
    git(fresh.repo, "worktree", "add", "-q", str(linked))
    counts = {}
    for place in (fresh.repo, linked, other):
        session = fresh.claude(cwd=place)
        for event in ("SessionStart", "UserPromptSubmit", "Stop"):
            assert fire(fresh, session.event(event, prompt="hello")) == 1
        store = (other if place == other else fresh.repo) / ".git" / "baton"
        counts[place] = len(fresh.lines(session=session.session, store=store))
    assert set(counts.values()) == {3}
    fresh.baton("uninstall", check=True)
    session = fresh.claude(cwd=other)
    assert fire(fresh, session.event("SessionStart")) == 1
    assert fresh.lines(session=session.session, store=other / ".git" / "baton")
    fresh.baton("uninstall", cwd=other, check=True)
    assert not settings(fresh).exists() or not commands(settings(fresh), "SessionStart")
    assert fresh.lines(), "the record is kept"


def test_purge_deletes_record_and_pin(fresh):
    fresh.baton("init", check=True)
    session = fresh.claude().start().prompt("go")
    session.bash("echo more >> README.md")
    fresh.baton("uninstall", "--purge", check=True)
    assert not fresh.store.exists()
    assert git(fresh.repo, "for-each-ref", "refs/baton") == ""
    assert (fresh.repo / "README.md").read_text() == "a project\nmore\n"
