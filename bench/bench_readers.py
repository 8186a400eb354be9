"""What readers cost: the index from nothing, a new event's way to a reader, the readers themselves."""
import json
import random
import statistics
import time

from multiply import multiply
from support import BATON, ROOT, SETTLE, git, median_ms, memory_of, run as command, turns

TITLE = "Index and readers"
ORDER = 30
WORDS = ("retry backoff socket index merge branch timeout parser vector cursor buffer header commit "
         "session window thread signal module record stream").split()


def many_sessions(repo, sessions, steps, rng):
    """A branch with so many sessions of so many steps each."""
    git(repo.path, "checkout", "-q", "-b", "feature")
    for number in range(sessions):
        repo.session = f"bench-{number}"
        repo.hook(repo.payload("SessionStart", source="startup"))
        repo.hook(repo.payload("UserPromptSubmit", prompt_id=f"s{number}", prompt=f"part {number} of the feature"))
        long_session(repo, steps, rng)
        repo.hook(repo.payload("SessionEnd", reason="other"))


def long_session(repo, steps, rng):
    """One session of so many steps: edits, commands with real output, some failing, some test runs."""
    sources = sorted((ROOT / "src").rglob("*.cc"))
    edits = repo.edits(steps)
    for number in range(steps):
        if number % 50 == 0:
            repo.hook(repo.payload("Stop", last_assistant_message="Done so far.", stop_hook_active=False))
            repo.hook(repo.payload("UserPromptSubmit", prompt_id=f"p{number}",
                                   prompt=" ".join(rng.choice(WORDS) for _ in range(12))))
        if number % 5 == 0:
            first, second, content = next(edits)
            repo.hook(first)
            repo.target.write_text(content)
            repo.hook(second)
            continue
        text = rng.choice(sources).read_text()
        begin = rng.randrange(max(1, len(text) - 1500))
        if number % 10 == 7:
            command_text, answer = "pytest -q tests", "....F.\n1 failed, 5 passed in 0.31s\n"
        else:
            command_text, answer = f"grep -n {rng.choice(WORDS)} src", text[begin:begin + 1500]
        for payload in repo.shell(command_text, answer):
            repo.hook(payload)
    repo.hook(repo.payload("Stop", last_assistant_message="Done.", stop_hook_active=False))


def answers(repo, bench, steps):
    """Each reader says what it should; the words to call it with."""
    shown = json.loads(command(BATON, "log", "--steps", "--json", cwd=repo.path))["turns"]
    bench.require(sum(len(turn["steps"]) for turn in shown) == steps, "log does not show all steps")
    step = json.loads(command(BATON, "show", "--json", "@", cwd=repo.path))
    bench.require(step, "show shows nothing")
    found = json.loads(command(BATON, "search", "--json", "backoff", cwd=repo.path))["hits"]
    bench.require(found, "search finds nothing")
    handoff = command(BATON, "handoff", cwd=repo.path)
    bench.require(b"target.c" in handoff and b"pytest" in handoff, "handoff does not tell what was done")
    return (("status", ["status"], None), ("log", ["log"], None), ("log --steps, all", ["log", "--steps"], None),
            ("show, a step", ["show", "@"], None), ("search", ["search", "backoff"], None),
            ("handoff", ["handoff"], 50))


