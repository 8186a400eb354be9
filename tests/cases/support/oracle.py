"""Random programs of people, agents and git over files in which each line's author is known: every
line that somebody writes carries a token of its own, and whatever becomes of the line, the token
says who wrote it. The program runs against the real hooks and real git; afterwards what `blame`
says is held against the tokens.

PlainProgram has no tokens but braces, blanks and statements that repeat. Its truth is kept beside the
text, line by line, and git is left out, since it would move lines that nobody can tell apart."""
import json
import os
import pathlib
import random
import re
import subprocess
import time
import uuid

from .scratch import BATON

TOKEN = re.compile(rb"T[0-9]+x")
SETTLE = 0.032  # a content younger than 20 ms may be caught in the middle of a write

WORDS = ["alpha", "beta", "gamma", "delta", "count", "total", "value", "index", "result", "buffer",
         "offset", "length", "reader", "writer", "parser", "token", "queue", "cache", "entry", "state"]


class Person:
    """Who is no agent."""
    name = "person"


class Agent:
    def __init__(self, program, product):
        self.program, self.product = program, product
        self.session = str(uuid.UUID(int=program.random.getrandbits(128), version=4))
        self.turn = None
        self.calls = 0
        self.fresh = True
        self.told = None  # of the last change by its edit tool: the text to find, and to put there

    def event(self, name, **fields):
        payload = {"session_id": self.session, "transcript_path": "", "cwd": str(self.program.repo),
                   "permission_mode": "acceptEdits", "hook_event_name": name}
        if self.product == "codex":
            payload["model"] = "gpt-6.1-sol"
        if self.turn:
            payload["turn_id" if self.product == "codex" else "prompt_id"] = self.turn
        payload.update(fields)
        self.program.hook(self.product, payload)

    def begin_turn(self):
        self.program.settle()
        if self.fresh:
            self.event("SessionStart", source="startup")
            self.fresh = False
        self.turn = str(uuid.UUID(int=self.program.random.getrandbits(128), version=4))
        self.event("UserPromptSubmit", prompt=f"prompt {self.program.random.getrandbits(30)}")

    def end_turn(self):
        if self.turn:
            self.event("Stop", stop_hook_active=False, last_assistant_message="Done.")

    def call(self):
        if self.turn is None or self.program.random.random() < 0.2:
            self.end_turn()
            self.begin_turn()
        self.calls += 1
        return f"toolu_{self.session[:13]}_{self.calls}"

    def before(self, call, tool, given):
        self.program.settle()
        self.event("PreToolUse", tool_name=tool, tool_input=given, tool_use_id=call)

    def after(self, call, tool, given, response, took=0.0, failed=False):
        more = {} if self.product == "codex" else {"duration_ms": int(took * 1000)}
        if failed and self.product != "codex":
            self.event("PostToolUseFailure", tool_name=tool, tool_input=given, tool_use_id=call,
                       error="Exit code 1\nno", is_interrupt=False, **more)
        else:
            self.event("PostToolUse", tool_name=tool, tool_input=given, tool_use_id=call,
                       tool_response=response, **more)

    # --- what it does with files; `lines` are whole new contents as lists of lines
    def change(self, path, lines, formatted=None, place=None):
        """By its edit tool. `formatted` is what a formatter makes of it before the after-event;
        `place` says which lines it means to change (from, removed, added): else all that differ."""
        old = self.program.lines(path)
        call = self.call()
        self.told = None
        if old == lines:
            return call
        file = self.program.repo / path
        if self.product == "codex":
            given = {"command": patch_text(path, old, lines, place)}
            self.before(call, "apply_patch", given)
            self.program.put(path, lines, call)
            if formatted:
                formatted()
            self.after(call, "apply_patch", given, "Exit code: 0\nWall time: 0 seconds\nOutput:\n"
                       f"Success. Updated the following files:\nM {path}\n")
            return call
        text, new = join(old), join(lines)
        if self.program.random.random() < 0.25 or not old:
            given = {"file_path": str(file), "content": new}
            self.before(call, "Write", given)
            self.program.put(path, lines, call)
            if formatted:
                formatted()
            self.after(call, "Write", given, {"type": "update", "filePath": str(file),
                                              "content": new, "structuredPatch": [],
                                              "originalFile": text})
            return call
        above = place is not None and self.program.random.random() < 0.5
        old_part, new_part = self.told = unique_part(old, lines, place, above)
        given = {"file_path": str(file), "old_string": old_part, "new_string": new_part,
                 "replace_all": False}
        self.before(call, "Edit", given)
        self.program.put(path, lines, call)
        if formatted:
            formatted()
        self.after(call, "Edit", given, {"filePath": str(file), "oldString": old_part,
                                         "newString": new_part, "originalFile": text,
                                         "structuredPatch": [], "userModified": False,
                                         "replaceAll": False})
        return call

    def create(self, path, lines):
        call = self.call()
        file = self.program.repo / path
        if self.product == "codex":
            body = "".join("+" + line for line in lines)
            given = {"command": f"*** Begin Patch\n*** Add File: {path}\n{body}*** End Patch"}
            self.before(call, "apply_patch", given)
            self.program.put(path, lines, call)
            self.after(call, "apply_patch", given, "Exit code: 0\nWall time: 0 seconds\nOutput:\n"
                       f"Success. Updated the following files:\nA {path}\n")
            return
        given = {"file_path": str(file), "content": join(lines)}
        self.before(call, "Write", given)
        self.program.put(path, lines, call)
        self.after(call, "Write", given, {"type": "create", "filePath": str(file),
                                          "content": join(lines), "structuredPatch": [],
                                          "originalFile": None})

    def shell(self, command, act, failed=False, between=None):
        """A shell command whose effect is `act(call)`."""
        call = self.call()
        given = {"command": command, "description": "Run it"}
        self.before(call, "Bash", given)
        began = time.monotonic()
        act(call)
        took = time.monotonic() - began
        if between:
            between()
        self.after(call, "Bash", given, {"stdout": "", "stderr": "", "interrupted": False}
                   if self.product != "codex" else "", took, failed)
        return call


