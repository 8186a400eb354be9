"""A hook that dies, or meets a full disk, at any call by which it changes something.

For each kind of event the hook runs once under strace, which gives the list of its changing calls.
Then, in a fresh copy of the same world, each of them is met by SIGKILL, and in another by ENOSPC; then
a different event comes, and the record must be whole."""
import json
import os
import pathlib
import random
import subprocess
import time

import pytest
from support import faults, stranger
from support.readers import owners
from support.scratch import BATON, Scratch

SESSION = "11111111-2222-4333-8444-555555555555"
OTHER = "99999999-2222-4333-8444-555555555555"
AGENTS = ("claude-code", "codex")
MARK = "the event that meets the fault"
SETTLED = 0.03  # seconds after which a file's time stamps are believed


def bare(base):
    """A store that has heard nothing yet."""
    world = Scratch(base)
    world.write("src/a.txt", "one\ntwo\nthree\n")
    world.write("gone.txt", "to be deleted\n")
    world.commit("Files")
    world.write("notes.txt", "not in git\n")
    return world


def began(base):
    """A session that has had a turn and is in its second."""
    world = bare(base)
    session = world.claude(SESSION).start().prompt("first")
    session.bash("echo made > made.txt")
    session.stop()
    session.prompt("second")
    return world


class Kind:
    """An event that meets the fault. The methods get a world that is nobody else's and a session
    that goes on in it."""
    template = staticmethod(began)
    agent = "claude-code"

    def session(self, world, name=None):
        """The agent's session that goes on, or another one of it."""
        make = world.codex if self.agent == "codex" else world.claude
        return make(name or SESSION)

    # Who may own the lines that the scenario writes; what is not named here may not be owned by a
    # step.
    persons, agents = (), ()

    def arrange(self, world, session):
        pass

    def event(self, world, session):
        raise NotImplementedError

    def follow(self, world, session):
        raise NotImplementedError


class First(Kind):
    template = staticmethod(bare)

    def arrange(self, world, session):
        world.write("README.md", "a project\nby a person\n")

    def event(self, world, session):
        return session.event("SessionStart", source="startup", mark=MARK)

    def follow(self, world, session):
        session.prompt("after the fault")
        session.bash("echo by the agent >> src/a.txt")

    persons = [("README.md", "by a person")]
    agents = [("src/a.txt", "by the agent")]


class Start(Kind):
    def arrange(self, world, session):
        world.write("README.md", "a project\nby a person\n")

    def event(self, world, session):
        return self.session(world, OTHER).event("SessionStart", source="startup", mark=MARK)

    def follow(self, world, session):
        self.session(world, OTHER).prompt("after the fault")

    persons = [("README.md", "by a person")]


class Prompt(Kind):
    def arrange(self, world, session):
        world.write("README.md", "a project\nby a person\n")

    def event(self, world, session):
        session.prompt_id = "33333333-2222-4333-8444-555555555555"
        return session.event("UserPromptSubmit", prompt=MARK)

    def follow(self, world, session):
        session.bash("echo by the agent >> src/a.txt")

    persons = [("README.md", "by a person")]
    agents = [("src/a.txt", "by the agent")]


class FileTool(Kind):
    """Both halves of an edit; a person saves the file before it."""
    def arrange(self, world, session):
        world.write("src/a.txt", "one\ntwo\nthree\nby a person\n")
        self.given = {"file_path": str(world.repo / "src/a.txt"), "old_string": "two\n",
                      "new_string": "by the agent\n", "replace_all": False}
        self.original = "one\ntwo\nthree\nby a person\n"
        self.call = session.call_id()

    def before(self, session):
        return session.event("PreToolUse", tool_name="Edit", tool_input=self.given,
                             tool_use_id=self.call, mark=MARK)

    def edit(self, world):
        world.write("src/a.txt", self.original.replace("two\n", "by the agent\n"))

    def after(self, session):
        return session.event(
            "PostToolUse", tool_name="Edit", tool_input=self.given, tool_use_id=self.call,
            tool_response={"filePath": self.given["file_path"], "oldString": "two\n",
                           "newString": "by the agent\n", "originalFile": self.original,
                           "structuredPatch": [], "userModified": False, "replaceAll": False},
            mark=MARK)

    persons = [("src/a.txt", "by a person")]
    agents = [("src/a.txt", "by the agent")]


