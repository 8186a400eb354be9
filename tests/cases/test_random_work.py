"""Random work of agents, people and git in one repository, and what must then hold whatever was done:
every step's files come back byte for byte, nobody's line is given to an agent that did not write it, the
record is sound, and an index made anew says what the one that grew said.

A failing run prints its seed: BATON_SEED=N runs that one. BATON_SOAK=ROUNDS runs so many more with seeds
of their own.
"""
import os
import random
import shutil
import time

import pytest

from support.scratch import git

FILES = ["a.txt", "b.txt", "src/c.txt", "src/deep/d.txt", "sp ace/ü.txt", "e"]
STEPS = 40


def seeds():
    if "BATON_SEED" in os.environ:
        return [int(os.environ["BATON_SEED"])]
    # Workers that share the tests must find the same ones.
    own = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID"))
    return [1, 2, 3] + [own.randrange(10, 10**9) for _ in range(int(os.environ.get("BATON_SOAK", 0)))]


class Work:
    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.words = 0
        self.sessions = []
        self.states = {}    # call id: the files that its after-event looked at, as they were then
        self.moved = set()  # files that a command moved something to
        self.branches = ["main"]

    # --- what is there
    def tree(self):
        """Path: (executable, content) of every file."""
        found = {}
        for file in sorted(self.world.repo.rglob("*")):
            if file.is_file() and ".git" not in file.parts:
                found[str(file.relative_to(self.world.repo))] = (
                    bool(file.stat().st_mode & 0o100), file.read_bytes())
        return found

    def line(self, who):
        self.words += 1
        return f"{who} wrote {self.words} {self.random.getrandbits(64):x}\n"

    def some_file(self, existing=True):
        files = [f for f in FILES if (self.world.repo / f).is_file()] if existing else FILES
        return self.random.choice(files) if files else None

    def session(self):
        if not self.sessions or (len(self.sessions) < 3 and self.random.random() < 0.1):
            self.sessions.append(self.world.claude().start().prompt(f"task {len(self.sessions)}"))
        return self.random.choice(self.sessions)

    def did(self, call, path=None):
        """A command looks at all files, a file tool at its own."""
        tree = self.tree()
        self.states[call] = tree if path is None else (path, tree.get(path))

    # --- what can happen
    def agent_edits(self):
        path = self.some_file()
        lines = self.world.read(path).decode().splitlines(keepends=True) if path else []
        if not lines:
            return self.agent_writes()
        old = self.random.choice(lines)
        if lines.count(old) != 1 or not old.endswith("\n"):
            return self.agent_writes()
        new = self.random.choice([self.line("agent"), old + self.line("agent"), self.line("agent") + old])
        self.did(self.session().edit(path, old, new), path)

    def agent_writes(self):
        text = "".join(self.line("agent") for _ in range(self.random.randrange(6)))
        path = self.some_file(existing=False)
        self.did(self.session().write(path, text), path)

    def agent_runs(self):
        path, other = self.some_file(), self.some_file(existing=False)
        commands = [f"mkdir -p src/deep && printf '{self.line('agent')}' >> src/deep/d.txt", "true", "ls",
                    "printf 'agent wrote nothing to keep\n' > b.txt; exit 3"]
        if path:
            commands += [f"rm '{path}'", f"chmod +x '{path}'", f"sed -i '$d' '{path}'",
                         f"mkdir -p 'sp ace' src/deep; [ '{path}' = '{other}' ] || mv '{path}' '{other}'"]
        command = self.random.choice(commands)
        if " mv " in command:
            self.moved.add(other)
        self.did(self.session().bash(command))

    def agent_reads(self):
        if path := self.some_file():
            self.session().read(path)

    def person_edits(self):
        path = self.some_file() or "a.txt"
        file = self.world.repo / path
        lines = file.read_text().splitlines(keepends=True) if file.exists() else []
        lines.insert(self.random.randint(0, len(lines)), self.line("person"))
        self.world.write(path, "".join(lines))

    def person_removes(self):
        if path := self.some_file():
            (self.world.repo / path).unlink()

    def commits(self):
        self.world.commit(f"commit {self.words}")

    def switches(self):
        git(self.world.repo, "stash", "-q", "-u", check=False)
        if len(self.branches) < 3:
            self.branches.append(f"topic{len(self.branches)}")
            git(self.world.repo, "switch", "-q", "-c", self.branches[-1])
        else:
            git(self.world.repo, "switch", "-q", self.random.choice(self.branches))
        git(self.world.repo, "stash", "pop", "-q", check=False)
        # A pop that meets a conflict leaves marks: that is somebody's merge, not our subject.
        git(self.world.repo, "checkout", "-q", "-f", "HEAD", "--", ".", check=False)
        git(self.world.repo, "stash", "clear")

    def turn_ends(self):
        session = self.session()
        session.stop()
        if self.random.random() < 0.3:
            session.end()
            self.sessions.remove(session)
        else:
            session.prompt(f"and then {self.words}")

    def cache_is_lost(self):
        """With a look before and behind: what happens in between has no number of its own."""
        session = self.session()
        session.bash("true")
        for manifest in self.world.store.glob("worktrees/*/manifest"):
            manifest.unlink()
        session.bash("true")

    def somebody_reads(self):
        self.world.baton(self.random.choice(["log", "status", "sessions"]))

    def go(self):
        weighted = [(self.agent_edits, 8), (self.agent_writes, 4), (self.agent_runs, 6), (self.agent_reads, 1),
                    (self.person_edits, 4), (self.person_removes, 1), (self.commits, 2), (self.switches, 1),
                    (self.turn_ends, 2), (self.cache_is_lost, 1), (self.somebody_reads, 2)]
        kinds, weights = zip(*weighted)
        for _ in range(STEPS):
            self.random.choices(kinds, weights)[0]()
            if self.random.random() < 0.3:
                time.sleep(0.03)    # beyond the clock's granularity
        for session in self.sessions:
            session.stop()


