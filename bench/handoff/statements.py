"""Reads a rendered handoff back and holds each statement against what was played.

A line is taken apart into its code spans (S), its citations (C) and the words between them; a rule for the
section says what the words claim, and checks it. A line that no rule reads is reported too, so that nothing is
true only because nobody looked."""
import re

SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
CITE = re.compile(r"\[([0-9a-f]{4,64}(?:[.:]\d+)?(?:, [0-9a-f]{4,64}(?:[.:]\d+)?)*)(?: and \d+ more)?\]")


class Line:
    """One line, taken apart."""

    def __init__(self, text):
        self.text = text
        self.spans, self.cites = [], []

        def span(match):
            inside = match[2]
            if len(inside) > 2 and inside[0] == inside[-1] == " " and inside.strip():
                inside = inside[1:-1]
            self.spans.append(inside.replace("⏎", "\n"))
            return "S"

        def cite(match):
            self.cites.append(match[1].split(", "))
            return "C"

        self.shape = CITE.sub(cite, SPAN.sub(span, text))


def said(whole, shown):
    """Whether what is shown is the text, or its beginning where it was cut."""
    whole, shown = whole.replace("\t", " ").rstrip("\n"), shown.rstrip("\n")
    return whole == shown or (shown.endswith("…") and whole.startswith(shown[:-1]))