class BeforeFile(FileTool):
    def event(self, world, session):
        return self.before(session)

    def follow(self, world, session):
        self.edit(world)
        session.deliver(self.after(session))


class AfterFile(FileTool):
    def arrange(self, world, session):
        super().arrange(world, session)
        session.deliver(self.before(session))
        self.edit(world)

    def event(self, world, session):
        return self.after(session)

    def follow(self, world, session):
        session.stop()


class AfterFileBoth(AfterFile):
    """A person saved between the two events: two changes at once are seen by the after-event."""
    def arrange(self, world, session):
        FileTool.arrange(self, world, session)
        text, self.original = self.original, "one\ntwo\nthree\n"
        world.write("src/a.txt", self.original)
        session.deliver(self.before(session))
        self.original = text
        world.write("src/a.txt", text)
        self.edit(world)


class ShellTool(Kind):
    """Both halves of a command; a person saves another file before it."""
    command = "printf 'by the agent\\n' >> src/a.txt; rm gone.txt; printf 'new\\n' > new.txt"

    def arrange(self, world, session):
        world.write("README.md", "a project\nby a person\n")
        self.given = {"command": self.command}
        self.call = session.call_id()

    def before(self, session):
        return session.event("PreToolUse", tool_name="Bash", tool_input=self.given,
                             tool_use_id=self.call, mark=MARK)

    def after(self, session):
        return session.event("PostToolUse", tool_name="Bash", tool_input=self.given,
                             tool_use_id=self.call, mark=MARK,
                             duration_ms=int((time.monotonic() - self.began) * 1000),
                             tool_response={"stdout": "a long line of output\n" * 400, "stderr": "",
                                            "interrupted": False, "isImage": False})

    def run(self, world):
        self.began = time.monotonic()
        world.sh(self.command)

    persons = [("README.md", "by a person")]
    agents = [("src/a.txt", "by the agent"), ("new.txt", "new")]


class BeforeShell(ShellTool):
    def event(self, world, session):
        return self.before(session)

    def follow(self, world, session):
        self.run(world)
        session.deliver(self.after(session))


class AfterShell(ShellTool):
    def arrange(self, world, session):
        super().arrange(world, session)
        session.deliver(self.before(session))
        self.run(world)

    def event(self, world, session):
        return self.after(session)

    def follow(self, world, session):
        session.stop()


class Ending(Kind):
    """The agent's own file is copied, and what a background process wrote is seen."""
    words = "words of the agent's own file"

    def arrange(self, world, session):
        world.write("src/a.txt", "one\ntwo\nthree\nwritten in the background\n")
        self.file = world.home / ".claude" / "projects" / "s.jsonl"
        self.file.parent.mkdir(parents=True)
        self.file.write_text("".join(json.dumps(
            {"type": "assistant", "uuid": f"u{i}", "timestamp": "2026-01-01T00:00:00Z",
             "sessionId": SESSION, "message": {
                 "id": f"m{i}", "role": "assistant", "model": "m-1",
                 "content": [{"type": "text", "text": f"{self.words} {i} " + "and more " * 300}],
                 "usage": {"input_tokens": 1, "output_tokens": 1}}}) + "\n" for i in range(3)))

    def check(self, world):
        lines = stranger.transcripts(world.store)[SESSION]
        contents = stranger.objects(world.store, world.repo)
        texts = [contents[text["$obj"]].decode() if isinstance(text, dict) else text
                 for text in self.texts(lines)]
        for i in range(3):
            assert sum(f"{self.words} {i} " in text for text in texts) == 1


    def texts(self, lines):
        return [line["l"]["message"]["content"][0]["text"] for line in lines]


