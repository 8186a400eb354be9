#!/usr/bin/env python3
"""replay.py FIXTURE: plays a recorded session of a coding agent to a hook command.

Makes the repository that the session began with, then delivers each recorded event on the
command's stdin, with the files really changing in between: an edit tool's edit is applied between
its before- and after-event, a shell command is run there, and the agent's session files grow as
they grew when the session was recorded.  The command is `BATON hook AGENT`, or --hook.

As a module:

    play = Replay("tests/fixtures/codex/bugfix", repo, home, [baton, "hook", "codex"])
    for step in play:          # one a delivered event; do what you like between two of them
        assert step.status == 0
    play.check_tree()          # the files are what they were at the end of the recording
"""
import argparse
import bisect
import contextlib
import dataclasses
import datetime
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import uuid

import make_repo

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
HOOK_SECONDS = 30
COMMAND_SECONDS = 60
INTERRUPTED_SECONDS = 0.5
PAUSE_SECONDS = 0.004  # between two events, however fast: agents need that long at least
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
CALL_ID = re.compile(r"\b(toolu|call|msg|req|resp|fc|ctc)_(?=[0-9a-f])")


@dataclasses.dataclass
class Step:
    """One delivered event and what the hook made of it."""
    number: int
    event: str
    payload: dict
    status: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def tool(self):
        return self.payload.get("tool_name")


def open_fixture(fixture):
    """The folder of a fixture given as AGENT/SCENARIO or as a path."""
    for folder in (pathlib.Path(fixture), FIXTURES / fixture):
        if (folder / "meta.json").is_file():
            return folder
    raise FileNotFoundError(f"no fixture: {fixture}")


