"""`baton stats` against sums that are known by construction."""
import random

import pytest

from support.scratch import git


def line(name, version=0):
    """A line that nothing else looks like, and that still looks like itself when it is reworked."""
    return f"{name} = compute_{name}({name}_first, {name}_second)" + (f"  # v{version}" if version else "")


class Program:
    """A file of named lines, edited by two agents' write tools and a person."""

    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.agents = [world.claude().start().prompt("first agent"),
                       world.claude().start().prompt("second agent")]
        self.names = iter(f"n{seed}x{self.random.randrange(10**9)}y{i}" for i in range(10**6))
        self.lines = []   # [name, version, writers of all versions, oldest first]
        self.written = [0, 0]
        self.gone = []    # writers of lines that were removed
        self.taken = [0, 0]

    def edit(self, who):
        """`who`: 0 or 1, an agent; 2: a person."""
        lines = [list(each) for each in self.lines]
        for _ in range(self.random.randrange(1, 4)):
            what = self.random.choice(["add", "add", "rework", "remove"])
            if what == "add" or len(lines) < 3:
                at = self.random.randrange(len(lines) + 1)
                lines.insert(at, [next(self.names), 0, [who]])
            elif what == "rework":
                # Once a write: in between nothing was ever written.
                entry = self.random.choice(lines)
                if entry in self.lines:
                    entry[:] = [entry[0], entry[1] + 1, entry[2] + [who]]
            else:
                entry = self.random.choice(lines)
                if entry in self.lines:
                    lines.remove(entry)
        before = {each[0]: each for each in self.lines}
        after = {each[0]: each for each in lines}
        for name, entry in before.items():
            if name not in after:
                self.gone += [entry[2]]
            if who < 2 and (name not in after or after[name][1] != entry[1]):
                self.taken[who] += 1
        if who < 2:
            self.written[who] += sum(1 for name, entry in after.items()
                                     if name not in before or before[name][1] != entry[1])
        self.lines = lines
        text = "".join(line(name, version) + "\n" for name, version, _ in lines)
        if who < 2:
            self.agents[who].write("f.py", text)
        else:
            self.world.write("f.py", text)

    def truth(self, who):
        kept = sum(1 for _, _, writers in self.lines if writers[-1] == who)
        reworked = sum(writers[:-1].count(who) for _, _, writers in self.lines)
        return {"written": self.written[who], "kept": kept, "reworked": reworked,
                "removed": self.written[who] - kept - reworked, "deleted": self.taken[who]}


@pytest.mark.parametrize("seed", range(12))
def test_lines_of_a_random_program(world, seed):
    print("seed", seed)
    program = Program(world, seed)
    for _ in range(14):
        program.edit(program.random.randrange(3))
    for agent in program.agents:
        agent.stop()
    told = world.json("stats")
    rows = {row["about"]: row["lines"] for row in told["rows"]}
    for who, about in enumerate(["first agent", "second agent"]):
        assert rows.get(about, dict.fromkeys(rows and next(iter(rows.values())) or [], 0)) == \
            program.truth(who), about
    for name in told["total"]["lines"]:
        assert told["total"]["lines"][name] == sum(row["lines"][name] for row in told["rows"])


@pytest.fixture
def busy(world):
    """Two sessions: steps, failures and tests counted by hand."""
    world.write("test.sh", "grep -q good f.py\n")
    world.commit("Test")
    one = world.claude().start().prompt("Write it")
    one.write("f.py", line("alpha") + "\n" + line("beta") + "\n")
    one.bash("sh test.sh")                                     # fails
    one.bash("ls nowhere")                                     # fails
    one.stop()
    one.prompt("Mend it")
    one.edit("f.py", line("beta"), line("beta") + "  # good")
    one.bash("sh test.sh")                                     # passes
    one.stop()
    world.commit("Work")
    git(world.repo, "checkout", "-q", "-b", "side")
    two = world.claude().start().prompt("Another file")
    two.write("g.py", line("gamma") + "\n")
    two.read("f.py")
    two.stop()
    world.commit("Side")
    world.one = one
    return world


def test_counts(busy):
    told = busy.json("stats")
    total = told["total"]
    assert (told["by"], told["sessions"], len(told["rows"])) == ("session", 2, 2)
    assert total["prompts"] == 3 and total["files"] == 2
    assert (total["steps"], total["failed_steps"]) == (7, 2)
    assert (total["commands"], total["failed_commands"]) == (3, 2)
    assert (total["tests"], total["failed_tests"]) == (2, 1)
    # The own rework of a line: written twice, kept once.
    assert total["lines"] == {"written": 4, "kept": 3, "reworked": 1, "removed": 0, "deleted": 1}