class Stop(Ending):
    def event(self, world, session):
        return session.event("Stop", stop_hook_active=False, last_assistant_message=MARK,
                             transcript_path=str(self.file))

    def follow(self, world, session):
        session.prompt("after the fault")
        session.deliver(dict(self.event(world, session), last_assistant_message="done"))


class End(Ending):
    def event(self, world, session):
        return session.event("SessionEnd", reason=MARK, transcript_path=str(self.file))

    def follow(self, world, session):
        self.session(world, OTHER).start()
        session.start(source="resume")
        session.deliver(dict(self.event(world, session), reason="other"))


class Codex:
    """The same of the Codex CLI."""
    agent = "codex"


class CodexFileTool(Codex, FileTool):
    def before(self, session):
        return session.event("PreToolUse", tool_name="apply_patch", tool_use_id=self.call, mark=MARK,
                             tool_input=session.patch("src/a.txt", "two\n", "by the agent\n"))

    def after(self, session):
        return session.event("PostToolUse", tool_name="apply_patch", tool_use_id=self.call, mark=MARK,
                             tool_input=session.patch("src/a.txt", "two\n", "by the agent\n"),
                             tool_response="Success. Updated the following files:\nM src/a.txt\n")


class CodexShellTool(Codex, ShellTool):
    def after(self, session):
        return session.event("PostToolUse", tool_name="Bash", tool_input=self.given,
                             tool_use_id=self.call, mark=MARK,
                             tool_response="a long line of output\n" * 400)


class CodexEnding(Codex, Ending):
    """Its session file has other lines."""
    def arrange(self, world, session):
        world.write("src/a.txt", "one\ntwo\nthree\nwritten in the background\n")
        self.file = world.home / ".codex" / "sessions" / "rollout-s.jsonl"
        self.file.parent.mkdir(parents=True)
        self.file.write_text("".join(json.dumps(
            {"timestamp": "2026-01-01T00:00:00.000Z", "type": "response_item", "payload": {
                "type": "message", "role": "assistant", "content": [
                    {"type": "output_text", "text": f"{self.words} {i} " + "and more " * 300}]}})
            + "\n" for i in range(3)))

    def texts(self, lines):
        return [line["l"]["payload"]["content"][0]["text"] for line in lines]


KINDS = {"first session start": First, "session start": Start, "prompt": Prompt,
         "before file tool": BeforeFile, "after file tool": AfterFile,
         "after file tool and a person": AfterFileBoth,
         "before shell tool": BeforeShell, "after shell tool": AfterShell,
         "turn end": Stop, "session end": End}
# Of Codex: the same moments, with what it says of its own.
BASES = (FileTool, ShellTool, Ending, Kind)
for name, kind in list(KINDS.items()):
    base = {FileTool: CodexFileTool, ShellTool: CodexShellTool, Ending: CodexEnding}.get(
        next(each for each in kind.__mro__ if each in BASES), Codex)
    KINDS["codex: " + name] = type(
        "Codex" + kind.__name__, (base, kind), {
            method: vars(kind)[method] for method in ("event", "follow") if method in vars(kind)})


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    made = {}

    def give(make):
        if make not in made:
            made[make] = make(tmp_path_factory.mktemp(make.__name__) / "world")
        return made[make]

    return give


def stage(template, bases, kind):
    """Copies of the template in which the scenario stands just before its event: (world, scenario,
    session) of each. Pauses see to it that in all of them time stamps are believed alike."""
    worlds = [template.copy_to(base) for base in bases]
    time.sleep(SETTLED)
    stages = []
    for world in worlds:
        scenario = KINDS[kind]()
        session = scenario.session(world)
        session.prompt_id = "22222222-2222-4333-8444-555555555555"
        session.calls = 10
        if scenario.template is not bare:
            # A copy has other inodes: let a pass get to know them.
            session.send("UserPromptSubmit", prompt="settled")
        scenario.arrange(world, session)
        stages.append((world, scenario, session))
    time.sleep(SETTLED)
    return stages


