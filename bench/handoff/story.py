"""One scripted session or several: played through the real `baton hook` in a real repository, while what
is true of them is written down beside it, never read back from baton."""
import contextlib
import dataclasses
import hashlib
import json
import pathlib
import subprocess
import sys
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "cases"))

from support.scratch import Scratch, git  # noqa: E402

SETTLE = 0.024  # seconds: what is read sooner after a write may have been caught in the middle of it


@dataclasses.dataclass
class Step:
    """One tool call, as it was."""
    session: "Actor"
    number: int
    turn: int
    kind: str  # read, edit, shell, plan, subagent
    outcome: str = "ok"  # ok, failed, refused, interrupted
    command: str = ""
    status: int | None = None
    output: str = ""
    reads: list = dataclasses.field(default_factory=list)
    changes: dict = dataclasses.field(default_factory=dict)  # path: (before, after); None: not there
    run: dict | None = None  # verdict, failing, passed, failed, skipped, partial, kind

    @property
    def key(self):
        return self.session.hash, self.number


@dataclasses.dataclass
class Question:
    category: str
    ask: str
    headings: tuple
    strings: tuple  # all in one line; a tuple among them is a choice


class Story:
    def __init__(self, base, name, facts):
        self.name = name
        self.facts = facts
        self.world = Scratch(base)
        (self.world.home / ".codex").mkdir(exist_ok=True)
        self.actors = []
        self.steps = []
        self.prompts = []   # (actor, turn, text)
        self.transcript = []
        self.questions = []
        self.outside_at = []  # (path, before, after, steps before it): changes that no step made
        self.claims = []    # (sentence, verdict)
        self.ranges = []    # the words of a range, for the handoff of one
        self.base_commit = self.head()
        self.final = ""

    # --- the world
    def head(self):
        return git(self.world.repo, "rev-parse", "HEAD").strip()

    def project(self, modules, files=()):
        """The first state: modules with their tests, committed on main."""
        for module in modules:
            self.world.write(module.path, module.source())
            self.world.write(module.test, module.test_source())
        for path, content in dict(files).items():
            self.world.write(path, content)
        self.world.commit("The project as it was")
        self.base_commit = self.head()

    def branch(self, name):
        git(self.world.repo, "checkout", "-q", "-b", name)
        return self

    def content(self, path):
        file = self.world.repo / path
        return file.read_text() if file.is_file() else None

    def person(self, path, content):
        """Somebody edits a file by hand."""
        before = self.content(path)
        if content is None:
            (self.world.repo / path).unlink()
        else:
            self.world.write(path, content)
        self.by_nobody(path, before, content)
        time.sleep(SETTLE)

    def by_nobody(self, path, before, after):
        self.outside_at.append((path, before, after, len(self.steps) - 0.5))

    def commit(self, message):
        self.world.commit(message)

    # --- agents
    def claude(self):
        return self._actor(ClaudeActor(self))

    def codex(self):
        return self._actor(CodexActor(self))

    def _actor(self, actor):
        self.actors.append(actor)
        return actor

    def say(self, *lines):
        """Adds to the transcript. What one call says stands in one line there, so that an answer can be
        found in it as a whole."""
        self.transcript.append(" | ".join(part for line in lines for part in line.split("\n")))

    # --- questions
    def ask(self, category, ask, headings, *strings):
        self.questions.append(Question(category, ask, headings if isinstance(headings, tuple)
                                       else (headings,), strings))

    # --- what is true in the end
    def net_changes(self):
        """{path: (first before, last after)} of all that steps changed and that did not come to
        nothing; others' changes of the same path count too."""
        nets = {}
        for step in self.steps:
            for path, (before, after) in step.changes.items():
                nets[path] = (nets[path][0] if path in nets else before, after)
        for path in nets:
            nets[path] = (nets[path][0], self.content(path))
        return {path: net for path, net in nets.items() if net[0] != net[1]}

    def numstat(self, before, after):
        with contextlib.ExitStack() as stack:
            import tempfile
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            (folder / "a").write_text(before or "")
            (folder / "b").write_text(after or "")
            done = subprocess.run(["git", "diff", "--no-index", "--numstat", "a", "b"], cwd=folder,
                                  stdout=subprocess.PIPE, text=True)
        added, removed = (done.stdout.split()[:2] if done.stdout else ("0", "0"))
        return int(added), int(removed)