@pytest.mark.parametrize("by", ["session", "prompt", "agent", "model", "branch"])
def test_rows_add_up(busy, by):
    told = busy.json("stats", "--by", by)
    total = dict(told["total"])
    for name in total:
        if name == "lines":
            for each in total["lines"]:
                assert total["lines"][each] == sum(row["lines"][each] for row in told["rows"])
        elif name != "files":
            assert total[name] == sum(row[name] for row in told["rows"]), name
    lines = total["lines"]
    assert lines["written"] == lines["kept"] + lines["reworked"] + lines["removed"]


def test_choices(busy):
    session = next(row["name"] for row in busy.json("stats")["rows"] if row["about"] == "Write it")
    of_one = busy.json("stats", session)
    assert of_one["by"] == "prompt" and [row["about"] for row in of_one["rows"]] == ["Mend it", "Write it"]
    assert busy.json("stats", "--session", session) == of_one
    assert busy.json("stats", "HEAD~1..HEAD")["total"]["prompts"] == 1
    assert busy.json("stats", "HEAD~2..HEAD")["total"]["prompts"] == 3
    assert busy.json("stats", "--branch", "side")["total"]["lines"]["written"] == 1
    assert busy.json("stats", "--agent", "codex")["total"]["prompts"] == 0
    assert busy.json("stats", "--since", "2099-01-01")["rows"] == []
    assert busy.json("stats", "--model", "no-such")["total"]["steps"] == 0
    assert busy.json("stats", "--path", "g.py")["total"]["lines"]["written"] == 1
    text = busy.baton("stats", check=True).out
    assert "4 lines written: 3 kept, 1 reworked, 0 removed; 1 taken away; 2 files" in text
    assert "2 sessions, 3 prompts, 7 steps (2 failed), 3 commands (2 failed), 2 test runs (1 failed)" in text


def test_in_which_files_lines_stand(busy):
    tip = git(busy.repo, "rev-parse", "side").strip()
    git(busy.repo, "checkout", "-q", "main")
    here = busy.json("stats")
    assert "revision" not in here
    assert here["total"]["lines"] == {"written": 4, "kept": 2, "reworked": 1, "removed": 1, "deleted": 1}
    there = busy.json("stats", "--rev", "side")
    assert there["revision"] == tip
    assert there["total"]["lines"] == {"written": 4, "kept": 3, "reworked": 1, "removed": 0, "deleted": 1}
    assert busy.json("stats", "main..side")["total"]["lines"]["kept"] == 1
    assert busy.json("stats", "--rev", "main~1")["total"]["lines"]["kept"] == 0
    # A branch that is asked for has its own files, too.
    of_branch = busy.json("stats", "--branch", "side")
    assert of_branch["revision"] == tip and of_branch["total"]["lines"]["kept"] == 1
    assert "revision" not in busy.json("stats", "--branch", "main")
    assert f"as of {tip[:8]}" in busy.baton("stats", "--rev", "side", check=True).out


def test_what_goes_away_later(busy):
    busy.write("g.py", "")
    busy.write("f.py", line("beta") + "  # good, by hand\n")
    lines = busy.json("stats")["total"]["lines"]
    assert lines == {"written": 4, "kept": 0, "reworked": 2, "removed": 2, "deleted": 1}


def test_moved_lines_are_kept_and_copies_are_not_counted(world):
    agent = world.claude().start().prompt("Write")
    block = "".join(line(name) + "\n" for name in ["alpha", "beta", "gamma", "delta"])
    agent.write("f.py", block)
    agent.stop()
    agent.prompt("Move")
    agent.bash("git mv f.py g.py 2>/dev/null || mv f.py g.py; cp g.py copy.py")
    agent.stop()
    rows = {row["about"]: row["lines"] for row in world.json("stats", "--by", "prompt")["rows"]}
    assert rows["Write"]["written"] == rows["Write"]["kept"] == 4
    assert rows["Move"]["written"] == 0


def test_tokens_are_those_of_the_agents_files(world):
    agent = world.claude().keep_file().start().prompt("Think")
    agent.file_line("assistant", requestId="r1", message={
        "role": "assistant", "id": "m1", "model": "claude-x",
        "usage": {"input_tokens": 100, "cache_read_input_tokens": 20,
                  "cache_creation_input_tokens": 0, "output_tokens": 30},
        "content": [{"type": "text", "text": "So."}]})
    agent.bash("ls")
    agent.stop()
    told = world.json("stats", "--by", "model")
    (row,) = told["rows"]
    assert row["name"] == "claude-x" and row["tokens"]["output"] == 30
    assert row["tokens"] == told["total"]["tokens"]
    assert "tokens: " in world.baton("stats", check=True).out


def test_slips(busy):
    for words, status, part in [(["nowhere"], 3, "nowhere"), (["--by", "day"], 2, "does not take 'day'"),
                                (["--agent", "claud"], 2, "did you mean"), (["a", "b"], 2, "does not take 'b'")]:
        done = busy.baton("stats", *words)
        assert done.returncode == status and part in done.err and done.out == "", done