def journals(world):
    return {file: file.read_bytes() for file in world.store.glob("sessions/*/*/events.jsonl")}


def events(world):
    return [line["e"]["event"] for line in world.lines()]


def recorded(world):
    """Whether the event that met the fault is in the journal."""
    return any(MARK in json.dumps(line.get("p")) for agent in AGENTS for line in world.lines(agent))


def judge(world, scenario, session, before, where):
    """The next event comes; then the record is whole, and nothing is anybody's who did not do it."""
    kept = journals(world)
    for file, content in before.items():
        assert kept[file].startswith(content), f"{where}: what was acknowledged is gone"
    count = len(world.lines(scenario.agent))
    scenario.follow(world, session)
    assert len(world.lines(scenario.agent)) > count, f"{where}: the next event is not recorded"
    timeline = stranger.check_store(world.store, world.repo)
    assert timeline.state == stranger.disk_state(world.repo), where
    if hasattr(scenario, "check"):
        scenario.check(world)
    whole = where == "without a fault"
    paths = {path for path, _ in [*scenario.persons, *scenario.agents]}
    told = {path: owners(world, path) for path in paths}
    for path, text in scenario.persons:
        owner = told[path][text]
        doubtful = owner["kind"] == "unknown" or owner.get("evidence") == "contested"
        assert owner["kind"] == "outside" or not whole and doubtful, f"{where}: {text} is {owner}"
    for path, text in scenario.agents:
        owner = told[path][text]
        assert owner["kind"] == "step" or not whole and owner["kind"] == "unknown", \
            f"{where}: {text} is {owner['kind']}"
    found = world.json("fsck")
    assert found["sound"], (where, found["findings"])
    return timeline


@pytest.mark.parametrize("fault", ["kill", "ENOSPC"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_changing_call_of_a_hook(templates, tmp_path, kind, fault):
    template = templates(KINDS[kind].template)
    ((world, scenario, session),) = stage(template, [tmp_path / "traced"], kind)
    calls = faults.changing_calls(world, scenario.event(world, session), scenario.agent)
    assert any(call == "write" for call, _ in calls) and any(call == "flock" for call, _ in calls)
    assert recorded(world)
    judge(world, scenario, session, {}, "without a fault")

    stages = stage(template, [tmp_path / str(i) for i in range(len(calls))], kind)
    for (world, scenario, session), (call, number) in zip(stages, calls):
        where = f"{fault} at {call} {number}"
        before = journals(world)
        faults.inject(world, scenario.event(world, session), call, number, fault, scenario.agent)
        heard = recorded(world)
        judge(world, scenario, session, before, where)
        if fault != "kill" and not heard:
            told = world.json("status")["gaps"]
            assert any(gap["what"] == "event" for gap in told), f"{where}: nothing tells of the loss"


# --- a disk that is really full

@pytest.fixture
def small_disk(tmp_path):
    """A world whose store lies on a file system of its own, of half a megabyte."""
    world = began(tmp_path / "world")
    aside = tmp_path / "aside"
    world.store.rename(aside)
    world.store.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "tmpfs", str(world.store)],
                   check=True)
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", str(world.store)], check=True)
        yield world
    finally:
        subprocess.run(["umount", "-l", str(world.store)], check=True)


def fill(world, free_pages):
    """Fills the store's disk but for these pages of 4 KiB."""
    filler = world.store.parent / "baton" / "filler"
    with open(filler, "wb") as file:
        with pytest.raises(OSError) as full:
            while True:
                os.write(file.fileno(), b"x" * 4096)
        assert full.value.errno == 28
        file.truncate(max(0, file.tell() - 4096 * free_pages))
    space = os.statvfs(world.store)
    assert space.f_bfree == free_pages
    return filler


