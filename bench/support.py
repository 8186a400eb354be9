"""What the benches share: repositories of any size, an agent that speaks, times against a floor.

A bench is a file bench_<idea>.py with a TITLE, an ORDER and `run(bench)`. It looks at the answer before
it gives a time (`bench.require`), takes ratios of two commands that took turns in one run, and names its
target with each row; for a target that may be missed it gives the cause.
"""
import contextlib
import json
import os
import pathlib
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build/release"))
BATON = os.environ.get("BATON", str(BUILD / "baton"))
SPAWN = BUILD / "bench/spawn_bench"
LINES = 900     # of the edited file: about 32 KB
SETTLE = 0.03   # seconds after which a file's time stamp is believed


class WrongAnswer(Exception):
    """What was to be timed does not do what it should."""


def run(*words, cwd=None, stdin=b"", env=None, statuses=(0,)):
    done = subprocess.run(list(map(str, words)), cwd=cwd, input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=env)
    if done.returncode not in statuses:
        raise WrongAnswer(f"{' '.join(map(str, words))}: status {done.returncode}: "
                          f"{done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def git(repo, *words):
    return run("git", "-C", repo, "-c", "user.name=bench", "-c", "user.email=bench@example.invalid", *words)


def turns(rounds, first, second, cwd):
    """Runs two (input, command) in turn; median microseconds of each and the second's ratio to the
    first. An input may hold %: the round's number."""
    out = run(SPAWN, rounds, first[0], *first[1], "--", second[0], *second[1], cwd=cwd)
    a, b, ratio = map(float, out.split())
    return a, b, ratio


def median_ms(rounds, command, cwd, input="-"):
    """Median wall time of a command, milliseconds."""
    return turns(rounds, ("-", ["/bin/true"]), (input, command), cwd)[1] / 1000


def instructions(command, cwd, stdin=b""):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                           *map(str, command)], cwd=cwd, input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=True)
    for line in done.stderr.decode().splitlines():
        if "I   refs" in line:
            return int(line.split()[-1].replace(",", ""))
    raise WrongAnswer("callgrind did not count")


# Starts a command and tells what the kernel says of it.
WATCH = """
import os, sys, time
began = time.monotonic()
pid = os.posix_spawn("/bin/sh", ["sh", "-c", 'cd "$0" && exec "$@" >/dev/null', *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(pid, 0)
print(status, time.monotonic() - began, usage.ru_maxrss)
"""


def memory_of(command, cwd):
    """Wall seconds and the most memory (MB) of a command. The kernel counts what its starter held at that
    moment as the command's own, so a small process starts it: about 8 MB is the least that is told."""
    status, seconds, kilobytes = run(sys.executable, "-I", "-S", "-c", WATCH, cwd, *command).split()
    if int(status) != 0:
        raise WrongAnswer(f"{command} ended with {int(status)}")
    return float(seconds), int(kilobytes) / 1024


def tree_size(path):
    return sum(f.stat().st_size for f in pathlib.Path(path).rglob("*") if f.is_file())


class Bench:
    def __init__(self, quick):
        self.quick = quick
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="baton-bench-"))
        self.rows = []      # of the section that runs now
        self.missed = []
        home = self.base / "home"
        (home / ".claude").mkdir(parents=True)
        (home / ".gitconfig").write_text("[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n")
        os.environ.update(HOME=str(home), GIT_CONFIG_NOSYSTEM="1", PAGER="cat")
        for name in [n for n in os.environ if n.startswith(("BATON_", "GIT_DIR", "XDG_"))]:
            del os.environ[name]

    def close(self):
        shutil.rmtree(self.base, ignore_errors=True)

    def row(self, what, measured, target="", met=None, cause=""):
        """One line of the table. `met` is None where there is nothing to meet; `cause` says why a
        missed target is missed."""
        verdict = "" if met is None else "met" if met else "**missed**"
        if met is False:
            self.missed.append((what, measured, target, cause))
        self.rows.append((what, measured, target, verdict))
        print(f"  {what}: {measured}{f' (target {target}: {verdict})' if verdict else ''}", flush=True)

    @staticmethod
    def require(holds, what):
        if not holds:
            raise WrongAnswer(what)

    def sizes(self):
        return [100, 10_000] if self.quick else [100, 10_000, 100_000]

    @contextlib.contextmanager
    def repository(self, files, store=True):
        repo = Repository(self.base / f"repo{files}", files)
        if store:
            repo.init()
        try:
            yield repo
        finally:
            shutil.rmtree(repo.path)


class Repository:
    """A clean clone of so many files in folders of twenty, and one of about 32 KB to edit."""

    def __init__(self, path, files):
        self.path = pathlib.Path(path)
        self.files = files
        source = self.path.with_name(self.path.name + ".source")
        rng = random.Random(files)
        for number in range(files - 1):
            folder = source / f"dir{number // 1000}" / f"sub{number // 20 % 50}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"file{number}.txt").write_text(f"content {number}\n" * 5)
        source.mkdir(exist_ok=True)
        (source / "target.c").write_text("".join(f"int line_{n} = {rng.random()};\n" for n in range(LINES)))
        git(source, "init", "-q", "-b", "main", ".")
        git(source, "config", "gc.auto", "0")  # it would run on while the folder is removed
        git(source, "add", "-A")
        git(source, "commit", "-qm", "x")
        run("git", "clone", "-q", source, self.path)
        shutil.rmtree(source)
        self.target = self.path / "target.c"
        self.store = self.path / ".git/baton"
        self.calls = 0
        self.session = "bench"  # in whose name payloads speak

    def init(self):
        run(BATON, "init", "--agent", "claude-code", cwd=self.path)

    # --- the agent
    def payload(self, event, **fields):
        return json.dumps(dict({"session_id": self.session, "cwd": str(self.path), "transcript_path": "",
                                "hook_event_name": event}, **fields)).encode()

    def hook(self, payload):
        run(BATON, "hook", "claude-code", cwd=self.path, stdin=payload)

    def shell(self, command, answer="", **fields):
        """The payloads before and after a command."""
        self.calls += 1
        call = dict(tool_name="Bash", tool_use_id=f"b{self.calls}", tool_input={"command": command}, **fields)
        return (self.payload("PreToolUse", **call),
                self.payload("PostToolUse", tool_response={"stdout": answer, "stderr": ""}, **call))

    def edits(self, count):
        """`count` one-line edits of the target in a row: payload before, payload after, content."""
        content = self.target.read_text()
        lines = content.splitlines()
        for number in range(count):
            at = (number * 7) % LINES
            old, new = lines[at], f"int line_{at} = {number};  // edited {number}"
            after = content.replace(old, new)
            self.calls += 1
            given = {"file_path": str(self.target), "old_string": old, "new_string": new}
            call = dict(tool_name="Edit", tool_use_id=f"e{self.calls}", tool_input=given)
            yield (self.payload("PreToolUse", **call),
                   self.payload("PostToolUse", **call, tool_response={
                       "filePath": str(self.target), "oldString": old, "newString": new,
                       "originalFile": content, "structuredPatch": [], "userModified": False,
                       "replaceAll": False}),
                   after)
            content = after
            lines[at] = new

    # --- the record
    def journal(self):
        """All headers of the journals of the agent."""
        for file in sorted(self.store.glob("sessions/claude-code/*/events.jsonl")):
            for line in file.read_bytes().splitlines():
                yield json.loads(line)["e"]

    def store_size(self):
        return tree_size(self.store)


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.machine())
    return (f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, "
            f"{run('git', '--version').decode().strip()}")


def median(values):
    return statistics.median(values)
