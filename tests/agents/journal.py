"""Reads a store's journals straight from the disk, as docs/format tells: an opinion of its own on
what was recorded, independent of the program's readers."""
import json
import pathlib

import make_repo


def store_of(repo):
    return pathlib.Path(repo, ".git", "baton")


def lines_of(repo, agent="*", session="*"):
    """Every line of the journals, each journal in its order."""
    lines = []
    for path in sorted(store_of(repo).glob(f"sessions/{agent}/{session}/events.jsonl")):
        lines += [json.loads(line) for line in path.read_text().splitlines()]
    return lines


def observations(repo):
    return [(line, seen) for line in lines_of(repo) for seen in line["e"].get("obs", [])]


def transitions(repo):
    """[(line, transition)] in the order of the timeline. Large lists (objects) are not expected."""
    found = []
    for line, seen in observations(repo):
        assert isinstance(seen.get("tr", []), list)
        found += [(line, tr) for tr in seen.get("tr", [])]
    return sorted(found, key=lambda pair: pair[1]["q"])


def state_at_end(repo):
    """{path: "MODE BLOB"}: the first base record and all transitions after it."""
    bases = [seen["base"] for _, seen in observations(repo) if "base" in seen]
    state = {}
    base = bases[0]
    if base.get("commit"):
        for entry in make_repo.git(repo, "ls-tree", "-rz", base["commit"]).split("\0"):
            if entry:
                about, path = entry.split("\t")
                mode, _, blob = about.split()
                state[path] = f"{mode} {blob}"
    changes = [(path, blob, mode) for path, blob, mode in base["except"]]
    changes += [(tr["p"], tr.get("a", ""), tr.get("am", "")) for _, tr in transitions(repo)]
    for path, blob, mode in changes:
        if blob:
            state[path] = f"{mode} {blob}"
        else:
            state.pop(path, None)
    return state