def join(lines):
    return "".join(lines)


def changed_part(old, new, place):
    """How many lines above and below stay."""
    if place:
        at, removed, _ = place
        return at, len(old) - at - removed
    begin = 0
    while begin < len(old) and begin < len(new) and old[begin] == new[begin]:
        begin += 1
    end = 0
    while (end < len(old) - begin and end < len(new) - begin
           and old[len(old) - 1 - end] == new[len(new) - 1 - end]):
        end += 1
    return begin, end


def patch_text(path, old, new, place=None):
    """apply_patch's form of the change, as one hunk with its context."""
    begin, end = changed_part(old, new, place)
    above = old[max(0, begin - 3):begin]
    below = old[len(old) - end:len(old) - end + 3]
    body = "".join(" " + line for line in above)
    body += "".join("-" + line for line in old[begin:len(old) - end])
    body += "".join("+" + line for line in new[begin:len(new) - end])
    body += "".join(" " + line for line in below)
    return f"*** Begin Patch\n*** Update File: {path}\n@@\n{body}*** End Patch"


def unique_part(old, new, place=None, above=False):
    """What an edit tool would be told: text around the change that occurs once. What was only added or
    taken away at a place that is meant is told by the lines before it (`above`) or behind it."""
    begin, end = changed_part(old, new, place)
    one_sided = place and 0 in place[1:]
    text = join(old)
    while True:
        part = join(old[begin:len(old) - end])
        if part and len(re.findall(f"(?={re.escape(part)})", text)) == 1:  # nor overlapping itself
            return part, join(new[begin:len(new) - end])
        if begin == 0 and end == 0:
            return part, join(new)
        if not one_sided or above or end == 0:
            begin = max(0, begin - 1)
        if not one_sided or not above or begin == 0:
            end = max(0, end - 1)


