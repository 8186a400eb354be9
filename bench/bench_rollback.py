"""Going back: ten changed files in a large tree, against `git restore` of the same; undoing that; and what
a day of work leaves in the store."""
import os
import pty
import random
import select
import time

import support
from support import BATON, git, median, run as command

TITLE = "Going back"
ORDER = 60
CHANGED = 10
TURNS = 1_000
DAY = 2_000  # steps
MEGABYTE = 1_000_000


def timed(*words, cwd):
    began = time.monotonic()
    command(*words, cwd=cwd)
    return (time.monotonic() - began) * 1000


def targets(repo):
    files = sorted(repo.path.glob("dir*/*/file*.txt"))
    return random.Random(1).sample(files, CHANGED)


def change(files, text):
    for file in files:
        file.write_text(text)


def rewind(bench, files_in_tree):
    rounds = 3 if bench.quick else 9
    with bench.repository(files_in_tree) as repo:
        files = targets(repo)
        before = {file: file.read_bytes() for file in files}
        for payload in (repo.payload("SessionStart", source="startup"),
                        repo.payload("UserPromptSubmit", prompt="change", prompt_id="p1")):
            repo.hook(payload)
        first, last = repo.shell("change them")
        repo.hook(first)
        change(files, "changed by the agent\n" * 5)
        after = {file: file.read_bytes() for file in files}
        repo.hook(last)
        repo.hook(repo.payload("Stop", last_assistant_message="", stop_hook_active=False))
        time.sleep(support.SETTLE)
        command(BATON, "diff", "--stat", cwd=repo.path)
        git(repo.path, "status")
        restores, rewinds, undos = [], [], []
        for _ in range(rounds):
            restores.append(timed("git", "restore", "--", *[f.relative_to(repo.path) for f in files],
                                  cwd=repo.path))
            bench.require({f: f.read_bytes() for f in files} == before, "git restored other content")
            change(files, "changed by the agent\n" * 5)
            time.sleep(support.SETTLE)
            command(BATON, "diff", "--stat", cwd=repo.path)
            rewinds.append(timed(BATON, "rewind", "@start", "--force", cwd=repo.path))
            bench.require({f: f.read_bytes() for f in files} == before, "not rewound")
            time.sleep(support.SETTLE)
            undos.append(timed(BATON, "undo", cwd=repo.path))
            bench.require({f: f.read_bytes() for f in files} == after, "not undone")
            time.sleep(support.SETTLE)
        floor = median(restores)
        for what, times in (("rewind", rewinds), ("undo", undos)):
            ratio = median(times) / floor
            bench.row(f"`baton {what}`, {CHANGED} of {files_in_tree:,} files, against `git restore` of them",
                      f"{median(times):.0f} ms, {ratio:.2f}x", "<= 1.5x", ratio <= 1.5,
                      "It looks at every file first, since work that was never seen must not be lost; "
                      "git restore looks only at the paths that it is given.")


def day(bench):
    steps = 200 if bench.quick else DAY
    with bench.repository(1_000 if bench.quick else 10_000) as repo:
        before = repo.store_size()
        for number, (first, last, content) in enumerate(repo.edits(steps)):
            if number % 25 == 0:
                repo.hook(repo.payload("UserPromptSubmit", prompt=f"part {number}", prompt_id=f"p{number}"))
            repo.hook(first)
            repo.target.write_text(content)
            repo.hook(last)
            if number % 25 == 24:
                repo.hook(repo.payload("Stop", last_assistant_message="", stop_hook_active=False))
        grown = repo.store_size() - before
        limit = 20 * MEGABYTE * steps // DAY
        bench.row(f"store after {steps:,} edits of a file of 32 KB", f"{grown / MEGABYTE:.1f} MB",
                  f"< {limit / MEGABYTE:.0f} MB", grown < limit)


def picker_appears(repo):
    """Milliseconds from the start of `baton rewind` until its list stands on a terminal, then until all
    that is on the screen is counted."""
    began = time.monotonic()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(repo.path)
        os.environ["TERM"] = "xterm"
        os.execv(BATON, [BATON, "rewind"])
    shown, there = b"", None
    while select.select([terminal], [], [], 0.3)[0]:
        shown += os.read(terminal, 1 << 16)
        last = time.monotonic()
        if there is None and b"enter go on" in shown:
            there = last
    os.write(terminal, b"\x03")
    while True:
        try:
            if not os.read(terminal, 1 << 16):
                break
        except OSError:
            break
    os.waitpid(pid, 0)
    os.close(terminal)
    return (there - began) * 1000, (last - began) * 1000, shown


def picker(bench):
    turns, rounds = TURNS // 10 if bench.quick else TURNS, 5 if bench.quick else 15
    with bench.repository(1_000) as repo:
        for number, (first, last, content) in enumerate(repo.edits(turns)):
            repo.hook(repo.payload("UserPromptSubmit", prompt=f"do part {number} of the work", prompt_id=f"p{number}"))
            repo.hook(first)
            repo.target.write_text(content)
            repo.hook(last)
            repo.hook(repo.payload("Stop", last_assistant_message="", stop_hook_active=False))
        command(BATON, "log", "-n", "1", cwd=repo.path)
        times = [picker_appears(repo) for _ in range(rounds)]
        bench.require(all(f"{turns} prompts".encode() in shown for _, _, shown in times), "another list")
        appears = median([first for first, _, _ in times])
        bench.row(f"`baton rewind`: the list of {turns:,} prompts is there", f"{appears:.0f} ms", "< 100 ms",
                  appears < 100)
        bench.row("... all lines on the screen counted, the difference below it",
                  f"{median([last for _, last, _ in times]):.0f} ms")


def run(bench):
    rewind(bench, bench.sizes()[-1])
    day(bench)
    picker(bench)
