#!/usr/bin/python3
"""Measures what the README promises and writes docs/bench.md.

Every figure is a ratio against a floor or a peer taken in the same run, or a size. A bench looks at the
answer before it prints a time: a wrong one ends the run. Usage: bench/run.py [--quick] [--out FILE]
"""
import argparse
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
BUILD = ROOT / "build/release"
BATON = os.environ.get("BATON", str(BUILD / "baton"))
SPAWN = BUILD / "bench/spawn_bench"
LINES = 900  # of the edited file: about 32 KB


def run(*words, cwd=None, stdin=b"", check=True, env=None):
    done = subprocess.run(list(map(str, words)), cwd=cwd, input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=env)
    if check and done.returncode != 0:
        sys.exit(f"bench: {words} failed: {done.stderr.decode()}")
    return done.stdout


def ratio(rounds, input_a, command_a, input_b, command_b, cwd):
    out = run(SPAWN, rounds, input_a, *command_a, "--", input_b, *command_b, cwd=cwd)
    a, b, r = out.split()
    return float(a), float(b), float(r)


class Repo:
    """A clean repository of so many files in folders of twenty."""

    def __init__(self, base, files):
        self.path = base / f"repo{files}"
        self.files = files
        rng = random.Random(files)
        for number in range(files - 1):
            folder = self.path / f"dir{number // 1000}" / f"sub{number // 20 % 50}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"file{number}.txt").write_text(f"content {number}\n" * 5)
        self.path.mkdir(exist_ok=True)
        self.target = self.path / "target.c"
        self.target.write_text("".join(f"int line_{n} = {rng.random()};\n" for n in range(LINES)))
        run("git", "init", "-q", "-b", "main", ".", cwd=self.path)
        run("git", "add", "-A", cwd=self.path)
        run("git", "-c", "user.name=b", "-c", "user.email=b@example.invalid", "commit", "-qm", "x",
            cwd=self.path)
        time.sleep(1.1)  # git's own racy entries
        run("git", "status", cwd=self.path)
        self.store = self.path / ".git/baton"

    def payload(self, event, **fields):
        return json.dumps(dict(session_id="bench", cwd=str(self.path), transcript_path="",
                               hook_event_name=event, **fields)).encode()

    def hook(self, payload):
        return run(BATON, "hook", "claude-code", cwd=self.path, stdin=payload)

    def edits(self, base, count):
        """Payloads of `count` edits in a row, and the content after each."""
        content = self.target.read_text()
        for number in range(count):
            line = f"int line_{number % LINES} ="
            old, new = line, f"int line_{number % LINES}_{number} ="
            if content.count(old) != 1:
                old = next(l.split("=")[0] + "=" for l in content.splitlines()
                           if l.startswith(f"int line_{number % LINES}_"))
            after = content.replace(old, new)
            given = {"file_path": str(self.target), "old_string": old, "new_string": new}
            yield number, after, self.payload(
                "PostToolUse", tool_name="Edit", tool_use_id=f"e{number}", tool_input=given,
                tool_response={"filePath": str(self.target), "oldString": old, "newString": new,
                               "originalFile": content, "structuredPatch": [],
                               "userModified": False, "replaceAll": False})
            content = after


def store_size(repo):
    return sum(f.stat().st_size for f in repo.store.rglob("*") if f.is_file())


def bench_file_tool(repo, base, rounds):
    """After-event of an edit of a 32 KB file, against spawning /bin/true."""
    folder = base / "edits"
    folder.mkdir(exist_ok=True)
    script = base / "step.sh"
    times = []
    floor = []
    for number, after, payload in repo.edits(base, rounds):
        repo.target.write_text(after)
        time.sleep(0.03)
        file = folder / "payload"
        file.write_bytes(payload)
        a, b, _ = ratio(1, "-", ["/bin/true"], file, [BATON, "hook", "claude-code"], repo.path)
        floor.append(a)
        times.append(b)
    seen = [line for line in journal(repo) if line["e"]["event"] == "PostToolUse"]
    tools = [t for line in seen for o in line["e"].get("obs", []) for t in o.get("tr", [])
             if t.get("k") == "tool"]
    if len(tools) < rounds:
        sys.exit(f"bench: {len(tools)} of {rounds} edits were recorded")
    a, b = statistics.median(floor), statistics.median(times)
    return a, b, b / a


def journal(repo):
    for file in repo.store.glob("sessions/claude-code/*/events.jsonl"):
        for line in file.read_bytes().splitlines():
            yield json.loads(line)


