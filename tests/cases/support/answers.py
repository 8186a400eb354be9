"""What a store answers, to be the same before and after something."""
import hashlib
import json
import re

from support.scratch import git


def steps_with_changes(world):
    """[(step's address, [paths it changed])]"""
    found = []
    for turn in world.json("log", "--steps")["turns"]:
        for step in turn["steps"]:
            paths = sorted({change["path"] for change in step.get("changes", [])})
            if paths:
                found.append((step["address"], paths))
    assert found
    return found


def contents(world):
    """Every file after and before every step that changed it: {address: bytes or status}."""
    found = {}
    for address, paths in steps_with_changes(world):
        for path in paths:
            for where in f"{address}:{path}", f"{address}^:{path}":
                done = world.baton("cat", "--unmasked", where)
                found[where] = done.stdout if done.returncode == 0 else done.returncode
    assert any(isinstance(each, bytes) for each in found.values())
    return found


def steady(text):
    """Without the time that git gives to what is not committed: now."""
    return re.sub(rb'(?m)^(?:author|committer)-time \d+$', b'', text)


def answers(world, clock="2030-01-01T00:00:00Z"):
    """blame of all files and revisions, handoffs, plans of rewinds, whole states."""
    env = {"BATON_CLOCK": clock}
    found = {}

    def ask(*words):
        done = world.baton(*words, env=env)
        found[words] = (done.returncode, steady(done.stdout))

    tracked = git(world.repo, "ls-files", "--cached", "--others", "--exclude-standard").split("\n")
    for path in sorted(each for each in tracked if each):
        for more in [], ["--deleted"], ["--porcelain"]:
            ask("blame", *more, "--", path)
    for address, paths in steps_with_changes(world):
        for path in paths:
            ask("blame", address, "--", path)
        ask("show", address)
        ask("rewind", address, "--dry-run", "--force", "--json")
    for path in git(world.repo, "ls-tree", "-r", "--name-only", "HEAD").split("\n"):
        if path:
            ask("blame", "HEAD", "--", path)
    for form in "md", "json":
        ask("handoff", "--format", form)
    ask("handoff", "--list", "--json")
    ask("checkpoint", "--json")
    ask("stats", "--json")
    assert sum(status == 0 for status, _ in found.values()) > len(found) / 2
    return found


def differences(before, after):
    """Which answers differ, and how their beginnings look."""
    return {key: (before.get(key), after.get(key)) for key in {**before, **after}
            if before.get(key) != after.get(key)}


def digest(world):
    """Every file below the store: name, size, content, and when it was changed."""
    found = {}
    for file in sorted(world.store.rglob("*")):
        stat = file.lstat()
        content = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
        found[str(file.relative_to(world.store))] = (stat.st_size, content, stat.st_mtime_ns)
    found["refs"] = git(world.repo, "for-each-ref")
    found["objects"] = json.dumps(sorted(str(f) for f in (world.repo / ".git/objects").rglob("*")))
    return found