@pytest.mark.parametrize("free", [0, 1, 2, 3, 5, 8, 13, 20])
def test_r31_full_disk(small_disk, free):
    world = small_disk
    session = world.claude(SESSION)
    before = journals(world)
    filler = fill(world, free)
    session.prompt("written to a full disk " + "x" * 500)
    session.write("big.txt", random.Random(4711).randbytes(100_000).hex())
    session.edit("src/a.txt", "two", "by the agent")
    session.bash("seq 1 4000; echo more >> src/a.txt; echo new > new.txt")
    session.stop()
    world.claude(OTHER).start()
    filler.unlink()
    for file, content in before.items():
        assert file.read_bytes().startswith(content)
    session.prompt("there is space again")
    assert world.lines()[-1]["p"]["prompt"] == "there is space again"
    assert any("space" in gap["why"] for gap in world.gaps()), world.gaps()
    count = len(world.gaps())
    session.bash("echo again > again.txt")
    session.stop()
    assert len(world.gaps()) == count, "told once"
    timeline = stranger.check_store(world.store, world.repo)
    assert timeline.state == stranger.disk_state(world.repo)


# --- what a crash or a power cut may leave behind

def last_journal(world):
    (file,) = world.store.glob(f"sessions/*/{SESSION}/events.jsonl")
    return file


def repaired(world):
    return [line["e"]["repaired"] for line in world.lines() if "repaired" in line["e"]]


@pytest.mark.parametrize("kept", [1, 40, 90, 300, -1], ids=lambda n: f"{n} bytes")
def test_r11_torn_line(templates, tmp_path, kept):
    world = templates(began).copy_to(tmp_path / "world")
    file = last_journal(world)
    whole = file.read_bytes()
    session = world.claude(SESSION)
    session.send("Notification", message="to be torn")
    line = file.read_bytes()[len(whole):]
    file.write_bytes(whole + line[:kept])
    session.bash("echo more > more.txt")
    assert file.read_bytes().startswith(whole)
    assert repaired(world) == [len(line[:kept])]
    assert stranger.check_store(world.store, world.repo).state == stranger.disk_state(world.repo)


@pytest.mark.parametrize("tail", [b"\0" * 4096, b'{"h":"0123' + b"\0" * 700],
                         ids=["only NULs", "after a piece of a line"])
def test_r50_a_tail_of_nuls(templates, tmp_path, tail):
    world = templates(began).copy_to(tmp_path / "world")
    file = last_journal(world)
    whole = file.read_bytes()
    file.write_bytes(whole + tail)
    assert str(len(tail)) in world.baton("fsck").out, "found before anybody writes"
    session = world.claude(SESSION).prompt("after the power cut")
    session.stop()
    assert file.read_bytes().startswith(whole)
    assert repaired(world) == [len(tail)]
    stranger.check_store(world.store, world.repo)
    assert any(gap["what"] == "journal" for gap in world.json("status")["gaps"])
    assert "cut off" in world.baton("fsck", check=True).out


def test_r50_the_end_of_a_journal_is_gone(templates, tmp_path):
    """A turn's end notes the head of the chain beside the journal, so that its loss shows."""
    world = templates(began).copy_to(tmp_path / "world")
    session = world.claude(SESSION)
    session.stop()
    file = last_journal(world)
    lines = file.read_bytes().splitlines(keepends=True)
    lost = json.loads(lines[-1])["e"]["n"]
    file.write_bytes(b"".join(lines[:-2]))
    found = world.baton("fsck")
    assert found.returncode == 4 and "missing" in found.out, found
    assert world.gaps() == []
    session.prompt("goes on")
    line = world.lines(session=SESSION)[-1]
    assert line["e"]["n"] == lost + 1, "the numbers of lost lines are not used again"
    (gap,) = world.gaps()
    assert gap["what"] == "journal" and "2" in gap["why"], gap
    session.stop()
    assert len(world.gaps()) == 1, "told once"


