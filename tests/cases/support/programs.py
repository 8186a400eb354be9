"""Random programs of what happens to a working tree: edits by an agent's tools, its shell commands, a
person's edits, git's operations and rewinds, with a model beside them that keeps the true states."""
import hashlib
import os
import random
import shutil
import subprocess
import time

from support.scratch import Claude, Scratch, git

NAMES = ["a.txt", "b.txt", "c.sh", "d1/e.txt", "d1/f.txt", "d1/g/h.txt", "d2", "d2/i.txt", "d3/j",
         "d1", "umlaut-\u00e4.txt", "with space.txt"]
LEFT_OUT = ["x.log", "d1/y.log", "build/out.o", "d2/z.log", ".env", "d4/.env"]
IGNORE = "*.log\nbuild/\n"


class Difference(AssertionError):
    pass


def is_left_out(path):
    return path.endswith(".log") or path.startswith("build/") or os.path.basename(path) == ".env"


class Program:
    def __init__(self, template, base, seed):
        self.random = random.Random(seed)
        self.seed = seed
        shutil.copytree(template, base, symlinks=True)
        self.world = Scratch.__new__(Scratch)
        self.world.stand_at(base)
        self.root = self.world.repo
        self.log = []
        self.states = []  # (target words, snapshot)
        self.sessions = []
        self.steps = {}   # session id: number of calls so far
        self.session = None
        self.counter = 0
        self.seen = {}    # the tree at the newest look at all of it
        self.unsure = {}  # target words: what may stand there instead, for nobody saw it
        self.open = []    # of file tools since that look: (target words, what they did not see)
        self.undone = None  # what the tree was before the newest rewind

    # --- the truth
    def snapshot(self):
        recorded, left_out = {}, {}
        for folder, folders, files in os.walk(self.root):
            if folder == str(self.root):
                folders.remove(".git")
            for name in files + [f for f in folders if os.path.islink(os.path.join(folder, f))]:
                full = os.path.join(folder, name)
                path = os.path.relpath(full, self.root)
                if os.path.islink(full):
                    state = ("link", os.readlink(full))
                else:
                    with open(full, "rb") as file:
                        content = file.read()
                    state = ("x" if os.stat(full).st_mode & 0o100 else "-", content)
                if is_left_out(path):
                    left_out[path] = (state[0], hashlib.sha1(state[1]).digest()
                                      if state[0] != "link" else state[1])
                else:
                    recorded[path] = state
        return recorded, left_out

    def repository(self):
        """What of git's a rewind must not touch."""
        def content(path):
            try:
                return (self.root / ".git" / path).read_bytes()
            except FileNotFoundError:
                return None
        return [content("HEAD"), content("index"), content("MERGE_HEAD"),
                git(self.root, "for-each-ref", "refs/heads", "refs/stash")]

    def fail(self, why, *details):
        lines = "\n".join(f"  {line}" for line in self.log)
        raise Difference(f"seed {self.seed}: {why}\n{lines}\n{details}")

    # --- what happens
    def text(self):
        self.counter += 1
        lines = [f"line {self.random.randrange(5)}" for _ in range(self.random.randrange(6))]
        return "\n".join(lines + [f"number {self.counter}", ""])

    def place(self, path):
        """The path is made possible: what is in its way goes."""
        full = self.root / path
        for parent in reversed(full.relative_to(self.root).parents[:-1]):
            at = self.root / parent
            if at.is_symlink() or (at.exists() and not at.is_dir()):
                at.unlink()
            at.mkdir(exist_ok=True)
        return full

    def can_be_file(self, path):
        full = self.root / path
        return not (full.is_dir() and not full.is_symlink())

    def change(self):
        """A change as a shell command or a person makes it, as a shell text."""
        choice = self.random.randrange(12)
        path = self.random.choice(NAMES)
        quoted = "'" + path + "'"
        folder = "'" + (os.path.dirname(path) or ".") + "'"
        text = self.text()
        make = f"mkdir -p {folder} 2>/dev/null && "
        if choice < 5:
            return f"{make}printf '%s' '{text}' > {quoted}"
        if choice == 5:
            return f"rm -f {quoted}"
        if choice == 6:
            return f"rm -f 'd1/e.txt'; rmdir d1/g d1 2>/dev/null"
        if choice == 7:
            return f"[ -f {quoted} ] && chmod {self.random.choice(['+x', '-x'])} {quoted}"
        if choice == 8:
            other = "'" + self.random.choice(NAMES) + "'"
            return f"[ -f {quoted} ] && [ ! -d {other} ] && mv {quoted} {other}"
        if choice == 9:
            return f"[ ! -d {quoted} ] && {make}ln -sfn target-{self.counter} {quoted}"
        if choice == 10:
            # a folder becomes a file, or the other way round; what is ignored in it is the person's
            return ("if [ -f d2 ] || [ -L d2 ]; then rm d2; mkdir d2; echo in > d2/i.txt; "
                    "elif [ -d d2 ]; then rm -rf d2; echo file > d2; fi")
        return f"{make}printf '%s' '{text}' >> {quoted}"

    def run(self, command):
        subprocess.run(["sh", "-c", command], cwd=self.root, env=self.world.env,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def begin_session(self):
        self.session = Claude(self.world, f"{self.seed:08x}-0000-4000-8000-{len(self.sessions):012d}")
        self.sessions.append(self.session)
        self.steps[self.session.session] = 0
        self.turn = 0
        self.look()
        self.session.start()
        self.in_turn = False
        self.log.append(f"session {self.session.session}")

    def begin_turn(self):
        self.look()
        self.session.prompt(f"prompt {self.turn}")
        self.turn += 1
        self.in_turn = True

    def end_turn(self):
        self.look()
        self.session.stop()
        self.in_turn = False
        self.states.append((f"{self.session.session}:{self.turn}", self.snapshot()[0]))
        self.log.append(f"end of turn {self.turn}")

    def look(self, *paths):
        """All of the tree is looked at, or some paths. What changed unseen before a file tool and is
        not there any more, or was touched since, may be taken for what had been seen before."""
        now = self.snapshot()[0]
        for words, unseen in self.open:
            for path in paths or list(unseen):
                then, before, changed = unseen.pop(path, (now.get(path), None, self.changed(path)))
                if then != now.get(path) or changed != self.changed(path):
                    self.unsure[words][path] = before
        if paths:
            for path in paths:
                self.seen[path] = now.get(path)
        else:
            self.seen = now
            self.open = []

    def changed(self, path):
        """When the file changed in any way, its mode too, as the file system tells."""
        try:
            return os.lstat(self.root / path).st_ctime_ns
        except OSError:
            return None

    def step_done(self, tool_path=None):
        number = self.steps[self.session.session] = self.steps[self.session.session] + 1
        words = f"{self.session.session}.{number}"
        truth = self.snapshot()[0]
        self.states.append((words, truth))
        if not tool_path:
            return self.look()
        self.look(tool_path)
        unseen = {path: (truth.get(path), self.seen.get(path), self.changed(path))
                  for path in {*truth, *self.seen} if truth.get(path) != self.seen.get(path)}
        # When a file went tells nobody.
        self.unsure[words] = {path: before for path, (then, before, _) in unseen.items()
                              if then is None}
        self.open.append((words, unseen))

    def do_shell(self):
        command = "; ".join(self.change() for _ in range(self.random.randrange(1, 4)))
        self.log.append(f"shell: {command!r}")
        self.look()
        self.session.bash("{ " + command + "; } 2>/dev/null; true")
        self.step_done()

    def do_write(self):
        path = self.random.choice(NAMES)
        full = self.root / path
        blocked = any((self.root / p).is_symlink() or (self.root / p).is_file()
                      for p in list(full.relative_to(self.root).parents)[:-1])
        if blocked or not self.can_be_file(path) or full.is_symlink():
            return
        text = self.text()
        self.log.append(f"write: {path} {text!r}")
        self.look(path)
        self.session.write(path, text)
        self.step_done(tool_path=path)

    def run_by_person(self, command):
        # No two writers within one tick of the kernel's: a file's time could not tell them apart.
        time.sleep(0.01)
        self.run(command)
        time.sleep(0.01)

    def do_person(self):
        command = self.change()
        self.log.append(f"person: {command!r}")
        self.run_by_person(command)

    def do_left_out(self):
        path = self.random.choice(LEFT_OUT)
        full = self.root / path
        if any((self.root / p).is_symlink() or (self.root / p).is_file()
               for p in list(full.relative_to(self.root).parents)[:-1]):
            return
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(self.text())
        self.log.append(f"left out: {path}")

    def do_git(self):
        command = self.random.choice([
            "git add -A && git commit -qm more", "git commit -qam tracked", "git stash -q",
            "git stash pop -q", "git checkout -q -b side$RANDOM", "git checkout -q main",
            "git add -A", "git reset -q", "git checkout -q -- .",
            "git commit -q --amend --allow-empty -m amended"])
        self.log.append(f"git: {command}")
        if self.in_turn and self.random.random() < 0.5:
            self.look()
            self.session.bash(f"{{ {command}; }} >/dev/null 2>&1; true")
            self.step_done()
        else:
            self.run_by_person(command)

    # --- rewinds
    def baton(self, *words):
        self.log.append("baton " + " ".join(words))
        return self.world.baton(*words)

    def guarded(self, *words):
        """Runs a rewind; what it must never touch is compared."""
        self.look()
        before, left_out = self.snapshot()
        repository = self.repository()
        done = self.baton(*words)
        after, left_after = self.snapshot()
        self.look()
        if left_after != left_out:
            self.fail("a file that was left out was touched", left_out, left_after)
        if self.repository() != repository:
            self.fail("git's own was touched")
        if done.returncode not in (0, 1):
            self.fail(f"exit status {done.returncode}", done.out, done.err)
        if done.returncode == 1 and after != before:
            self.fail("refused, and changed", done.err, self.compare(before, after))
        return done, before, after

    @staticmethod
    def compare(expected, found):
        return {path: (expected.get(path), found.get(path))
                for path in sorted({*expected, *found})
                if expected.get(path) != found.get(path)}

    def in_the_way(self, target):
        """Whether a file that is left out lies where the target has a file."""
        _, left_out = self.snapshot()
        for path in left_out:
            parts = path.split("/")
            if any("/".join(parts[:i]) in target for i in range(1, len(parts) + 1)):
                return True
        return False

    def do_rewind(self):
        if not self.states:
            return
        words, target = self.random.choice(self.states)
        blocked = self.in_the_way(target)
        self.look()
        plan = self.baton("rewind", words, "--dry-run", "--force")
        done, before, after = self.guarded("rewind", words)
        if done.returncode == 1:
            done, before, after = self.guarded("rewind", words, "--force")
            if done.returncode == 1:
                if not blocked:
                    self.fail("refused for no reason", done.out, done.err)
                return
        if plan.returncode != 0:
            self.fail("the dry run said no", plan.out, plan.err)
        difference = self.compare(target, after)
        for path, state in self.unsure.get(words, {}).items():
            if path in difference and after.get(path) == state:
                del difference[path]
        if difference:
            self.fail(f"not the state of {words}", difference, done.out, done.err)
        self.undone = before if before != after else self.undone
        self.last = before != after

    def do_undo(self):
        if self.undone is None:
            return
        before, _ = self.snapshot()
        done, before, after = self.guarded("undo")
        if done.returncode == 1:
            return
        if self.fresh:
            difference = self.compare(self.undone, after)
            if difference:
                self.fail("undo is not what was before", difference, done.out, done.err)
            self.undone = before
            self.last = before != after

    def do_step_back(self):
        """One step taken back: files that nobody changed since are as before it, others stay."""
        steps = [(w, i) for i, (w, _) in enumerate(self.states) if "." in w]
        if not steps:
            return
        words, _ = self.random.choice(steps)
        done, before, after = self.guarded("rewind", "--step", words)
        if done.returncode == 0:
            touched = set(self.world.json("show", words)["step"].get("paths", [])) \
                if False else None
            self.undone = before if before != after else self.undone

    def do_checkpoint(self):
        name = f"point-{self.counter}"
        self.counter += 1
        self.look()
        done = self.baton("checkpoint", name)
        if done.returncode != 0:
            self.fail("no checkpoint", done.err)
        self.states.append((name, self.snapshot()[0]))

    def play(self, length):
        self.begin_session()
        for _ in range(length):
            kind = self.random.choices(
                ["turn", "shell", "write", "person", "left", "git", "rewind", "undo", "step_back",
                 "checkpoint", "session"],
                [4, 8, 6, 4, 2, 3, 6, 3, 2, 1, 1])[0]
            self.fresh = kind == "undo" and self.last
            self.last = False
            if kind in ("shell", "write") and not self.in_turn:
                self.begin_turn()
            if kind == "turn" and self.in_turn:
                self.end_turn()
            elif kind == "session" and not self.in_turn:
                self.begin_session()
            elif kind == "shell":
                self.do_shell()
            elif kind == "write":
                self.do_write()
            elif kind == "person":
                self.do_person()
            elif kind == "left":
                self.do_left_out()
            elif kind == "git":
                self.do_git()
            elif kind == "rewind":
                self.do_rewind()
            elif kind == "undo":
                self.do_undo()
            elif kind == "step_back":
                self.do_step_back()
            elif kind == "checkpoint":
                self.do_checkpoint()

    last = False   # the newest thing was a rewind that changed something
    fresh = False


def template(base):
    world = Scratch(base)
    world.write(".gitignore", IGNORE)
    for name in ["a.txt", "b.txt", "d1/e.txt", "d1/g/h.txt"]:
        world.write(name, f"first of {name}\nsecond\nthird\n")
    world.write("c.sh", "#!/bin/sh\n", 0o755)
    world.commit("Files")
    world.write("x.log", "a log\n")
    world.write("build/out.o", "an object\n")
    world.write(".env", "TOKEN=not-to-be-kept\n")
    world.write("untracked.txt", "a person's\n")
    return world