class Checker:
    def __init__(self, story):
        self.story = story
        self.wrong, self.unread = [], []
        self.steps = {step.key: step for step in story.steps}
        self.order = {id(step): at for at, step in enumerate(story.steps)}
        self.net = story.net_changes()
        self.attempt = None  # the one that a continued line belongs to

    # --- places
    def actor(self, address):
        found = [a for a in self.story.actors if a.hash.startswith(address.split(".")[0].split(":")[0])]
        return found[0] if len(found) == 1 else None

    def step(self, address):
        actor = self.actor(address)
        return self.steps.get((actor.hash, int(address.split(".")[1]))) \
            if actor and "." in address else None

    def exists(self, address):
        actor = self.actor(address)
        if not actor:
            return False
        if "." in address:
            return self.step(address) is not None
        return ":" not in address or 1 <= int(address.split(":")[1]) <= actor.turn

    def person_turn(self, address):
        actor = self.actor(address)
        return next((text for a, turn, text in self.story.prompts
                     if a is actor and turn == int(address.split(":")[1])), None)

    # --- the sections
    def run(self, text):
        section, block = "", None
        lines = text.split("\n")
        for at, raw in enumerate(lines):
            if block is not None:
                if raw.strip() == block[0]:
                    self.quoted(section, block[1], "\n".join(block[2]))
                    block = None
                else:
                    block[2].append(raw[2:] if raw.startswith("  ") else raw)
                continue
            fence = re.fullmatch(r"  (`{3,})text", raw)
            if fence:
                block = (fence[1], Line(lines[at - 1]), [])
                continue
            if raw.startswith("## "):
                section = raw[3:].lower()
                continue
            if not raw.strip():
                continue
            line = Line(raw)
            for cites in line.cites:
                for address in cites:
                    self.hold(self.exists(address), line, f"no such place: {address}")
            name = next((n for n in self.RULES if n and section.startswith(n)), "" if not section else None)
            if not self.read(name, line):
                self.unread.append(f"{section}: {line.shape} <- {raw}")
        return self.wrong, self.unread

    def read(self, name, line):
        for shape, rule in self.RULES.get(name, []) + self.ANYWHERE:
            if re.fullmatch(shape, line.shape):
                try:
                    rule(self, line)
                except (AttributeError, IndexError, TypeError):  # words that it does not expect
                    return False
                return True
        return False

    def hold(self, true, line, why):
        if not true:
            self.wrong.append(f"{why}: {line.text.strip()}")

    def quoted(self, section, line, body):
        """A fenced text and the citation above it."""
        source = line.cites[0][0] if line.cites else ""
        whole = None
        if section.startswith(("task", "constraint")):
            whole = self.person_turn(source)
        elif section.startswith("last message"):
            actor = self.actor(source)
            whole = actor.last_message if actor else None
        self.hold(whole is not None and "\n".join(whole.strip().split("\n")[:30]).startswith(
            body.strip("\n")[:200]), line, "not what was said")

    def nothing(self, line):
        pass

    def session(self, line):
        match = re.match(r"- session C: ([\w-]+)(?: S)?(?:, subagent(?: S)? of C)?(?:, \w+, (\d+) turns?, "
                         r"(\d+) steps?)?", line.shape)
        actor = self.actor(line.cites[0][0])
        self.hold(actor and actor.agent == match[1], line, "not this agent")
        if match[2]:
            self.hold(int(match[2]) == (0 if actor.parent else actor.turn) and
                      int(match[3]) == actor.count, line, "not so many")

    def now(self, line):
        """Where the repository stands."""
        from story import git
        repo = self.story.world.repo
        match = re.match(r"- now(?: on S)? at ([0-9a-f]+)", line.shape)
        self.hold(git(repo, "rev-parse", "HEAD").startswith(match[1]), line, "another HEAD")
        dirty = git(repo, "status", "--porcelain", "-uall")
        for path in line.spans[line.shape.count("on S"):]:
            self.hold(path in dirty, line, f"{path} is committed")
        number = re.search(r"(\d+) files? not committed", line.shape)
        self.hold(not number or int(number[1]) == len(dirty.splitlines()), line, "not so many")

    def prompt(self, line):
        text = self.person_turn(line.cites[0][0])
        self.hold(text is not None and said(text.strip(), line.spans[0]), line, "not this prompt")

    def plan_item(self, line):
        states = {}
        for actor in self.story.actors:
            for text, status in getattr(actor, "plan", []):
                states[text] = status
        status = "completed" if "[x]" in line.shape else "pending"
        if "(S)" in line.shape:
            status = line.spans[1]
        self.hold(states.get(line.spans[0]) == status, line, "not the plan")
        step = self.step(line.cites[0][0])
        self.hold(step and step.kind == "plan", line, "no step of the plan")

    # --- tests
    def changed_after(self, step):
        """{path: who} of changes after a run that are not its own."""
        found = {}
        at = self.order[id(step)]
        for later in self.story.steps[at + 1:]:
            for path in later.changes:
                found[path] = later
        for path, _, _, position in self.story.outside_at:
            if position > at:
                found.setdefault(path, None)
        return found

    def task(self, line):
        """One of a range: how its tests stand."""
        match = re.match(r"- S C: tests (never run|failed|unknown|partial|stale|tree not known|fresh)", line.shape)
        actors = [self.actor(address) for address in line.cites[0]]
        runs = [s for s in self.story.steps if s.run and s.run["kind"] == "test" and s.session in actors]
        if match[1] == "never run":
            return self.hold(not runs, line, "tests did run")
        step = self.step(line.cites[1][0])
        self.hold(step in runs, line, "no run of its own")
        verdict = {"failed": "failed", "unknown": "unknown"}.get(match[1], "passed")
        self.hold(step.run["verdict"] == verdict, line, "not its verdict")
        if match[1] == "stale":
            self.hold(bool(self.changed_after(step)), line, "nothing changed since")
        since = line.text.split("; changed since:")
        for path in re.findall(r"`+([^`]+)`+ (?:\[|\()", since[1].split(";")[0] if len(since) > 1 else ""):
            self.hold(path in self.changed_after(step), line, f"{path} did not change since")

    def verification(self, line):
        match = re.match(r"- (never run|failed|unknown|partial|stale|tree not known|fresh): ", line.shape)
        state = match[1]
        runs = [s for s in self.story.steps if s.run and s.run["kind"] == "test"]
        if state == "never run":
            return self.hold(not runs, line, "tests did run")
        step = self.step(line.cites[0][0])
        if not step or not step.run:
            return self.hold(False, line, "no run of tests")
        self.hold(said(step.command, line.spans[0]), line, "another command")
        changed = self.changed_after(step)
        verdict = {"failed": "failed", "unknown": "unknown"}.get(state, "passed")
        self.hold(step.run["verdict"] == verdict, line, "not its verdict")
        if state == "fresh":
            self.hold(not changed and not step.run["partial"], line, "not fresh")
        if state == "stale":
            self.hold(bool(changed), line, "nothing changed since")
        if state == "partial":
            self.hold(step.run["partial"], line, "not partial")
        since = line.text.split("; changed since:")
        if len(since) > 1:
            for path, rest in re.findall(r"`+([^`]+)`+ (\[[^\]]+\]|\(\w+\))", since[1]):
                self.hold(path in changed, line, f"{path} did not change since")
                if rest.startswith("["):
                    by = self.step(rest[1:-1])
                    self.hold(by and path in by.changes and
                              self.order[id(by)] > self.order[id(step)], line, f"{rest} did not change {path}")
                else:
                    self.hold(any(path == p for p, *_ in self.story.outside_at), line,
                              f"nobody outside changed {path}")
        elif "no recorded file changed since" in line.text:
            self.hold(not changed, line, f"changed since: {sorted(changed)}")

    def test_run(self, line):
        match = re.match(r"- (?:(build|lint) )?(passed|failed|verdict unknown)( \(a part\))?, "
                         r"exit (?:status (unknown)|(\d+))((?:, \d+ \w+)*): S C", line.shape)
        step = self.step(line.cites[0][0])
        if not match or not step or not step.run:
            return self.hold(False, line, "no run")
        self.hold((match[1] or "test") == step.run["kind"], line, "not its kind")
        self.hold(match[2].replace("verdict ", "") == step.run["verdict"], line, "not its verdict")
        self.hold(bool(match[3]) == step.run["partial"], line, "partial or not")
        self.hold(match[5] is None or int(match[5]) == step.status, line, "not its exit status")
        self.hold(said(step.command, line.spans[0]), line, "not its command")
        for number, word in re.findall(r", (\d+) (\w+)", match[6]):
            self.hold(step.run.get(word) == int(number), line, f"not the number of {word}")
        shape = line.shape.split("; changed before the next run:")[0].split("; perhaps also:")[0]
        shown = line.spans[1:shape.count("S")]
        if "; failing:" not in shape:
            self.errors(line, [step], shown)
            shown = []
        for name in shown:
            self.hold(any(name in known or known in name for known in step.run["failing"]), line,
                      f"{name} did not fail")
        later = line.text.split("; perhaps also:")[0].split("; changed before the next run:")
        for path, rest in re.findall(r"`+([^`]+)`+ (\[[^\]]+\]|\(\w+\))", later[1] if len(later) > 1 else ""):
            by = self.step(rest[1:-1]) if rest.startswith("[") else None
            self.hold(by is not None and path in by.changes or
                      any(path == p for p, *_ in self.story.outside_at), line, f"{path} was not changed then")

    def not_checked(self, line):
        name = line.spans[0]
        known = [n for s in self.story.steps if s.run for n in s.run.get("skipping", [])]
        targets = ["test", "lint"]
        self.hold(name in known or any(t in name for t in targets), line, "no such check")

    # --- attempts
    def tried(self, line, steps, spans):
        for text in spans:
            if text == "…" or not text:
                continue
            sign, rest = text[0], text[1:].rstrip("…")
            sides = [content or "" for step in steps for pair in step.changes.values()
                     for content in ([pair[0]] if sign == "-" else [pair[1]])]
            self.hold(sign in "+-" and any(rest.replace("\t", " ") in side.replace("\t", " ")
                                           for side in sides), line, f"not tried: {text}")

    def attempt_edit(self, line):
        steps = [self.step(a) for a in line.cites[0]]
        self.attempt = line
        if not all(steps):
            return self.hold(False, line, "no such step")
        if "C (" in line.shape:  # some of them are named, all are meant
            steps = [s for s in self.story.steps if s.changes]
        paths = line.shape[:line.shape.index("C")].count("S")
        for path in line.spans[:paths]:
            self.hold(any(path in step.changes for step in steps), line, f"{path} was not changed there")
        self.tried(line, steps, line.spans[paths:])

    def attempt_failed(self, line):
        step = self.step(line.cites[0][0])
        match = re.search(r"exit (\d+)", line.shape)
        if not step:
            return self.hold(False, line, "no such step")
        self.hold(said(step.command, line.spans[0]) and (not match or int(match[1]) == step.status) and
                  step.outcome == "failed", line, "it did not fail so")
        self.errors(line, [step], line.spans[1:])

    def errors(self, line, steps, spans):
        for text in spans:
            self.hold(any(text.rstrip("…") in step.output for step in steps), line,
                      f"not in the output: {text}")

    def attempt_call(self, line):
        steps = [self.step(a) for a in line.cites[0]]
        self.attempt = line
        word = "refused" if "refused: " in line.shape else "failed"
        match = re.search(r"exit (\d+)", line.shape)
        times = re.search(r"(\d+) times", line.shape)
        if not all(steps):
            return self.hold(False, line, "no such step")
        self.hold(any(said(s.command, line.spans[0]) for s in steps), line, "another command")
        self.hold(all(s.outcome == word for s in steps), line, f"not {word}")
        self.hold(not match or all(s.status == int(match[1]) for s in steps), line, "not its exit status")
        self.hold(not times or int(times[1]) == len(steps), line, "not so often")
        self.errors(line, steps, line.spans[1:])

    def replaced(self, line):
        steps = [self.step(a) for a in line.cites[0]]
        if not all(steps):
            return self.hold(False, line, "no such step")
        before = line.shape[:line.shape.index("C")].count("S")
        for command in line.spans[:before]:
            self.hold(any(said(s.command, command) and s.outcome == "ok" for s in steps), line,
                      "that did not work")
        self.tried(line, steps, line.spans[before:])

    def taken_back(self, line):
        match = re.search(r"taken back (?:\((\w+)\)|C)", line.shape)
        if match and match[1] in ("git", "outside"):
            self.hold(bool(self.story.outside_at), line, "nobody took it back")
        for text in line.spans:
            self.hold(any(text.rstrip("…") in words for words in self.story.transcript), line,
                      "words that nobody said")

    # --- files, commands
    def change(self, line):
        path = line.spans[0]
        if path not in self.net:
            return self.hold(False, line, "not changed in the end")
        before, after = self.net[path]
        match = re.match(r"- S( new| deleted)?(?: binary)?(?: \+(\d+) -(\d+))?", line.shape)
        self.hold((match[1] == " new") == (before is None) and
                  (match[1] == " deleted") == (after is None), line, "new, deleted or neither")
        if match[2]:
            self.hold((int(match[2]), int(match[3])) == self.story.numstat(before, after), line,
                      f"not {self.story.numstat(before, after)}")
        if line.cites:
            cited = [self.step(a) for a in line.cites[0]]
            self.hold(all(s and path in s.changes for s in cited), line, "steps that did not change it")
        last = [int(n) for n in re.findall(r"\d+", (line.text.split("; line") + [""])[1].split(";")[0])]
        self.hold(after is None or not last or max(last) <= after.count("\n") + 1, line, "no such line")
        for word in re.findall(r"also changed by: (\w+)", line.shape):
            self.hold(any(path == p for p, *_ in self.story.outside_at), line, f"nobody else: {word}")

    def command(self, line):
        match = re.search(r" exit (\d+)", line.shape)
        if not line.cites:
            return self.hold(any(said(s.command, line.spans[0]) and (not match or int(match[1]) == s.status)
                                 for s in self.story.steps), line, "no such command")
        step = self.step(line.cites[0][0])
        if not step:
            return self.hold(False, line, "no such step")
        self.hold(said(step.command, line.spans[0]), line, "another command")
        self.hold(not match or int(match[1]) == step.status, line, "not its exit status")

    def reads(self, line):
        if len(line.cites) < len(line.spans):
            for path in line.spans:
                self.hold(any(path in s.reads for s in self.story.steps), line, f"nobody read {path}")
            return
        for path, cites in zip(line.spans, line.cites):
            for address in cites:
                step = self.step(address)
                self.hold(step and path in step.reads, line, f"{address} did not read {path}")

    def rollback(self, line):
        command = line.spans[0]
        named = re.search(r"([0-9a-f]{4,}(?:\.\d+)?)\^", command)
        self.hold(bool(named) and self.exists(named[1]), line, "no such place to go back to")
        if not named:
            return
        if line.shape.startswith("- last green"):
            green = [s for s in self.story.steps if s.run and s.run["kind"] == "test"
                     and s.run["verdict"] == "passed"]
            self.hold(green and self.step(named[1]) is green[-1], line, "not the last green run")
        elif line.shape.startswith("- session start"):
            self.hold("." not in named[1], line, "not a session's start")

    def open_item(self, line):
        if line.shape.startswith("- plan: S"):
            match = re.fullmatch(r"(.*) \((\w+)\)", line.spans[0], re.S)
            states = {t: s for a in self.story.actors for t, s in getattr(a, "plan", [])}
            self.hold(match and states.get(match[1]) == match[2], line, "not in the plan")
        elif "newest run" in line.shape:
            step = self.step(line.cites[0][0])
            self.hold(step and step.run and step.run["verdict"] != "passed", line, "it did not fail")
        elif "interrupted" in line.shape:
            actor = self.actor(line.cites[0][0])
            self.hold(actor and (not actor.last_message or any(
                s.outcome == "interrupted" for s in self.story.steps if s.session is actor)), line,
                "not interrupted")

    def message(self, line):
        actor = self.actor(line.cites[0][0])
        self.hold(actor and said(actor.last_message.strip(), line.spans[0]), line, "not said")

    # --- judgements
    def words_said(self):
        return "\n".join(actor.last_message for actor in self.story.actors)

    def claim(self, line):
        verdict = re.match(r"- (supported|contradicted|stale|not verified): ", line.shape)[1]
        text = line.spans[0].rstrip("…")
        self.hold(text.split("\n")[0] in self.words_said(), line, "nobody said that")
        label = dict(self.story.claims).get(line.spans[0])
        if label:
            self.hold(verdict in label, line, f"it is {label}")
        else:  # all else that the scripts' agents say is true
            self.hold(verdict != "contradicted", line, "it is true")

    def forbade(self, path):
        """Whether a prompt says not to touch the file."""
        return any(path in text and re.search(r"(?i)(do not|don't|never|without) (touch|chang|edit)|leave ", text)
                   for _, _, text in self.story.prompts)

    KINDS = {
        "forbidden": lambda self, path, net: self.forbade(path),
        "deletion": lambda self, path, net: net[1] is None,
        "test": lambda self, path, net: "test" in path,
        "ci": lambda self, path, net: ".github/" in path,
        "lock-file": lambda self, path, net: "lock" in path,
        "configuration": lambda self, path, net: path.rsplit(".", 1)[-1] in ("yml", "json", "toml", "ini"),
        "generated": lambda self, path, net: False,
        "never-read": lambda self, path, net: self.unread_before(path),
        "area": lambda self, path, net: not self.asked_for(path),
    }

    def unread_before(self, path):
        """Whether the file was changed before anybody read it."""
        for step in self.story.steps:
            if path in step.reads:
                return False
            if path in step.changes:
                return True
        return True

    def asked_for(self, path):
        """Whether the words of the user or the plan name the file or what it is about."""
        words = " ".join([text for _, _, text in self.story.prompts] +
                         [text for a in self.story.actors for text, _ in a.plan])
        stem = path.rsplit("/", 1)[-1].split(".")[0].replace("test_", "").replace("_test", "")
        return path in words or stem.lower() in re.findall(r"[a-z]+", words.lower())

    def surprise(self, line):
        kind = re.match(r"- not asked for \(([^)]*)\)", line.shape)[1]
        kind = {"another area": "area", "configuration": "configuration", "lock file": "lock-file",
                "never read": "never-read"}.get(kind, kind)
        path = line.spans[0]
        net = self.net.get(path)
        self.hold(net is not None, line, "not changed")
        rule = self.KINDS.get(kind)
        self.hold(rule is not None and net is not None and rule(self, path, net), line, "not of that kind")
        step = self.step(line.cites[0][0])
        self.hold(step and path in step.changes, line, "that step did not change it")

    def risk(self, line):
        paths = [span for span in line.spans if span in self.net]
        if ": S" in line.shape and "claim" not in line.shape and line.spans and "/" in line.spans[0]:
            self.hold(line.spans[0] in self.net, line, "not changed")
        if "assertion" in line.shape or "expects" in line.shape or "skipped" in line.shape:
            self.hold(any("test" in path for path in paths), line, "no test of these")
        if "newest run of tests failed" in line.shape:
            runs = [s for s in self.story.steps if s.run and s.run["kind"] == "test"]
            self.hold(runs and runs[-1].run["verdict"] == "failed", line, "it did not fail")
        if "never read" in line.shape or "without reading" in line.shape:
            for path in paths:
                self.hold(not any(path in s.reads for s in self.story.steps), line, "it was read")

    def missing_check(self, line):
        if line.shape.startswith("- nobody ran"):
            command = line.spans[0]
            self.hold(not any(s.command == command for s in self.story.steps), line, "it was run")
            self.hold(command in ("make test", "make lint") or "/ci" in line.text, line, "no such check")
        else:
            self.hold(any(s.run and s.run["skipped"] for s in self.story.steps), line, "none was skipped")

    def constraint(self, line):
        self.hold(any(line.spans[0].rstrip("…") in text for _, _, text in self.story.prompts), line,
                  "nobody asked for that")

    def words_before(self, line):
        self.hold(any(line.spans[-1].rstrip("…").split("\n")[0] in words for words in self.story.transcript),
                  line, "words that nobody said")

    def by_others(self, line):
        self.hold(any(line.spans[0] == path for path, *_ in self.story.outside_at), line,
                  "nobody else changed it")

    def deviation(self, line):
        named = " ".join(text for a in self.story.actors for text, _ in a.plan)
        if "not in" in line.shape or "does not name" in line.shape:
            self.hold(line.spans[0] in self.net, line, "not changed")
            self.hold(line.spans[0] not in named, line, "the plan names it")
        else:
            touched = line.spans[0] in self.net
            self.hold(not touched, line, "it was touched")

    def said_words(self, line):
        """A sentence of the agent's."""
        text = line.spans[-1].rstrip("…")
        self.hold(any(text in words for words in self.story.transcript) or text in self.words_said(), line,
                  "words that nobody said")

    def open_words(self, line):
        """What the last message says is not done, or asks."""
        self.hold(line.spans[0].rstrip("…") in self.words_said(), line, "nobody said that")

    ANYWHERE = [(r"- \d+ (?:more|earlier).*", nothing), (r"Left out.*", nothing)]
    RULES = {
        "": [(r"# Handoff.*", nothing), (r"(?:Text in code|Code) marks.*", nothing), (r"- now.*", now), (r"- worktree S.*", nothing),
             (r"- session C: .*", session)],
        "tasks": [(r"- S C: tests .*", task)],
        "task": [(r"- S C", prompt), (r"- C", nothing), (r"  \(\d+ more lines?: S\)", nothing)],
        "constraints": [(r"- S C.*", constraint), (r"- C", nothing)],
        "open": [(r"- said (?:not done|open).*: S C", open_words), (r"- .*question.*: S C", open_words),
                 (r"- .*C", open_item)],
        "plan": [(r"- \[[x ]\] S(?: \(S\))? C", plan_item), (r"- .*: S C|- .* S C", deviation)],
        "tests": [(r"- (?:never run|failed|unknown|partial|stale|tree not known|fresh): .*", verification),
                  (r"- (?:build |lint )?(?:passed|failed|verdict unknown).*", test_run)],
        "claims": [(r"- (?:supported|contradicted|stale|not verified): S C.*", claim)],
        "assumptions": [(r"- the agent's words: S C", said_words), (r"- note(?: by S)?: S C", nothing)],
        "worked under": [(r"- instructions: .*", nothing), (r"- baton's handoff.*", nothing),
                         (r"- a hook's words \(S\): S C", nothing)],
        "risks": [(r"- .*", risk)],
        "failed attempts": [(r"- changed S(?:, S)*(?: and \d+ more)? C(?: \(\d+ steps\))?(?:: .*)?", attempt_edit),
                            (r"  then S failed, exit .*C.*", attempt_failed),
                            (r"- (?:refused|failed): .*C.*", attempt_call),
                            (r"  (?:replaced by|what worked:) .*C.*", replaced),
                            (r"  taken back .*", taken_back)],
        "changed": [(r"- S by .*", by_others), (r"- S.*", change), (r"  the agent's words before C: S", words_before)],
        "scope": [(r"- not asked for \([^)]*\): S C", surprise)],
        "not checked": [(r"- (?:nobody ran|skipped): S.*", missing_check)],
        "commands": [(r"- S .*", command)],
        "read": [(r"- S.*", reads)],
        "rollback": [(r"- [a-z ]+: S(?: C)?", rollback)],
        "last message": [(r"- S C", message), (r"- C", nothing), (r"  \(\d+ more lines?: S\)", nothing)],
    }


def check_statements(story, text):
    """(what is false, what no rule here reads)."""
    return Checker(story).run(text)
