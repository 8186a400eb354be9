"""What it costs to know whose lines are whose: a large file with many recorded versions, against `git
blame` of the same contents as commits; one command that changes thousands of files; giants."""
import json
import random
import subprocess
import time

from support import BATON, SETTLE, git, median_ms, memory_of, run as command, turns

TITLE = "Blame"
ORDER = 40
FILE = "large.txt"


def versions(lines, count, rng):
    """(old text, new text, whole content) of so many edits of one to three lines."""
    text = [f"line {number} says {rng.random()} and more\n" for number in range(lines)]
    yield "", "", "".join(text)
    for number in range(count):
        at, size = rng.randrange(len(text) - 3), rng.randint(1, 3)
        new = [f"version {number} says {rng.random()} here\n" for _ in range(rng.randint(1, 3))]
        old = text[at:at + size]
        text[at:at + size] = new
        yield "".join(old), "".join(new), "".join(text)


def record(repo, contents):
    """The versions as edits of one session, 20 to a prompt."""
    for number, (old, new, content) in enumerate(contents):
        if number % 20 == 0:
            repo.hook(repo.payload("UserPromptSubmit", prompt_id=f"p{number}", prompt=f"prompt {number}"))
        call = f"toolu_{number}"
        given = {"file_path": str(repo.path / FILE), "old_string": old, "new_string": new,
                 "replace_all": False}
        repo.hook(repo.payload("PreToolUse", tool_name="Edit", tool_input=given, tool_use_id=call))
        before = (repo.path / FILE).read_text()
        (repo.path / FILE).write_text(content)
        repo.hook(repo.payload("PostToolUse", tool_name="Edit", tool_input=given, tool_use_id=call,
                               tool_response={"filePath": given["file_path"], "oldString": old,
                                              "newString": new, "originalFile": before,
                                              "structuredPatch": [], "userModified": False,
                                              "replaceAll": False}))
    repo.hook(repo.payload("Stop", last_assistant_message="Done.", stop_hook_active=False))


def commit_all(path, contents):
    """The same contents as commits of another repository."""
    command("git", "init", "-q", "-b", "main", path)
    stream = []
    for number, (_, _, content) in enumerate(contents):
        data = content.encode()
        stream.append(f"blob\nmark :{2 * number + 1}\ndata {len(data)}\n".encode() + data + b"\n")
        parent = f"from :{2 * number}\n" if number else ""
        stream.append(f"commit refs/heads/main\nmark :{2 * number + 2}\ncommitter b <b@x> {number} +0000\n"
                      f"data 1\nx\n{parent}M 100644 :{2 * number + 1} {FILE}\n\n".encode())
    subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], input=b"".join(stream), check=True)
    git(path, "checkout", "-q", "-f", "main")


def run(bench):
    lines, count = (2_000, 100) if bench.quick else (10_000, 1_000)
    rng = random.Random(4711)
    contents = list(versions(lines, count, rng))
    rounds = 5 if bench.quick else 11
    with bench.repository(100, store=False) as repo:
        (repo.path / FILE).write_text(contents[0][2])
        git(repo.path, "add", "-A")
        git(repo.path, "commit", "-qm", "large")
        repo.init()
        record(repo, contents[1:])
        time.sleep(SETTLE)
        other = repo.path.with_name("commits")
        commit_all(other, contents)
        bench.require((other / FILE).read_text() == (repo.path / FILE).read_text(), "the files differ")
        command(BATON, "log", "--limit", "1", cwd=repo.path)  # the index itself is another bench's
        ours = ["sh", "-c", f"cd {repo.path} && {BATON} blame {FILE}"]
        gits = ["sh", "-c", f"cd {other} && git blame {FILE}"]
        began = time.monotonic()
        told = json.loads(command(BATON, "blame", "--json", FILE, cwd=repo.path))["lines"]
        first = (time.monotonic() - began) * 1000
        for line in told:
            written = line["text"].startswith("version")
            bench.require((line["owner"]["kind"] == "step") == written, f"a wrong owner: {line}")
        bench.row(f"blame, {lines:,} lines, {count:,} versions, the first time", f"{first:.0f} ms", "< 300 ms",
                  first < 300, "By instructions: a third for decompressing the versions, a quarter for comparing them, "
                  "a fifth for SQL.")
        again = median_ms(rounds, ours, repo.path)
        bench.row("again", f"{again:.1f} ms", "< 20 ms", again < 20,
                  "By instructions: a quarter for the rows, a quarter for the kept lines of all versions, a fifth for "
                  "who made the versions. It starts no git.")
        git_ms, ours_ms, ratio = turns(rounds, ("-", gits), ("-", ours), repo.path)
        bench.row(f"again, against git blame of {count:,} commits", f"{ratio:.3f}x", "< 1", ratio < 1)
        bench.row("the first time, against it", f"{first * 1000 / git_ms:.2f}x", "< 1", first * 1000 < git_ms)
        more = []
        for step in list(versions(lines, 5, rng))[1:]:
            old = contents[-1][2].split("\n", 1)[0] + "\n"
            new = f"one more {rng.random()}\n"
            text = (repo.path / FILE).read_text()
            head = text.split("\n", 1)[0] + "\n"
            record(repo, [(head, new, new + text[len(head):])])
            time.sleep(SETTLE)
            command(BATON, "log", "--limit", "1", cwd=repo.path)
            began = time.monotonic()
            command(BATON, "blame", FILE, cwd=repo.path)
            more.append((time.monotonic() - began) * 1000)
        more.sort()
        bench.row("with one version more", f"{more[len(more) // 2]:.1f} ms", "reported")

    files = 200 if bench.quick else 2_000
    with bench.repository(100, store=False) as repo:
        for number in range(files):
            (repo.path / f"f{number}.txt").write_text(f"old {number}\nstays\n")
        git(repo.path, "add", "-A")
        git(repo.path, "commit", "-qm", "many")
        repo.init()
        before, after = repo.shell("sed -i s/^old/new/ *.txt", "")
        repo.hook(before)
        for number in range(files):
            (repo.path / f"f{number}.txt").write_text(f"new {number}\nstays\n")
        repo.hook(after)
        repo.hook(repo.payload("Stop", last_assistant_message="Done.", stop_hook_active=False))
        began = time.monotonic()
        command(BATON, "log", "--limit", "1", cwd=repo.path)
        took = time.monotonic() - began
        told = json.loads(command(BATON, "blame", "--json", "f7.txt", cwd=repo.path))["lines"]
        bench.require(told[0]["owner"]["kind"] == "step", f"a wrong owner: {told[0]}")
        bench.row(f"index of {files:,} files changed by one command", f"{took:.2f} s", "< 1 s", took < 1)

    for name, content in (("500,000 lines", "".join(f"row {n}\n" for n in range(500_000))),
                          ("one line of 5 MB", "x" * 5_000_000 + "\n")):
        if bench.quick:
            continue
        with bench.repository(100, store=False) as repo:
            (repo.path / FILE).write_text(content)
            git(repo.path, "add", "-A")
            git(repo.path, "commit", "-qm", "giant")
            repo.init()
            before, after = repo.shell("sh gen.sh", "")
            repo.hook(before)
            (repo.path / FILE).write_text(content.replace("row 250000\n", "changed\n").replace("x\n", "y\n"))
            time.sleep(SETTLE)
            repo.hook(after)
            took, megabytes = memory_of([BATON, "blame", "-L", "1,1", FILE], repo.path)
            bench.row(f"blame of {name}, one edit", f"{took:.2f} s, {megabytes:.0f} MB", "reported")
