"""The first minutes in a large clone, and what one turn costs and writes."""
import json
import shutil
import time

from support import BATON, SETTLE, Repository, median, run as command, turns

TITLE = "First use and a turn"
ORDER = 20
HOOK = [BATON, "hook", "claude-code"]


def first_use(bench):
    """init and the first prompt in a clone that git has just made."""
    files = max(bench.sizes())
    repo = Repository(bench.base / "first", files)
    began = time.monotonic()
    repo.init()
    repo.hook(repo.payload("UserPromptSubmit", prompt="first", prompt_id="p"))
    took = time.monotonic() - began
    looks = [look for event in repo.journal() for look in event.get("obs", [])]
    bench.require(looks and all(look["complete"] and not look.get("tr") for look in looks),
                  "the clean clone was not seen as clean")
    bench.require(command("git", "-C", repo.path, "ls-tree", "-r", "--name-only", "refs/baton/pins").count(b"\n")
                  == files, "the pin does not hold the clone's files")
    bench.row(f"init and first prompt, clean clone of {files:,} files", f"{took:.2f} s", "< 1 s", took < 1)
    per_file = repo.store_size() / files
    bench.row("store after it, for a tracked file", f"{per_file:.0f} bytes", "< 120 bytes", per_file < 120)
    shutil.rmtree(repo.path)


def one_turn(bench, rounds):
    """A prompt, one edit of one line, the end: all hooks together."""
    payload = bench.base / "payload"
    with bench.repository(10_000) as repo:
        took, grown = [], []
        for number, (first, second, content) in enumerate(repo.edits(rounds)):
            size = repo.store_size()
            spent = 0.0
            for event in (repo.payload("UserPromptSubmit", prompt=f"turn {number}", prompt_id=f"p{number}"),
                          first, second,
                          repo.payload("Stop", last_assistant_message="Done.", stop_hook_active=False)):
                if event is second:
                    repo.target.write_text(content)
                    time.sleep(SETTLE)
                payload.write_bytes(event)
                spent += turns(1, ("-", ["/bin/true"]), (payload, HOOK), repo.path)[1]
            took.append(spent / 1000)
            grown.append(repo.store_size() - size)
        shown = json.loads(command(BATON, "log", "--steps", "--json", cwd=repo.path))["turns"]
        bench.require(len(shown) == rounds and all(t["paths"] == ["target.c"] and len(t["steps"]) == 1
                                                   for t in shown), "turns were not recorded whole")
        bench.row("a turn (prompt, one edit of one line, end), 10,000 files: all hooks",
                  f"{median(took):.1f} ms", "< 40 ms", median(took) < 40)
        bench.row("what it writes, without the transcript", f"{median(grown) / 1000:.1f} KB", "< 10 KB",
                  median(grown) < 10_000)


def run(bench):
    first_use(bench)
    one_turn(bench, 7 if bench.quick else 25)