def bench_shell_tool(repo, base, rounds):
    rows = {}
    for name, event in (("before", "PreToolUse"), ("after", "PostToolUse")):
        file = base / "bash"
        file.write_bytes(repo.payload(event, tool_name="Bash", tool_use_id="b1",
                                      tool_input={"command": "ls"},
                                      tool_response={"stdout": "", "stderr": ""}))
        rows[name] = ratio(rounds, "-", ["git", "status"], file, [BATON, "hook", "claude-code"],
                           repo.path)
    last = list(journal(repo))[-1]["e"]["obs"][0]
    if not last["complete"] or last["pass"] != "full":
        sys.exit("bench: the pass was not complete")
    run("git", "config", "core.untrackedCache", "true", cwd=repo.path)
    run("git", "status", cwd=repo.path)
    rows["untracked cache"] = ratio(rounds, "-", ["git", "status"], file,
                                    [BATON, "hook", "claude-code"], repo.path)
    run("git", "config", "core.untrackedCache", "false", cwd=repo.path)
    return rows


def bench_turn(repo, turns):
    """A prompt, one edit of one line, the end: all hooks together."""
    took, grown = [], []
    for number, after, payload in repo.edits(None, turns):
        size = store_size(repo)
        events = [repo.payload("UserPromptSubmit", prompt=f"turn {number}", prompt_id=f"p{number}")]
        before = json.loads(payload)
        del before["tool_response"]
        before["hook_event_name"] = "PreToolUse"
        before["tool_use_id"] = f"t{number}"
        after_event = dict(json.loads(payload), tool_use_id=f"t{number}")
        events += [json.dumps(before).encode(), json.dumps(after_event).encode(),
                   repo.payload("Stop", last_assistant_message="Done.", stop_hook_active=False)]
        spent = 0
        for index, event in enumerate(events):
            if index == 2:
                repo.target.write_text(after)
                time.sleep(0.03)
            began = time.monotonic()
            repo.hook(event)
            spent += time.monotonic() - began
        took.append(spent * 1000)
        grown.append(store_size(repo) - size)
    return statistics.median(took), statistics.median(grown)


def bench_first_use(repo):
    began = time.monotonic()
    run(BATON, "init", "--agent", "claude-code", cwd=repo.path)
    repo.hook(repo.payload("UserPromptSubmit", prompt="first", prompt_id="p"))
    took = time.monotonic() - began
    (base,) = [o["base"] for d in (repo.store / "sessions").rglob("events.jsonl")
               for line in d.read_bytes().splitlines()
               for o in json.loads(line)["e"].get("obs", []) if "base" in o]
    if base["except"]:
        sys.exit("bench: a clean clone has exceptions")
    return took, store_size(repo) / repo.files


def bench_index(base, steps):
    """A session of so many steps, made through the hook's own writer; then readers."""
    repo = Repo(base, 100)
    run(BATON, "init", "--agent", "claude-code", cwd=repo.path)
    repo.hook(repo.payload("SessionStart", source="startup"))
    for number in range(steps):
        if number % 20 == 0:
            repo.hook(repo.payload("UserPromptSubmit", prompt=f"prompt {number} about things",
                                   prompt_id=f"p{number}"))
        given = {"command": f"echo step {number}"}
        for event in ("PreToolUse", "PostToolUse"):
            repo.hook(repo.payload(event, tool_name="Bash", tool_use_id=f"b{number}",
                                   tool_input=given,
                                   tool_response={"stdout": f"step {number}\n", "stderr": ""}))
    repo.hook(repo.payload("Stop", last_assistant_message="Done.", stop_hook_active=False))
    events = sum(1 for _ in journal(repo))
    took = []
    for _ in range(3):
        began = time.monotonic()
        run(BATON, "reindex", cwd=repo.path)
        took.append(time.monotonic() - began)
    rate = events / statistics.median(took)
    readers = {}
    for name, words in (("log", ["log"]), ("show", ["show", "@"]), ("search", ["search", "step"]),
                        ("handoff", ["handoff"]), ("status", ["status"])):
        run(BATON, *words, cwd=repo.path)
        times = []
        for _ in range(9):
            began = time.monotonic()
            out = run(BATON, *words, cwd=repo.path)
            times.append((time.monotonic() - began) * 1000)
        if not out:
            sys.exit(f"bench: {name} printed nothing")
        readers[name] = statistics.median(times)
    fresh = []
    for number in range(9):
        repo.hook(repo.payload("UserPromptSubmit", prompt=f"fresh {number}", prompt_id=f"f{number}"))
        began = time.monotonic()
        out = run(BATON, "log", "--limit", "1", cwd=repo.path)
        fresh.append((time.monotonic() - began) * 1000)
        if f"fresh {number}".encode() not in out:
            sys.exit("bench: a new event is not seen")
    idle = []
    for _ in range(9):
        began = time.monotonic()
        run(BATON, "log", "--limit", "1", cwd=repo.path)
        idle.append((time.monotonic() - began) * 1000)
    return events, rate, readers, statistics.median(fresh) - statistics.median(idle)