def step_of(world, call):
    found = [step for turn in world.json("log", "--steps")["turns"] for step in turn["steps"]
             if step["call"] == call]
    assert len(found) == 1, (call, found)
    return found[0]["address"]


def check_states(work, folder):
    """What each step left is what comes out for it."""
    for call in work.random.sample(sorted(work.states), min(8, len(work.states))):
        wanted = work.states[call]
        address = step_of(work.world, call)
        if isinstance(wanted, tuple):
            path, (_, content) = wanted
            got = work.world.baton("cat", f"{address}:{path}", check=True).stdout
            assert got == content, f"{path} after {address}"
            continue
        out = folder / address
        work.world.baton("export", address, "--to", str(out), check=True)
        got = {str(f.relative_to(out)): (bool(f.stat().st_mode & 0o100), f.read_bytes())
               for f in sorted(out.rglob("*")) if f.is_file()}
        assert got == wanted, f"files after {address}"
        shutil.rmtree(out)


def check_owners(work):
    """What a person wrote is nobody's step, what an agent wrote is no other's exact step."""
    for path in work.tree():
        blame = work.world.json("blame", path)
        for line in blame["lines"]:
            if line["text"].startswith("person wrote") and path not in work.moved:
                assert line["owner"]["kind"] != "step", (path, line)


def answers(world):
    return [world.baton(*words, "--json").stdout
            for words in (["log", "--steps"], ["sessions"], ["search", "wrote"], ["handoff"])]


@pytest.mark.parametrize("seed", seeds())
def test_random_work(world, tmp_path, seed):
    print(f"BATON_SEED={seed}")
    for path in FILES[:3]:
        world.write(path, f"{path}: the first line\nthe second of {path}\n")
    world.commit("Files")
    work = Work(world, seed)
    work.go()
    check_states(work, tmp_path / "out")
    check_owners(work)
    before = answers(world)
    world.baton("reindex", check=True)
    assert answers(world) == before, "an index made anew says the same"
    assert world.baton("fsck").returncode == 0, world.baton("fsck").out