def run(bench):
    steps = 200 if bench.quick else 1000
    rounds = 5 if bench.quick else 15
    with bench.repository(100) as repo:
        long_session(repo, steps, random.Random(4711))
        for name, words, target in answers(repo, bench, steps):
            took = median_ms(rounds, [BATON, *words], repo.path)
            bench.row(f"{name}, a session of {steps:,} steps, whole process", f"{took:.1f} ms",
                      f"< {target} ms" if target else "reported", took < target if target else None,
                      CAUSES.get(name, ""))

        marks = json.loads(command(BATON, "handoff", "--list", "--json", cwd=repo.path))["marks"]
        middle = marks[len(marks) // 2]["address"]
        then = command(BATON, "handoff", "--at", middle, cwd=repo.path)
        bench.require(b"target.c" in then, "a handoff of an earlier moment does not tell what was done")
        took = median_ms(rounds, [BATON, "handoff", "--at", middle], repo.path)
        bench.row(f"handoff --at the middle of it, {steps:,} steps, whole process", f"{took:.1f} ms", "reported")

        # Many sessions like it: the index from nothing.
        command(BATON, "fsck", cwd=repo.path)
        events = multiply(repo.store, 5 if bench.quick else 60)
        rates, most = [], 0.0
        for _ in range(1 if bench.quick else 3):
            took, megabytes = memory_of([BATON, "reindex"], repo.path)
            rates.append(events / took)
            most = max(most, megabytes)
        bench.require(json.loads(command(BATON, "reindex", "--json", cwd=repo.path))["events"] >= events,
                      "not all events were read")
        rate = statistics.median(rates)
        bench.row(f"index from nothing, {events:,} events, full text", f"{rate:,.0f} events/s", ">= 30,000/s",
                  rate >= 30_000, CAUSE)
        bench.row("memory for it", f"{most:.0f} MB", "< 300 MB", most < 300)
        index = (repo.store / "index.db").stat().st_size
        bench.row("size of the index, an event", f"{index / events:,.0f} bytes", "reported")

        # What a new event adds to a reader's time.
        words = [BATON, "log", "--limit", "1"]
        fresh, changed, idle = [], [], []

        def read():
            return turns(1, ("-", ["/bin/true"]), ("-", words), repo.path)[1] / 1000

        for number in range(rounds):
            repo.hook(repo.payload("UserPromptSubmit", prompt=f"fresh {number} prompt", prompt_id=f"f{number}"))
            fresh.append(read())
            idle.append(read())
            bench.require(f"fresh {number} prompt".encode() in command(*words, cwd=repo.path),
                          "a new event is not seen")
        for number in range(rounds):
            first, second = repo.shell(f"echo {number} >> target.c", "")
            repo.hook(first)
            read()
            with open(repo.target, "a") as target:
                target.write(f"{number}\n")
            repo.hook(second)
            changed.append(read())
        way = statistics.median(fresh) - statistics.median(idle)
        bench.row(f"a new event's way to a reader, {events:,} stored", f"{way:.1f} ms", "< 5 ms", way < 5,
                  "A third of it is reading the line, the rest opening and closing the index for writing.")
        way = statistics.median(changed) - statistics.median(idle)
        bench.row("the same of one that changed a file", f"{way:.1f} ms", "< 5 ms", way < 5,
                  "The copies of the session lie at the same time, so there are thousands of calls that may have "
                  "made the change.")
        bench.row("that reader with nothing new", f"{statistics.median(idle):.1f} ms", "reported")
        time.sleep(SETTLE)

    sessions, each = (5, 10) if bench.quick else (50, 20)
    with bench.repository(100) as repo:
        many_sessions(repo, sessions, each, random.Random(815))
        told = json.loads(command(BATON, "handoff", "--json", cwd=repo.path))
        bench.require(len(told["sessions"]) == sessions, "the task has not all sessions")
        took = median_ms(rounds, [BATON, "handoff"], repo.path)
        bench.row(f"handoff, a task of {sessions} sessions, {sessions * each:,} steps, whole process",
                  f"{took:.1f} ms", "< 200 ms", took < 200,
                  "The steps of all sessions are read, and each session's plan and last words.")


# Of a reader that misses its target.
CAUSES = {"handoff": "Two fifths of its instructions unpack, mask and compare the contents of what was tried and "
                     "dropped, a fifth are SQLite's, for the steps of the task (callgrind); two processes of git come on "
                     "top."}
CAUSE = ("SQLite with full text takes half of it; the rest is JSON, chains and commands taken apart. Events whose "
         "results are large objects weigh most.")