def instructions(*words, cwd, stdin):
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}",
                               *map(str, words)], cwd=cwd, input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=True)
    for line in done.stderr.decode().splitlines():
        if "I   refs" in line:
            return int(line.split()[-1].replace(",", ""))
    sys.exit("bench: callgrind did not count")


def verdict(value, target, unit="", less=True):
    met = value <= target if less else value >= target
    return "met" if met else f"**missed**"


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), platform.machine())
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, " \
           f"{run('git', '--version').decode().strip()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small repositories, few rounds")
    parser.add_argument("--out", default=str(ROOT / "docs/bench.md"))
    options = parser.parse_args()
    sizes = [100, 10_000] if options.quick else [100, 10_000, 100_000]
    rounds = 21 if options.quick else 101
    rows = []

    def row(what, measured, target, how):
        rows.append((what, measured, target, how))
        print(f"{what}: {measured} (target {target}: {how})", flush=True)

    base = pathlib.Path(tempfile.mkdtemp(prefix="baton-bench-"))
    home = base / "home"
    (home / ".claude").mkdir(parents=True)
    os.environ.update(HOME=str(home), GIT_CONFIG_NOSYSTEM="1", PAGER="cat")
    try:
        for size in sizes:
            repo = Repo(base, size)
            took, per_file = bench_first_use(repo)
            if size == sizes[-1]:
                row(f"init and first prompt, clean clone of {size:,} files", f"{took:.2f} s", "< 1 s",
                    verdict(took, 1))
                row(f"store after it, a tracked file of {size:,}", f"{per_file:.0f} bytes",
                    "< 120 bytes", verdict(per_file, 120))
            a, b, r = bench_file_tool(repo, base, rounds)
            row(f"hook, file tool, 32 KB, {size:,} files, against /bin/true",
                f"{r:.2f}x ({b:.0f} against {a:.0f} µs)", "<= 2x", verdict(r, 2))
            if size >= 10_000:
                for name, (a, b, r) in bench_shell_tool(repo, base, 15).items():
                    if name == "untracked cache":
                        row(f"hook, shell tool, {size:,} files, against git status with its untracked "
                            "cache", f"{r:.2f}x ({b/1000:.1f} against {a/1000:.1f} ms)", "reported",
                            "-")
                    else:
                        row(f"hook, shell tool ({name}), {size:,} files, against git status",
                            f"{r:.2f}x ({b/1000:.1f} against {a/1000:.1f} ms)", "<= 0.45x",
                            verdict(r, 0.45))
            if size == 10_000:
                took, grown = bench_turn(repo, 15)
                row("a turn (prompt, one edit, end), 10,000 files: all hooks", f"{took:.1f} ms",
                    "< 40 ms", verdict(took, 40))
                row("what it writes", f"{grown/1000:.1f} KB", "< 10 KB", verdict(grown, 10_000))
            if size == 100:
                start = repo.payload("SessionStart", source="startup")
                nowhere = base / "nowhere"
                nowhere.mkdir(exist_ok=True)
                payload = json.dumps(dict(session_id="x", cwd=str(nowhere),
                                          hook_event_name="SessionStart")).encode()
                count = instructions(BATON, "hook", "claude-code", cwd=nowhere, stdin=payload)
                row("instructions of a hook that finds no store", f"{count:,}", "-", "-")
                count = instructions(BATON, "hook", "claude-code", cwd=repo.path, stdin=start)
                row("instructions of a hook that records (session start, 100 files)", f"{count:,}",
                    "-", "-")
            shutil.rmtree(repo.path)
        events, rate, readers, fresh = bench_index(base, 200 if options.quick else 1000)
        row(f"index from nothing, {events:,} events, full text", f"{rate:,.0f} events/s",
            ">= 30,000", verdict(rate, 30_000, less=False))
        row("a new event's way to a reader", f"{fresh:.1f} ms", "< 5 ms", verdict(fresh, 5))
        for name, took in readers.items():
            target = 50 if name == "handoff" else None
            row(f"{name}, session of 1,000 steps, whole process", f"{took:.1f} ms",
                f"< {target} ms" if target else "reported",
                verdict(took, target) if target else "-")
    finally:
        shutil.rmtree(base, ignore_errors=True)

    text = ["# Figures", "", f"`make bench` on {machine()}. Medians; ratios are of two commands that "
            "took turns in one run, warm cache.", "", "| what | measured | target | |",
            "| --- | --- | --- | --- |"]
    text += [f"| {what} | {measured} | {target} | {how} |" for what, measured, target, how in rows]
    pathlib.Path(options.out).write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