def seen_after(world, *paths):
    """Lets an agent change a file and checks that the record is as the disk is."""
    count = len(world.transitions())
    session = world.claude(SESSION)
    session.bash("echo after > after.txt; echo more >> README.md")
    session.stop()
    numbers = [change["q"] for change in world.transitions()]
    assert len(set(numbers)) == len(numbers), "a number of the timeline was used twice"
    assert max(numbers[:count], default=0) < min(numbers[count:])
    contents = stranger.objects(world.store, world.repo, damaged=True)
    for change in world.transitions()[count:]:
        assert stranger.blob_id(contents[change["a"]]) == change["a"]
    return world.transitions()[count:]


@pytest.mark.parametrize("damage", ["gone", "empty", "nuls", "garbage"])
@pytest.mark.parametrize("file", ["manifest", "sequence", "lookup", "worktrees", "objects/lock"])
def test_derived_files_may_be_lost(templates, tmp_path, file, damage):
    """Losing what is derived costs time, never history."""
    world = templates(began).copy_to(tmp_path / "world")
    if file == "worktrees":
        world.sh("rm -r .git/baton/worktrees/*")
    else:
        (path,) = [f for f in world.store.rglob(pathlib.Path(file).name)]
        if damage == "gone":
            path.unlink()
        elif damage == "empty":
            path.write_bytes(b"")
        elif damage == "nuls":
            path.write_bytes(b"\0" * path.stat().st_size)
        else:
            path.write_bytes(b"garbage!" * (path.stat().st_size // 8))
    changes = {change["p"] for change in seen_after(world)}
    assert changes == {"after.txt", "README.md"}


def segment(world):
    (file,) = (world.store / "objects").glob("*.seg")
    return file


def store_a_few(world):
    session = world.claude(SESSION)
    for i in range(4):
        session.bash(f"echo content {i} > f{i}.txt")


@pytest.mark.parametrize("cut", ["to nothing", "in the last record", "a few records"])
def test_r50_the_end_of_a_segment_is_gone(templates, tmp_path, cut):
    """After a power cut the lookup table may know of records that never reached the disk."""
    world = templates(began).copy_to(tmp_path / "world")
    store_a_few(world)
    data = segment(world).read_bytes()
    keep = {"to nothing": 0, "in the last record": len(data) - 7, "a few records": len(data) // 2}
    segment(world).write_bytes(data[:keep[cut]])
    seen_after(world)


def test_r50_the_end_of_a_segment_is_nuls(templates, tmp_path):
    world = templates(began).copy_to(tmp_path / "world")
    store_a_few(world)
    data = segment(world).read_bytes()
    segment(world).write_bytes(data[:-30] + b"\0" * 30)
    seen_after(world)


def test_r29_a_flipped_byte_costs_one_record(templates, tmp_path):
    """Even when the lookup table is lost as well, what lies behind the damage stays."""
    world = templates(began).copy_to(tmp_path / "world")
    store_a_few(world)
    records = list(stranger.segment_records(segment(world).read_bytes()))
    data = bytearray(segment(world).read_bytes())
    begins = [i for i in range(len(data)) if data[i:i + 2] == b"BR"]
    data[begins[1]] ^= 0xFF
    segment(world).write_bytes(bytes(data))
    (world.store / "objects" / "lookup").unlink()
    world.claude(SESSION).bash("echo after > after.txt")
    kept = segment(world).read_bytes()
    assert kept.startswith(bytes(data)), "what was written is never cut off"


def test_turn_ends_reach_the_disk(templates, tmp_path):
    """The objects of a turn are flushed, and only then the line that refers to them."""
    world = templates(began).copy_to(tmp_path / "world")
    session = world.claude(SESSION)
    session.bash("echo new > new.txt")
    done, lines = faults.run_under(["-y", "-e", "trace=write,pwrite64,fdatasync,fsync"], world,
                                   session.event("Stop", stop_hook_active=False))
    assert done.returncode == 0
    what = [line.split("(")[0] + " " + pathlib.Path(line.split("<")[1].split(">")[0]).name
            for line in lines if "<" in line]
    flushed = [what.index(f"fdatasync {name}") for name in ("000001.seg", "events.jsonl")]
    assert flushed == sorted(flushed) and what.index("write events.jsonl") < flushed[1]