class Actor:
    """What sessions of all agents have in common: the truth about them."""
    agent = ""

    def __init__(self, story, session, parent=None):
        self.story, self.world, self.session, self.parent = story, story.world, session, parent
        self.hash = hashlib.sha256(self.agent.encode() + b"\0" + session.encode()).hexdigest()
        self.count = 0
        self.turn = 0
        self.words = ""
        self.began = False
        self.last_message = ""
        self.plan = ()  # (text, status) each, as the newest call has it

    def address(self, number=None):
        """As handoffs write it: the shortest prefix, here always four digits (see `run.py`)."""
        return self.hash[:4] + (f".{number}" if number else "")

    def note(self, kind, **fields):
        self.count += 1
        step = Step(self, self.count, self.turn, kind, **fields)
        self.story.steps.append(step)
        return step

    # --- one call each; subclasses deliver them
    def prompt(self, text):
        self.turn += 1
        if not self.parent:
            self.story.prompts.append((self, self.turn, text))
        self.story.say("", f"user: {text}", "")
        self.deliver_prompt(text)
        return self

    def says(self, text):
        """The agent's words before its next call."""
        self.story.say(f"assistant: {text}")
        self.deliver_words(text)
        return self

    def read(self, path):
        self.story.say(f"> Read {path}", self.story.content(path) or "")
        step = self.note("read", reads=[path])
        self.deliver_read(path)
        return step

    def edit(self, path, old, new):
        before = self.story.content(path)
        assert before.count(old) == 1, (path, old, before.count(old))
        return self._change("edit", path, before, before.replace(old, new), old, new)

    def write(self, path, content):
        return self._change("write", path, self.story.content(path), content, None, content)

    def _change(self, how, path, before, after, old, new):
        self.story.say(f"> {how} {path}", *(f"- {line}" for line in (old or "").splitlines()),
                       *(f"+ {line}" for line in new.splitlines()))
        step = self.note("edit", changes={path: (before, after)})
        self.deliver_edit(path, before, after, old, new)
        return step

    def shell(self, command, output="", status=0, effect=None, run=None, reads=()):
        """A command with this output. `effect`: what it does to files, as {path: content or None} or
        as a real command line ("really" runs it)."""
        step = self.note("shell", command=command, status=status, output=output, run=run,
                         reads=list(reads), outcome="failed" if status else "ok")
        self.deliver_shell(step, effect)
        self.story.say(f"> {command}", step.output,
                       *([f"exit code {status}"] if status else []))
        return step

    def run(self, command, passed, failing=(), skipped=(), partial=False, output=None, status=None,
            verdict=None, kind="test"):
        """A run of the project's tests."""
        from facts import run_output
        text, code = run_output(self.story.facts.language, passed, failing, skipped)
        if output is not None:
            text = output
        if status is not None:
            code = status
        return self.shell(command, text, code, run=dict(
            verdict=verdict or ("failed" if code else "passed"), failing=[n for n, _ in failing],
            passed=passed, failed=len(failing), skipped=len(skipped), partial=partial, kind=kind))

    def apply(self, step, effect):
        """Changes the files as the command does."""
        if effect is None:
            return
        if isinstance(effect, str):
            paths = git(self.world.repo, "ls-files", "-co", "--exclude-standard").split("\n")
            before = {path: self.story.content(path) for path in paths if path}
            done = subprocess.run(["bash", "-c", effect], cwd=self.world.repo, env=self.world.env,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert done.returncode == (step.status or 0), (effect, done.stdout)
            step.output = step.output or done.stdout.decode()
            now = git(self.world.repo, "ls-files", "-co", "--exclude-standard").split("\n")
            for path in set(before) | {path for path in now if path}:
                pair = before.get(path), self.story.content(path)
                if pair[0] != pair[1]:
                    step.changes[path] = pair
        else:
            for path, content in effect.items():
                step.changes[path] = (self.story.content(path), content)
                if content is None:
                    (self.world.repo / path).unlink()
                else:
                    self.world.write(path, content)
        time.sleep(SETTLE)

    def git(self, command):
        """A git command that puts other content in place: git's change, not the agent's."""
        step = self.shell(command, effect=command)
        for path, (before, after) in step.changes.items():
            self.story.by_nobody(path, before, after)
        step.changes = {}
        return step

    def stop(self, message):
        self.last_message = message
        self.story.final = message
        self.story.say(f"assistant: {message}")
        self.deliver_stop(message)
        return self


class ClaudeActor(Actor):
    agent = "claude-code"

    def __init__(self, story, session=None, parent=None, agent_id=None):
        super().__init__(story, session or str(uuid.uuid4()), parent)
        if parent:
            self.claude = parent.claude
        else:
            self.claude = story.world.claude(self.session)
            self.claude.keep_file()
        self.agent_id = agent_id

    @contextlib.contextmanager
    def as_self(self):
        self.claude.agent_id = self.agent_id
        try:
            yield self.claude
        finally:
            self.claude.agent_id = None

    def line(self, kind, **fields):
        if self.agent_id:
            return
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
        with open(self.claude.file, "a") as out:
            out.write(json.dumps({
                "type": kind, "uuid": str(uuid.uuid4()), "timestamp": stamp,
                "cwd": self.claude.cwd, "sessionId": self.session, "isSidechain": False,
                "promptId": self.claude.prompt_id, **fields}) + "\n")

    def block(self, block):
        self.line("assistant", message={"id": f"msg_{uuid.uuid4().hex[:12]}", "type": "message",
                                        "role": "assistant", "model": "claude-opus-5-5",
                                        "content": [block]})

    def deliver_prompt(self, text):
        if not self.began:
            self.claude.start()
            self.began = True
        self.claude.prompt_id = str(uuid.uuid4())
        self.line("user", message={"role": "user", "content": text})
        self.claude.send("UserPromptSubmit", prompt=text)

    def deliver_words(self, text):
        self.block({"type": "text", "text": text})

    def call(self, tool, given):
        call = self.claude.call_id()
        self.block({"type": "tool_use", "id": call, "name": tool, "input": given})
        return call

    def deliver_read(self, path):
        with self.as_self() as claude:
            claude.read(path)

    def deliver_edit(self, path, before, after, old, new):
        file = self.world.repo / path
        with self.as_self() as claude:
            if old is None:
                given = {"file_path": str(file), "content": after}
                call = claude.before("Write", given, self.call("Write", given))
            else:
                given = {"file_path": str(file), "old_string": old, "new_string": new,
                         "replace_all": False}
                call = claude.before("Edit", given, self.call("Edit", given))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(after)
            if old is None:
                claude.after(call, "Write", given, {
                    "type": "update" if before is not None else "create", "filePath": str(file),
                    "content": after, "structuredPatch": [], "originalFile": before})
            else:
                claude.after(call, "Edit", given, {
                    "filePath": str(file), "oldString": old, "newString": new,
                    "originalFile": before, "structuredPatch": [], "userModified": False,
                    "replaceAll": False})

    def deliver_shell(self, step, effect):
        given = {"command": step.command, "description": "Run it"}
        with self.as_self() as claude:
            call = claude.before("Bash", given, self.call("Bash", given))
            self.apply(step, effect)
            if step.status:
                claude.failed(call, "Bash", given, f"Exit code {step.status}\n{step.output}",
                              duration_ms=40)
            else:
                claude.after(call, "Bash", given, {
                    "stdout": step.output, "stderr": "", "interrupted": False, "isImage": False,
                    "noOutputExpected": False}, duration_ms=40)

    def todo(self, *items):
        """The whole plan: (text, status) each."""
        self.plan = items
        self.story.say("> TodoWrite", *(f"[{status}] {text}" for text, status in items))
        step = self.note("plan")
        given = {"todos": [{"content": text, "status": status, "activeForm": text}
                           for text, status in items]}
        call = self.claude.before("TodoWrite", given, self.call("TodoWrite", given))
        self.claude.after(call, "TodoWrite", given,
                          {"oldTodos": [], "newTodos": given["todos"]})
        return step

    def refused(self, command, why):
        """A call that a rule refuses."""
        self.story.say(f"> {command}", why)
        step = self.note("shell", command=command, outcome="refused", output=why)
        given = {"command": command, "description": "Run it"}
        call = self.claude.before("Bash", given, self.call("Bash", given))
        self.claude.send("PostToolBatch", tool_calls=[
            {"tool_name": "Bash", "tool_input": given, "tool_use_id": call, "tool_response": why}])
        return step

    def interrupted_shell(self, command):
        """A command during which the user stops the turn."""
        self.story.say(f"> {command}", "[Request interrupted by user for tool use]")
        step = self.note("shell", command=command, outcome="interrupted")
        given = {"command": command, "description": "Run it"}
        self.claude.before("Bash", given, self.call("Bash", given))
        self.line("user", message={"role": "user", "content": [
            {"type": "text", "text": "[Request interrupted by user for tool use]"}]})
        return step

    def subagent(self, description, prompt):
        """A subagent; to be used as an actor, then `joined`."""
        self.story.say(f"> Agent {description}", prompt)
        self.note("subagent")
        given = {"description": description, "prompt": prompt, "subagent_type": "general-purpose"}
        agent_id = f"a{self.story.facts.random.getrandbits(60):015x}"
        sub = ClaudeActor(self.story, f"{self.session}/{agent_id}", parent=self, agent_id=agent_id)
        sub.turn = 1
        sub.call_given = self.claude.before("Agent", given, self.call("Agent", given)), given
        self.story.actors.append(sub)
        with sub.as_self() as claude:
            claude.send("SubagentStart")
        return sub

    def joined(self, answer):
        with self.as_self() as claude:
            claude.send("SubagentStop", stop_hook_active=False, last_assistant_message=answer,
                        agent_transcript_path="")
        call, given = self.call_given
        self.claude.after(call, "Agent", given, {
            "status": "completed", "prompt": given["prompt"], "agentId": self.agent_id,
            "agentType": "general-purpose", "content": [{"type": "text", "text": answer}]})
        self.story.say(answer)

    def compacted(self, summary):
        self.claude.send("PreCompact", trigger="auto", custom_instructions=None)
        self.line("user", isCompactSummary=True, message={"role": "user", "content": summary})
        self.claude.send("PostCompact", trigger="auto", compact_summary=summary)
        self.claude.send("SessionStart", source="compact")
        self.story.transcript.clear()  # the agent's context now begins here
        self.story.say(summary)

    def deliver_stop(self, message):
        self.block({"type": "text", "text": message})
        self.claude.stop(message)
        self.claude.end()

    def end_turn(self, message):
        """The end of a turn that is not the session's."""
        self.last_message = self.story.final = message
        self.story.say(f"assistant: {message}")
        self.block({"type": "text", "text": message})
        self.claude.stop(message)


class CodexActor(Actor):
    agent = "codex"

    def __init__(self, story):
        super().__init__(story, str(uuid.uuid4()))
        day = time.strftime("%Y/%m/%d", time.gmtime())
        self.file = story.world.home / ".codex/sessions" / day / f"rollout-{self.session}.jsonl"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.turn_id = None
        self.ordinal = 0
        self.line("session_meta", {"session_id": self.session, "id": self.session,
                                   "cwd": str(self.world.repo), "cli_version": "0.169.0"})

    def line(self, kind, payload):
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
        with open(self.file, "a") as out:
            out.write(json.dumps({"timestamp": stamp, "ordinal": self.ordinal, "type": kind,
                                  "payload": payload}) + "\n")
        self.ordinal += 1

    def send(self, event, **fields):
        payload = {"session_id": self.session, "transcript_path": str(self.file),
                   "cwd": str(self.world.repo), "hook_event_name": event, "model": "gpt-6.1-sol",
                   "permission_mode": "bypassPermissions"}
        if self.turn_id:
            payload["turn_id"] = self.turn_id
        self.world.hook({**payload, **fields}, agent="codex")

    def deliver_prompt(self, text):
        if not self.began:
            self.send("SessionStart", source="startup")
            self.began = True
        self.turn_id = str(uuid.uuid4())
        self.line("turn_context", {"turn_id": self.turn_id, "cwd": str(self.world.repo),
                                   "model": "gpt-6.1-sol"})
        self.send("UserPromptSubmit", prompt=text)
        self.line("response_item", {
            "type": "message", "id": f"msg_{uuid.uuid4()}", "role": "user",
            "content": [{"type": "input_text", "text": text}],
            "internal_chat_message_metadata_passthrough": {
                "turn_id": self.turn_id, "content_item_kinds": ["user.text"]}})

    def deliver_words(self, text):
        self.line("response_item", {
            "type": "message", "status": "completed", "id": f"msg_{uuid.uuid4().hex[:9]}",
            "role": "assistant", "content": [{"type": "output_text", "text": text}],
            "internal_chat_message_metadata_passthrough": {"turn_id": self.turn_id}})

    def item(self, item):
        self.line("event_msg", {"type": "item_completed", "thread_id": self.session,
                                "turn_id": self.turn_id, "item": item})

    def tool(self, name, given, answer, between=None, item=None):
        call = f"call_{uuid.uuid4().hex[:16]}"
        self.line("response_item", {"type": "function_call", "name": name, "call_id": call,
                                    "arguments": json.dumps(given)})
        self.send("PreToolUse", tool_name=name, tool_input=given, tool_use_id=call)
        if between:
            between()
        if item:
            self.item(dict(item(), id=call))
        self.send("PostToolUse", tool_name=name, tool_input=given,
                  tool_response=answer() if callable(answer) else answer, tool_use_id=call)

    def read(self, path):
        """Codex reads by commands."""
        step = self.shell(f"cat {path}", self.story.content(path), reads=[path])
        return step

    def deliver_shell(self, step, effect):
        self.tool("Bash", {"command": step.command}, lambda: step.output,
                  lambda: self.apply(step, effect),
                  lambda: {"type": "CommandExecution", "command": ["/bin/bash", "-lc", step.command],
                           "cwd": f"file://{self.world.repo}", "parsed_cmd": [
                               {"type": "read", "cmd": step.command, "name": path, "path": path}
                               for path in step.reads] or [{"type": "unknown", "cmd": step.command}],
                           "status": "failed" if step.status else "completed",
                           "aggregated_output": step.output, "exit_code": step.status,
                           "duration": {"secs": 0, "nanos": 5_000_000}})

    def deliver_edit(self, path, before, after, old, new):
        if old is None and before is None:
            patch = f"*** Begin Patch\n*** Add File: {path}\n" + \
                "".join(f"+{line}\n" for line in after.splitlines()) + "*** End Patch\n"
        else:
            # Whole lines around the change.
            if old is None:
                old, new = before, after
            start = before.index(old)
            begin = before.rfind("\n", 0, start) + 1
            end = before.find("\n", start + len(old) - (1 if old.endswith("\n") else 0))
            tail = before[start + len(old):end] if end >= start + len(old) else ""
            removed = (before[begin:start] + old + tail).rstrip("\n")
            added = (before[begin:start] + new + tail).rstrip("\n")
            patch = f"*** Begin Patch\n*** Update File: {path}\n@@\n" + \
                "".join(f"-{line}\n" for line in removed.split("\n")) + \
                "".join(f"+{line}\n" for line in added.split("\n")) + "*** End Patch\n"

        def apply():
            file = self.world.repo / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(after)

        self.tool("apply_patch", {"command": patch},
                  f"Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following "
                  f"files:\n{'M' if before is not None else 'A'} {path}\n", apply)

    def todo(self, *items):
        self.plan = items
        self.story.say("> update_plan", *(f"[{status}] {text}" for text, status in items))
        step = self.note("plan")
        self.tool("update_plan", {"plan": [{"step": text, "status": status}
                                           for text, status in items]}, "Plan updated")
        return step

    def deliver_stop(self, message):
        self.deliver_words(message)
        self.send("Stop", stop_hook_active=False, last_assistant_message=message)