class Program:
    """One random program. `run` plays it, `judge` holds blame against the truth."""

    def __init__(self, base, seed, overlap=False, ops=14):
        self.seed, self.overlap, self.ops = seed, overlap, ops
        self.random = random.Random(seed)
        self.base = pathlib.Path(base)
        self.repo = self.base / "repo"
        self.home = self.base / "home"
        (self.home / ".claude").mkdir(parents=True)
        (self.home / ".codex").mkdir()
        self.repo.mkdir()
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("BATON_", "CLAUDE", "CODEX", "GIT_", "XDG_"))}
        self.env.update(HOME=str(self.home), GIT_CONFIG_NOSYSTEM="1", LC_ALL="C",
                        GIT_EDITOR="true", GIT_AUTHOR_NAME="Robin", GIT_AUTHOR_EMAIL="r@x.invalid",
                        GIT_COMMITTER_NAME="Robin", GIT_COMMITTER_EMAIL="r@x.invalid")
        self.tokens = {}   # token -> call of the step, or Person.name
        self.next_token = 0
        self.touched = 0.0
        self.done = []     # what was done, for the report
        self.branches = 0
        self.files = 0

    # --- the world
    def git(self, *words, check=True, input=None):
        done = subprocess.run(["git", *words], cwd=self.repo, env=self.env, input=input,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.touched = time.monotonic()
        if check and done.returncode:
            raise AssertionError((self.seed, words, done.stdout))
        return done.returncode == 0

    def asked(self, *words):
        return subprocess.run(["git", *words], cwd=self.repo, env=self.env, check=True,
                              stdout=subprocess.PIPE).stdout.decode()

    def baton(self, *words):
        done = subprocess.run([BATON, *words], cwd=self.repo, env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0, (self.seed, words, done)
        return done.stdout

    def hook(self, agent, payload):
        done = subprocess.run([BATON, "hook", agent], cwd=self.repo, env=self.env,
                              input=json.dumps(payload).encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        assert done.returncode == 0 and not done.stderr, (self.seed, done)

    def settle(self):
        """Before an agent goes on, what others did has settled."""
        wait = self.touched + SETTLE - time.monotonic()
        if wait > 0:
            time.sleep(wait)

    def paths(self):
        return sorted(str(p.relative_to(self.repo)) for p in self.repo.rglob("*.txt"))

    def lines(self, path):
        return (self.repo / path).read_bytes().decode().splitlines(keepends=True)

    def put(self, path, lines, author=None):
        file = self.repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(join(lines).encode())
        self.touched = time.monotonic()

    # --- lines
    def new_line(self, author):
        self.next_token += 1
        token = f"T{self.next_token}x"
        self.tokens[token] = author
        words = self.random.sample(WORDS, 3)
        indent = "  " * self.random.randrange(3)
        return f"{indent}{words[0]}_{token} = {words[1]}({words[2]})\n"

    def rework(self, line, author):
        """The same line with a word changed, by another hand."""
        self.next_token += 1
        token = f"T{self.next_token}x"
        self.tokens[token] = author
        return re.sub(r"T[0-9]+x", token, line)

    def edited(self, lines, author):
        """New content after an edit of one to three lines somewhere."""
        lines = list(lines)
        at = self.random.randrange(len(lines) + 1)
        kind = self.random.choice(["insert", "insert", "replace", "replace", "delete", "rework"])
        count = self.random.randint(1, 3)
        if kind == "insert" or len(lines) < 6:
            lines[at:at] = [self.new_line(author) for _ in range(count)]
        elif kind == "delete":
            del lines[at:at + count]
        elif kind == "replace":
            lines[at:at + count] = [self.new_line(author) for _ in range(self.random.randint(1, 3))]
        else:
            at = min(at, len(lines) - 1)
            lines[at] = self.rework(lines[at], author)
        return lines

    def reindented(self, lines):
        lines = list(lines)
        at = self.random.randrange(max(1, len(lines) - 3))
        for i in range(at, min(at + self.random.randint(2, 5), len(lines))):
            lines[i] = "    " + lines[i].lstrip(" ")
        return lines

    def pick(self):
        paths = self.paths()
        return self.random.choice(paths) if paths else None

    # --- the program
    def begin(self):
        subprocess.run(["git", "init", "-q", "-b", "main", "."], cwd=self.repo, env=self.env,
                       check=True)
        for name in ("a.txt", "src/b.txt"):
            self.put(name, [self.new_line(Person.name) for _ in range(self.random.randint(8, 30))])
        self.git("add", "-A")
        self.git("commit", "-qm", "Begin")
        self.baton("init")
        self.agents = [Agent(self, product) for product in
                       self.random.sample(["claude-code", "codex", "claude-code"], 2)]

    def run(self):
        self.begin()
        for _ in range(self.ops):
            op = self.random.choices(*self.choices())[0]
            self.done.append(op.__name__)
            op()
            if self.random.random() < 0.06:
                self.done.append("look")
                self.settle()
                path = self.pick()
                if path:
                    self.baton("blame", "--json", path)
        for agent in self.agents:
            agent.end_turn()
        self.settle()

    def choices(self):
        table = [(self.agent_edits, 10), (self.agent_creates, 2), (self.agent_shell, 5),
                 (self.agent_formats, 2), (self.person_edits, 6), (self.person_reindents, 1),
                 (self.agent_moves, 2), (self.person_moves, 1), (self.renames, 2),
                 (self.copies, 1), (self.commits, 5), (self.partly, 2), (self.amends, 1),
                 (self.branch, 3), (self.switches, 3), (self.stashes, 2), (self.merges, 2),
                 (self.rebases, 2), (self.picks, 1), (self.squashes, 1), (self.resets, 1),
                 (self.reverts, 1), (self.server, 1), (self.agent_git, 2), (self.agent_fails, 1)]
        if self.overlap:
            table.append((self.overlaps, 6))
        return [each[0] for each in table], [each[1] for each in table]

    def agent(self):
        return self.random.choice(self.agents)

    # --- agents
    def agent_edits(self):
        path, agent = self.pick(), self.agent()
        if path:
            self.by(agent, lambda author: agent.change(path, self.edited(self.lines(path), author)))

    def by(self, agent, act):
        """Runs `act` with the call that it is going to be as the author of its lines."""
        before = self.next_token
        call = act("?")
        for number in range(before + 1, self.next_token + 1):
            token = f"T{number}x"
            if self.tokens.get(token) == "?":
                self.tokens[token] = call
        return call

    def agent_formats(self):
        path, agent = self.pick(), self.agent()
        if not path:
            return

        def formatted():
            self.put(path, self.reindented(self.lines(path)))
        self.by(agent, lambda author: agent.change(path, self.edited(self.lines(path), author),
                                                   formatted))

    def agent_creates(self):
        agent = self.agent()
        self.files += 1
        path = f"new{self.files}.txt"
        lines = []

        def act(author):
            lines[:] = [self.new_line(author) for _ in range(self.random.randint(4, 12))]
            agent.create(path, lines)
            return f"toolu_{agent.session[:13]}_{agent.calls}"
        self.by(agent, act)

    def agent_shell(self):
        agent = self.agent()
        paths = [p for p in (self.pick(), self.pick()) if p]

        def act(call):
            for path in dict.fromkeys(paths):
                self.put(path, self.edited(self.lines(path), call))
        agent.shell(self.random.choice(["sh tools/gen.sh", "python3 codemod.py", "make generate"]),
                    act)

    def agent_fails(self):
        agent, path = self.agent(), self.pick()
        if path:
            agent.shell("sh tools/gen.sh", lambda call: self.put(
                path, self.edited(self.lines(path), call)), failed=True)

    def agent_moves(self):
        """A block goes to another place, of this file or another."""
        agent, path = self.agent(), self.pick()
        if not path or len(self.lines(path)) < 10:
            return
        lines = self.lines(path)
        at = self.random.randrange(len(lines) - 4)
        block = lines[at:at + self.random.randint(3, 4)]
        rest = lines[:at] + lines[at + len(block):]
        other = self.pick()
        if other == path:
            to = self.random.randrange(len(rest) + 1)
            agent.change(path, rest[:to] + block + rest[to:])
        elif self.random.random() < 0.5:
            def act(call):
                self.put(path, rest)
                there = self.lines(other)
                to = self.random.randrange(len(there) + 1)
                self.put(other, there[:to] + block + there[to:])
            agent.shell("sh tools/move.sh", act)
        else:
            agent.change(path, rest)
            there = self.lines(other)
            to = self.random.randrange(len(there) + 1)
            turn = agent.turn
            agent.call, call = (lambda: self._same_turn(agent)), agent.call
            agent.change(other, there[:to] + block + there[to:])
            agent.call = call
            assert agent.turn == turn

    @staticmethod
    def _same_turn(agent):
        agent.calls += 1
        return f"toolu_{agent.session[:13]}_{agent.calls}"

    def agent_git(self):
        agent = self.agent()
        path = self.pick()
        kind = self.random.choice(["commit", "edit and commit", "stash"])
        if kind == "commit":
            agent.shell("git commit -qam 'Work'", lambda call: self.git("commit", "-qam", "Work",
                                                                         check=False))
        elif kind == "edit and commit" and path:
            def act(call):
                self.put(path, self.edited(self.lines(path), call))
                self.git("commit", "-qam", "Work", check=False)
            agent.shell("sh tools/gen.sh && git commit -qam Work", act)
        elif kind == "stash":
            if not self.clean():
                stashed = []
                agent.shell("git stash -q", lambda call: stashed.append(
                    self.git("stash", "-q", check=False)))
                if stashed == [True]:
                    agent.shell("git stash pop -q", lambda call: self.git("stash", "pop", "-q"))

    def overlaps(self):
        """Two agents' commands at once."""
        first, second = self.agents
        path, other = self.pick(), self.pick()
        if not path or not other:
            return

        def inner(call):
            self.put(path, self.edited(self.lines(path), call))

            def act(second_call):
                time.sleep(SETTLE)
                self.put(other, self.edited(self.lines(other), second_call))
            second.shell("sh tools/two.sh", act)
        first.shell("sh tools/one.sh", inner)

    # --- persons
    def person_edits(self):
        self.settle()
        path = self.pick()
        if path:
            self.put(path, self.edited(self.lines(path), Person.name))

    def person_reindents(self):
        self.settle()
        path = self.pick()
        if path and self.lines(path):
            self.put(path, self.reindented(self.lines(path)))

    def person_moves(self):
        self.settle()
        path, other = self.pick(), self.pick()
        if not path or len(self.lines(path)) < 10:
            return
        lines = self.lines(path)
        at = self.random.randrange(len(lines) - 4)
        block = lines[at:at + 4]
        self.put(path, lines[:at] + lines[at + 4:])
        there = self.lines(other)
        to = self.random.randrange(len(there) + 1)
        self.put(other, there[:to] + block + there[to:])

    def renames(self):
        path = self.pick()
        if not path:
            return
        self.files += 1
        to = f"renamed{self.files}.txt"

        def act(call):
            if self.random.random() < 0.5:
                self.git("add", path)
                self.git("mv", path, to)
            else:
                (self.repo / path).rename(self.repo / to)
            if self.random.random() < 0.4:
                self.put(to, self.edited(self.lines(to), call or Person.name))
            self.touched = time.monotonic()
        if self.random.random() < 0.5:
            self.settle()
            act(None)
        else:
            self.agent().shell(f"git mv {path} {to} && sh tools/fix.sh", act)

    def copies(self):
        path = self.pick()
        if not path:
            return
        self.files += 1
        to = f"copy{self.files}.txt"

        def act(call):
            self.put(to, self.lines(path))
        if self.random.random() < 0.5:
            self.settle()
            act(None)
        else:
            self.agent().shell(f"cp {path} {to}", act)

    # --- git, by persons
    def clean(self):
        return not self.asked("status", "--porcelain", "-uno").strip()

    def commits(self):
        self.settle()
        self.git("add", "-A")
        self.git("commit", "-qm", "Work", check=False)

    def partly(self):
        """Half of the changes staged and committed."""
        self.settle()
        self.git("add", "-N", ".")
        answers = b"".join(self.random.choice([b"y\n", b"n\n"]) for _ in range(40))
        self.git("add", "-p", check=False, input=answers)
        self.git("commit", "-qm", "Half", check=False)

    def amends(self):
        self.settle()
        self.git("add", "-A")
        self.git("commit", "-q", "--amend", "--no-edit", check=False)

    def branch(self):
        self.settle()
        self.commits()
        self.branches += 1
        self.git("checkout", "-qb", f"topic{self.branches}")

    def heads(self):
        return self.asked("for-each-ref", "--format=%(refname:short)", "refs/heads").split()

    def head(self):
        return self.asked("rev-parse", "--abbrev-ref", "HEAD").strip()

    def others(self):
        return [name for name in self.heads() if name != self.head()]

    def switches(self):
        self.settle()
        others = self.others()
        if others:
            self.commits()
            self.git("checkout", "-q", self.random.choice(others))

    def stashes(self):
        self.settle()
        if self.clean():
            return
        if not self.git("stash", "-q", check=False):
            return  # a new file that is only announced cannot be stashed
        if self.random.random() < 0.5:
            agent = self.agent()
            agent.shell("ls", lambda call: None)
        self.settle()
        self.git("stash", "pop", "-q")

    def conflict(self, go_on):
        """Both sides' lines stay; whoever resolves writes nothing."""
        for _ in range(8):
            status = self.asked("status", "--porcelain")
            if not re.search(r"^(UU|AA|UD|DU|DD|AU|UA) ", status, re.M):
                break
            for line in status.splitlines():
                if line[:2] in ("UU", "AA"):
                    path = line[3:]
                    kept = [each for each in self.lines(path)
                            if not each.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||"))]
                    self.put(path, list({each.strip(): each for each in kept}.values()))
                    self.git("add", path)
                elif line[:2] in ("UD", "DU", "DD", "AU", "UA"):
                    path = line[3:]
                    self.git("add" if (self.repo / path).exists() else "rm", "-q" if not (
                        self.repo / path).exists() else "-f", path, check=False)
            if self.git(*go_on, check=False):
                return

    def merges(self):
        self.settle()
        others = self.others()
        if not others:
            return
        self.commits()
        if not self.git("merge", "-q", "--no-edit", self.random.choice(others), check=False):
            self.conflict(["commit", "-q", "--no-edit"])
            if (self.repo / ".git/MERGE_HEAD").exists():
                self.git("merge", "--abort", check=False)

    def rebases(self):
        self.settle()
        if self.head() == "main" or "main" not in self.heads():
            return
        self.commits()
        if not self.git("rebase", "-q", "main", check=False):
            self.conflict(["rebase", "--continue"])
            if (self.repo / ".git/rebase-merge").exists():
                self.git("rebase", "--abort", check=False)

    def squashes(self):
        self.settle()
        self.commits()
        if self.asked("rev-list", "--count", "HEAD").strip() > "2":
            self.git("reset", "-q", "--soft", "HEAD~1", check=False)
            self.git("commit", "-q", "--amend", "--no-edit", check=False)

    def picks(self):
        self.settle()
        others = self.others()
        if not others:
            return
        self.commits()
        if not self.git("cherry-pick", self.random.choice(others), check=False):
            self.conflict(["cherry-pick", "--continue"])
            if (self.repo / ".git/CHERRY_PICK_HEAD").exists():
                self.git("cherry-pick", "--abort", check=False)

    def reverts(self):
        self.settle()
        self.commits()
        if self.git("revert", "--no-edit", "HEAD", check=False):
            if self.random.random() < 0.6:
                if self.random.random() < 0.5:
                    self.settle()
                    self.agent().shell("ls", lambda call: None)
                self.git("revert", "--no-edit", "HEAD", check=False)
        else:
            self.git("revert", "--abort", check=False)

    def resets(self):
        self.settle()
        self.commits()
        if int(self.asked("rev-list", "--count", "HEAD")) < 3:
            return
        kind = self.random.choice(["--soft", "--mixed", "--hard"])
        self.git("reset", "-q", kind, "HEAD~1")
        if kind == "--hard":
            if self.random.random() < 0.5:
                self.settle()
                self.agent().shell("ls", lambda call: None)
            self.git("reset", "-q", "--hard", "HEAD@{1}")

    def server(self):
        """The branch is squashed elsewhere, with a colleague's lines on top, and fetched."""
        self.settle()
        if self.head() == "main" or "main" not in self.heads():
            return
        self.commits()
        topic = self.head()
        there = self.base / f"clone{self.files}-{len(self.done)}"
        run = lambda *words, cwd=there: subprocess.run(
            ["git", *words], cwd=cwd, env=self.env, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT).returncode == 0
        run("clone", "-q", str(self.repo), str(there), cwd=self.base)
        run("checkout", "-q", "main")
        if not run("merge", "-q", "--squash", f"origin/{topic}"):
            return
        run("commit", "-qm", "Squashed")
        texts = sorted(there.rglob("*.txt"))
        if texts:
            file = self.random.choice(texts)
            lines = file.read_bytes().decode().splitlines(keepends=True)
            at = self.random.randrange(len(lines) + 1)
            lines[at:at] = [self.new_line(Person.name) for _ in range(2)]
            file.write_bytes(join(lines).encode())
            run("commit", "-qam", "On top")
        self.git("checkout", "-q", "main")
        self.git("pull", "-q", "--no-rebase", str(there), "main", check=False)
        self.git("merge", "--abort", check=False)

    # --- judging
    def calls(self):
        """{address of a step: call}"""
        found = {}
        for turn in json.loads(self.baton("log", "--steps", "--json"))["turns"]:
            for step in turn["steps"]:
                found[step["address"]] = step["call"]
        return found

    def blame(self, path, *words):
        return json.loads(self.baton("blame", "--json", *words, path))["lines"]

    def judge(self, report):
        calls = self.calls()
        revisions = self.asked("rev-list", "-n", "3", "HEAD").split()
        told = {}
        paths = self.paths()
        self.random.shuffle(paths)
        for path in paths:
            told[path] = self.blame(path)
            self.judge_lines(report, path, "", told[path], calls)
        # Answers do not depend on what was asked before, nor on what was kept.
        if self.random.random() < 0.3:
            for file in (self.repo / ".git/baton").glob("index.db*"):
                file.unlink()
            for path in sorted(paths):
                again = self.blame(path)
                if again != told[path]:
                    report.wrong.append((self.seed, path, "another answer after a rebuild",
                                         [(a, b) for a, b in zip(told[path], again) if a != b][:2]))
        revision = self.random.choice(revisions)
        held = self.asked("ls-tree", "-r", "--name-only", revision).split("\n")
        for path in [p for p in held if p.endswith(".txt")][:3]:
            self.judge_lines(report, path, revision[:8], self.blame(path, revision), calls)

    def judge_lines(self, report, path, revision, rows, calls):
        for row in rows:
            found = TOKEN.search(row["text"].encode())
            if not found:
                continue
            author = self.tokens[found.group().decode()]
            verdict, said = self.verdict(author, row["owner"], calls)
            report.count(verdict)
            if verdict.startswith("wrong"):
                report.wrong.append((self.seed, path, revision, row["line"], row["text"].strip(),
                                     author, said))

    @staticmethod
    def verdict(author, owner, calls):
        kind = owner["kind"]
        said = calls.get(owner.get("step"), owner.get("step") or kind) + " " + owner.get("rule", "")
        if kind == "unknown":
            return "unknown", said
        if owner.get("evidence") == "contested":
            named = [calls.get(each) for each in owner.get("candidates", [])]
            if author in named or (author == Person.name and owner.get("others")):
                return "contested", said
            return "wrong contested", f"{named}"
        if author == Person.name:
            if kind == "step":
                return "wrong agent named", said
            return "right", said
        if kind == "step" and calls.get(owner["step"]) == author:
            return "right", said
        return "wrong", said


class PlainProgram(Program):
    """Lines that are not unique. Of lines that are equal and stand side by side nobody can say which
    one is new: any of their authors is right for each. The same is true of a line that an edit put
    where it took its equal away, or two edits that nobody looked between: it is new, and it is what it was."""
    TEXTS = ["{\n", "}\n", "\n", "  return 0;\n", "  i++;\n", "  }\n", "else\n", "  break;\n",
             "  result = next();\n", "  if (done) {\n", "int value;\n", "  call(first, second);\n"]

    def new_line(self, author):
        """Every second line is one of few, as in code."""
        if self.random.random() < 0.5:
            return self.random.choice(self.TEXTS)
        self.next_token += 1
        words = self.random.sample(WORDS, 3)
        return f"  {words[0]}_{self.next_token} = {words[1]}({words[2]});\n"

    def begin(self):
        super().begin()
        self.beside = {path: [{Person.name} for _ in self.lines(path)] for path in self.paths()}
        self.unseen = {}  # by path, since the last look: lines that went, and that came

    def hook(self, agent, payload):
        super().hook(agent, payload)
        at_paths = "tool_input" in payload and payload["tool_name"] != "Bash"
        for path in list(self.unseen):
            if not at_paths or path in json.dumps(payload["tool_input"]):
                del self.unseen[path]

    def choices(self):
        return [self.agent_edits, self.agent_shell, self.person_edits, self.commits], [8, 4, 6, 2]

    def changed(self, path):
        """What an edit of the file makes of it: lines, and where of them authors change."""
        lines = self.lines(path)
        at, count = self.random.randrange(len(lines) + 1), self.random.randint(1, 3)
        kind = self.random.choice(["insert", "insert", "replace", "delete"])
        removed = 0 if kind == "insert" or len(lines) < 6 else min(count, len(lines) - at)
        new = [] if kind == "delete" and removed else [self.new_line("") for _ in range(count)]
        return lines[:at] + new + lines[at + removed:], (at, removed, len(new))

    @staticmethod
    def as_told(old, place, told):
        """Where the lines were put in by the tool's own words, if these are a text that is replaced by itself
        with lines behind it or before it: among equal lines that may be elsewhere than was meant."""
        if not told or place[1] != 0:
            return place
        begin = join(old)[:join(old).index(told[0])].count("\n")
        find, put = (text.splitlines(keepends=True) for text in told)
        if put[:len(find)] == find:
            return begin + len(find), 0, place[2]
        if put[-len(find):] == find:
            return begin, 0, place[2]
        return place

    def note(self, path, old, new, place, author):
        at, removed, added = place
        authors = self.beside[path]
        went, came = self.unseen.setdefault(path, ([], [])) if author == Person.name else ([], [])
        went += zip(old[at:at + removed], authors[at:at + removed])
        authors[at:at + removed] = [{author} for _ in range(added)]
        came += zip(new[at:at + added], authors[at:at + added])
        for line, theirs in came:
            theirs.update(*(others for text, others in went if text == line))

    def agent_edits(self):
        path, agent = self.pick(), self.agent()
        old = self.lines(path)
        lines, place = self.changed(path)
        if lines != old:
            call = agent.change(path, lines, place=place)
            self.note(path, old, lines, self.as_told(old, place, agent.told), call)

    def agent_shell(self):
        path, agent = self.pick(), self.agent()
        old = self.lines(path)
        lines, place = self.changed(path)
        if lines != old:
            self.note(path, old, lines, place,
                      agent.shell("sh tools/gen.sh", lambda call: self.put(path, lines)))

    def person_edits(self):
        self.settle()
        path = self.pick()
        old = self.lines(path)
        lines, place = self.changed(path)
        if lines != old:
            self.put(path, lines)
            self.note(path, old, lines, place, Person.name)

    def judge(self, report):
        calls = self.calls()
        for path in self.paths():
            rows, authors = self.blame(path), self.beside[path]
            assert len(rows) == len(authors), (self.seed, path)
            begin = 0
            while begin < len(rows):
                end = begin + 1
                while end < len(rows) and rows[end]["text"] == rows[begin]["text"]:
                    end += 1
                for row in rows[begin:end]:
                    verdicts = [self.verdict(author, row["owner"], calls)[0]
                                for author in set().union(*authors[begin:end])]
                    best = next((v for v in ("right", "contested", "unknown") if v in verdicts),
                                verdicts[0])
                    report.count(best)
                    if best.startswith("wrong"):
                        report.wrong.append((self.seed, path, row["line"], row["text"],
                                             [sorted(each) for each in authors[begin:end]],
                                             row["owner"]))
                begin = end


class Report:
    def __init__(self):
        self.counts, self.wrong, self.programs = {}, [], 0

    def count(self, verdict):
        self.counts[verdict] = self.counts.get(verdict, 0) + 1

    def add(self, other):
        for verdict, count in other.counts.items():
            self.counts[verdict] = self.counts.get(verdict, 0) + count
        self.wrong += other.wrong
        self.programs += other.programs

    def share(self, *verdicts):
        total = sum(self.counts.values())
        return sum(self.counts.get(each, 0) for each in verdicts) / total if total else 0.0

    def __str__(self):
        parts = [f"{verdict} {count}" for verdict, count in sorted(self.counts.items())]
        return f"{self.programs} programs, {sum(self.counts.values())} lines: " + ", ".join(parts)


def play(base, seed, plain=False, **kinds):
    """One program: its report."""
    report = Report()
    kind = PlainProgram if plain else Program
    program = kind(pathlib.Path(base) / str(seed), seed, **kinds)
    program.run()
    program.judge(report)
    report.programs = 1
    report.done = program.done
    return report