class Replay:
    """Iterating delivers the events one by one.

    fixture   AGENT/SCENARIO or a folder
    repo      the scratch repository; made from the fixture's recipe unless it exists
    home      HOME of the hook; the session files appear below it
    command   the hook's argv, or None to deliver to nobody
    speed     1.0: as it was; 10.0: ten times faster; None: as fast as it goes, but as it was if
              commands ran in the background
    seed      a different text gives the session, its turns and calls different ids
    only      a set of event names; others are not delivered, their effects happen
    env       more variables for the hook
    """

    def __init__(self, fixture, repo, home, command, speed=None, seed="", only=None, env=None):
        self.folder = open_fixture(fixture)
        self.meta = json.loads((self.folder / "meta.json").read_text())
        self.repo = pathlib.Path(repo).resolve()
        self.home = pathlib.Path(home).resolve()
        self.command = command
        self.speed = speed
        self.seed = seed
        self.only = only
        self.env = env or {}
        lines = (self.folder / "events.jsonl").read_text().splitlines()
        self.events = [json.loads(self.real(line, quoted=True)) for line in lines]
        if speed is None and any(self.slow(event) for event in self.events):
            self.speed = 1.0
        self.background = []
        self.written = {}
        self.session_lines = {name: (self.folder / name).read_text().splitlines()
                              for name in self.meta["session_files"]}
        self.moments = []  # of each event so far: [recorded, delivered, done]
        if not self.repo.exists():
            make_repo.make_repo(self.repo, self.meta)
        self.home.mkdir(parents=True, exist_ok=True)

    @property
    def agent(self):
        return self.meta["agent"]

    @property
    def sessions(self):
        return [self.real(session) for session in self.meta["sessions"]]

    def real(self, text, quoted=False):
        """`text` with this run's paths and ids; `quoted` when it is the inside of JSON."""
        places = {"@REPO@": str(self.repo), "@HOME@": str(self.home),
                  "@SLUG@": re.sub(r"[^A-Za-z0-9]", "-", str(self.repo)),
                  "@TMP@": tempfile.gettempdir(), "@OUT@": str(self.repo.parent)}
        for placeholder, path in places.items():
            text = text.replace(placeholder, json.dumps(path)[1:-1] if quoted else path)
        if self.seed:
            text = UUID.sub(lambda m: str(uuid.uuid5(uuid.NAMESPACE_OID, self.seed + m[0])), text)
            text = CALL_ID.sub(lambda m: f"{m[1]}_{self.seed}", text)
        return text

    @staticmethod
    def slow(event):
        """A command that goes on beside others takes its time: so must they."""
        given = event["stdin"].get("tool_input")
        return event.get("fate") == "ran" or (
            isinstance(given, dict) and given.get("run_in_background") is True)

    # --------------------------------------------------------------- delivering

    def __iter__(self):
        began = time.time()
        try:
            for number, event in enumerate(self.events):
                if self.speed:
                    due = began + (event["time"] - self.events[0]["time"]) / self.speed
                    time.sleep(max(0.0, due - time.time()))
                now = time.time()
                self.moments.append([event["time"], now, now])
                self.grow(event.get("lines", {}))
                if self.only is None or event["event"] in self.only:
                    yield self.deliver(number, event)
                self.moments[-1][2] = time.time()
                time.sleep(PAUSE_SECONDS)
                self.happen(number, event)
            self.grow({name: len(lines) for name, lines in self.session_lines.items()})
            for process in self.background:
                process.wait(COMMAND_SECONDS)
        finally:
            for process in self.background:
                self.kill(process)

    def run(self):
        """Delivers everything; the list of steps."""
        return list(self)

    def hook_env(self, payload):
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.home),
               "LANG": "C.UTF-8", "USER": "robin"}
        if self.agent == "claude-code":
            env |= {"CLAUDECODE": "1", "CLAUDE_PROJECT_DIR": str(self.repo),
                    "CLAUDE_CODE_SESSION_ID": payload.get("session_id", "")}
        return env | self.env

    def deliver(self, number, event):
        payload = event["stdin"]
        status, stdout, stderr, seconds = 0, "", "", 0.0
        if self.command is not None:
            text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
            cwd = payload.get("cwd", str(self.repo))
            began = time.monotonic()
            done = subprocess.run(
                self.command, input=text, text=True, capture_output=True, timeout=HOOK_SECONDS,
                cwd=cwd if os.path.isdir(cwd) else self.repo, env=self.hook_env(payload))
            seconds = time.monotonic() - began
            status, stdout, stderr = done.returncode, done.stdout, done.stderr
        return Step(number, event["event"], payload, status, stdout, stderr, seconds)

    # --------------------------------------------------------------- what happens in between

    def grow(self, counts):
        """Appends to the session files until each holds so many lines."""
        for name, count in counts.items():
            path = pathlib.Path(self.real(self.meta["session_files"][name]))
            done = self.written.get(name, 0)
            if count <= done:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "a") as file:
                for line in self.session_lines[name][done:count]:
                    file.write(self.recent(self.real(line, quoted=True)) + "\n")
            self.written[name] = count
        for name, content in self.meta["beside"].items():
            path = pathlib.Path(self.real(name))
            if path.parent.is_dir() and not path.exists():
                path.write_text(self.real(json.dumps(content), quoted=True))

    def moved(self, then):
        """A recorded time as one of this replay: between the same events, never in the future."""
        after = bisect.bisect(self.moments, [then, float("inf")])
        if after == 0:
            recorded, delivered, _ = self.moments[0]
            return delivered + then - recorded
        recorded, _, done = self.moments[after - 1]
        if after == len(self.moments):
            return min(time.time(), done + then - recorded)
        next_recorded, delivered, _ = self.moments[after]
        share = (then - recorded) / max(next_recorded - recorded, 1e-6)
        # A millisecond later, since the agents' own times are cut to milliseconds.
        return min(done + 0.001 + share * (delivered - done), delivered)

    def recent(self, line):
        """`line` with its times moved to this replay's."""

        def text(match):
            then = datetime.datetime.fromisoformat(match[0]).timestamp()
            when = datetime.datetime.fromtimestamp(self.moved(then), datetime.UTC)
            return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")

        def number(match):
            scale = 1000 if match[1].endswith("_ms") else 1
            return f'"{match[1]}":{int(self.moved(int(match[2]) / scale) * scale)}'

        line = ISO.sub(text, line)
        return re.sub(r'"((?:started|completed)_at(?:_ms)?)":(\d+)', number, line)

    def closing(self, number, call):
        """The after-event of a call, or None: then it was refused, or nobody saw its end."""
        for event in self.events[number + 1:]:
            if event["event"] in ("PostToolUse", "PostToolUseFailure") \
                    and event["stdin"].get("tool_use_id") == call:
                return event
        return None

    def happen(self, number, event):
        """Makes the change that the call announced by a before-event makes to the files."""
        if event["event"] != "PreToolUse":
            return
        payload = event["stdin"]
        tool, given, cwd = payload["tool_name"], payload["tool_input"], payload["cwd"]
        closing = self.closing(number, payload["tool_use_id"])
        if closing is None:
            if event.get("fate") == "ran":
                self.shell(given["command"], cwd, background=True)
            elif event.get("fate") == "interrupted":
                self.shell_interrupted(given["command"], cwd)
            return
        if tool == "Bash":
            self.shell(given["command"], cwd, given.get("run_in_background", False))
        elif closing["event"] == "PostToolUse":
            if tool in ("Edit", "MultiEdit", "Write"):
                apply_edit(tool, given)
            elif tool == "apply_patch" and "Success." in closing["stdin"]["tool_response"]:
                apply_patch(given["command"], cwd)

    def start(self, command, cwd):
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8"}
        return subprocess.Popen(
            ["/bin/bash", "-c", command], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def shell(self, command, cwd, background):
        process = self.start(command, cwd)
        if background:
            self.background.append(process)
        else:
            process.wait(COMMAND_SECONDS)

    def shell_interrupted(self, command, cwd):
        """Somebody stopped this before its end: runs it for a moment, then kills it."""
        process = self.start(command, cwd)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(INTERRUPTED_SECONDS)
        self.kill(process)

    @staticmethod
    def kill(process):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def check_tree(self):
        """Raises unless the files are what they were when the recording ended."""
        found, wanted = make_repo.tree_of(self.repo), self.meta["tree"]
        wrong = {path for path in found.keys() | wanted.keys()
                 if found.get(path) != wanted.get(path)}
        if wrong:
            raise AssertionError(f"other content than recorded: {', '.join(sorted(wrong))}")


# ------------------------------------------------------------------- edit tools


def apply_edit(tool, given):
    """Does to the disk what Claude Code's Edit, MultiEdit or Write does."""
    path = pathlib.Path(given["file_path"])
    if tool == "Write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(given["content"])
        return
    text = path.read_text()
    for edit in given.get("edits", [given]):
        old, new = edit["old_string"], edit["new_string"]
        if old not in text:
            raise ValueError(f"{path}: the text to replace is not there: {old!r}")
        text = text.replace(old, new) if edit.get("replace_all") else text.replace(old, new, 1)
    path.write_text(text)


def find_lines(lines, wanted, start):
    """Where `wanted` stands in `lines` at or after `start`; trailing blanks may differ."""
    for same in (lambda a, b: a == b, lambda a, b: a.rstrip() == b.rstrip()):
        for at in range(start, len(lines) - len(wanted) + 1):
            if all(same(lines[at + n], line) for n, line in enumerate(wanted)):
                return at
    return None


def patched(text, body, name):
    """`text` after the hunks of an apply_patch update: lines that begin with @@, ' ', - or +."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    hunks = []
    for line in body:
        if line.startswith("@@"):
            hunks.append((line[2:].strip(), [], []))
            continue
        if not hunks:
            hunks.append(("", [], []))
        if line == "*** End of File":
            continue
        mark, rest = line[:1], line[1:]
        if mark in (" ", "-", ""):
            hunks[-1][1].append(rest)
        if mark in (" ", "+", ""):
            hunks[-1][2].append(rest)
    position = 0
    for anchor, old, new in hunks:
        if anchor:
            found = find_lines(lines, [anchor], position)
            if found is None:
                raise ValueError(f"{name}: no such line: {anchor!r}")
            position = found + 1
        at = find_lines(lines, old, position) if old else len(lines)
        if at is None:
            raise ValueError(f"{name}: the lines to replace are not there: {old!r}")
        lines[at:at + len(old)] = new
        position = at + len(new)
    return "\n".join(lines) + "\n"


def apply_patch(patch, cwd):
    """Does to the disk what Codex's apply_patch does."""
    lines = patch.split("\n")
    number = 0
    while number < len(lines):
        header = re.match(r"\*\*\* (Add|Update|Delete) File: (.+)", lines[number])
        number += 1
        if not header:
            continue
        path = pathlib.Path(cwd, header[2])
        move = None
        body = []
        while number < len(lines) and not re.match(
                r"\*\*\* (Add File|Update File|Delete File|End Patch)", lines[number]):
            moved = re.match(r"\*\*\* Move to: (.+)", lines[number])
            if moved:
                move = pathlib.Path(cwd, moved[1])
            else:
                body.append(lines[number])
            number += 1
        if header[1] == "Delete":
            path.unlink()
        elif header[1] == "Add":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(line[1:] + "\n" for line in body))
        else:
            text = patched(path.read_text(), body, path) if body else path.read_text()
            if move:
                mode = path.stat().st_mode
                path.unlink()
                path = move
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                path.chmod(mode & 0o777)
            else:
                path.write_text(text)


# ------------------------------------------------------------------- the command line


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fixture", help="AGENT/SCENARIO in tests/fixtures, or a folder")
    parser.add_argument("--repo", help="used as it is if it exists; by default a scratch folder")
    parser.add_argument("--home", help="by default a scratch folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--baton", help="deliver to `BATON hook AGENT`")
    what.add_argument("--hook", help="deliver to this command")
    what.add_argument("--no-hook", action="store_true", help="only change the files")
    parser.add_argument("--init", action="store_true", help="run `BATON init` first")
    parser.add_argument("--speed", type=float, help="1 is as recorded; by default without waiting")
    parser.add_argument("--seed", default="", help="give the session other ids")
    parser.add_argument("--quiet", action="store_true")
    args = parser.parse_args()

    scratch = None
    if not args.repo or not args.home:
        scratch = tempfile.mkdtemp(prefix="replay-")
    repo = args.repo or os.path.join(scratch, "repo")
    home = args.home or os.path.join(scratch, "home")
    command = shlex.split(args.hook) if args.hook else None
    play = Replay(args.fixture, repo, home, command, speed=args.speed, seed=args.seed)
    if args.baton:
        baton = str(pathlib.Path(args.baton).resolve())
        play.command = [baton, "hook", play.agent]
        if args.init:
            subprocess.run([baton, "init"], cwd=play.repo, env=play.hook_env({}), check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    failed = 0
    for step in play:
        failed += step.status != 0
        if not args.quiet:
            what = f"{step.event} {step.tool or ''}".strip()
            print(f"{step.seconds * 1000:7.1f} ms  {what}" +
                  (f"  exit {step.status}: {step.stderr.strip()}" if step.status else ""))
    play.check_tree()
    if scratch and not args.quiet:
        print(f"repository: {repo}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
