"""A scratch world for black-box cases: a home, a real git repository, the real binary, and an agent
that says what the test wants it to say."""
import json
import os
import pathlib
import shutil
import subprocess
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[3]
BATON = os.environ.get("BATON", str(ROOT / "build/release/baton"))


def git(repo, *words, check=True, **extra):
    """git as a person would run it; returns its output."""
    env = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C", **extra)
    done = subprocess.run(["git", "-C", str(repo), "-c", "user.name=Robin",
                           "-c", "user.email=robin@example.invalid", *words],
                          env=env, check=check, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.decode(errors="surrogateescape")


class Scratch:
    """A home and a repository below one temporary folder."""

    def __init__(self, base, store=True, git_repo=True, object_format="sha1"):
        self.stand_at(base)
        (self.home / ".claude").mkdir(parents=True)
        self.repo.mkdir()
        if git_repo:
            git(self.repo, "init", "-q", "-b", "main", f"--object-format={object_format}", ".")
            git(self.repo, "config", "user.name", "Robin")
            git(self.repo, "config", "user.email", "robin@example.invalid")
            self.write("README.md", "a project\n")
            self.commit("Begin")
        if store:
            self.baton("init", "--agent", "claude-code", check=True)

    def stand_at(self, base):
        self.base = pathlib.Path(base)
        self.home = self.base / "home"
        self.repo = self.base / "repo"
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("BATON_", "CLAUDE", "CODEX", "GIT_", "XDG_"))}
        self.env.update(HOME=str(self.home), GIT_CONFIG_NOSYSTEM="1", LC_ALL="C", PAGER="cat",
                        BATON_INJECT="false")  # sessions are to begin in silence

    def copy_to(self, base):
        """Another world that is as this one is now."""
        shutil.copytree(self.base, base, symlinks=True)
        other = Scratch.__new__(Scratch)
        other.stand_at(base)
        return other

    # --- the world
    def write(self, path, content, mode=None):
        file = self.repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        if mode is not None:
            file.chmod(mode)
        return file

    def read(self, path):
        return (self.repo / path).read_bytes()

    def commit(self, message):
        git(self.repo, "add", "-A")
        git(self.repo, "commit", "-q", "--allow-empty", "-m", message)

    def sh(self, command, cwd=None):
        subprocess.run(["sh", "-c", command], cwd=cwd or self.repo, env=self.env, check=True,
                       stdout=subprocess.DEVNULL)

    @property
    def store(self):
        return self.repo / ".git" / "baton"

    # --- baton
    def baton(self, *words, cwd=None, check=False, env=None, stdin=b"", confined=None, binary=BATON):
        """`confined`: what the process does to itself before it becomes baton (support/sandbox.py)."""
        done = subprocess.run([binary, *words], cwd=cwd or self.repo, env=dict(self.env, **(env or {})),
                              input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=confined)
        done.out = done.stdout.decode(errors="replace")
        done.err = done.stderr.decode(errors="replace")
        if check:
            assert done.returncode == 0, (words, done.returncode, done.out, done.err)
        return done

    def json(self, *words, cwd=None, check=True):
        done = self.baton(*words, "--json", cwd=cwd, check=check)
        return json.loads(done.out)

    def hook(self, payload, agent="claude-code", cwd=None, env=None, check=True):
        """Delivers one event; the hook must be silent and exit 0."""
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        done = self.baton("hook", agent, cwd=cwd, env=env, stdin=raw)
        if check:
            assert done.returncode == 0, done
            assert done.stdout == b"" and done.stderr == b"", done
        return done

    def claude(self, session=None, cwd=None):
        return Claude(self, session or str(uuid.uuid4()), cwd)

    def codex(self, session=None, cwd=None):
        return Codex(self, session or str(uuid.uuid4()), cwd)

    # --- the record, read as a stranger would
    def lines(self, agent="claude-code", session=None, store=None):
        """All journal lines (parsed) of an agent's sessions, in order of their time."""
        found = []
        base = (store or self.store) / "sessions" / agent
        for file in sorted(base.glob("*/events.jsonl")):
            for raw in file.read_bytes().split(b"\n"):
                if raw:
                    line = json.loads(raw)
                    if session is None or line["e"]["session"] == session:
                        found.append(line)
        return sorted(found, key=lambda line: (line["e"]["t"], line["e"]["n"]))

    def transitions(self, **which):
        """Every transition of every line, with the event that saw it."""
        found = []
        for line in self.lines(**which):
            for seen in line["e"].get("obs", []):
                for change in seen.get("tr", []):
                    found.append(dict(change, event=line["e"]["event"], line=line))
        return found

    def gaps(self, **which):
        return [gap for line in self.lines(**which) for gap in line["e"].get("gap", [])]

    def store_bytes(self):
        """All bytes below the store, as they lie there."""
        return b"".join(f.read_bytes() for f in sorted(self.store.rglob("*")) if f.is_file())


class Claude:
    """A session of Claude Code in the form of its recorded payloads."""
    agent = "claude-code"

    def __init__(self, world, session, cwd=None):
        self.world = world
        self.session = session
        self.cwd = str(cwd or world.repo)
        self.prompt_id = None
        self.calls = 0
        self.agent_id = None
        self.file = None

    def keep_file(self):
        """From now on the session has a file of its own, as the agent would write it."""
        self.file = self.world.home / ".claude" / "projects" / f"{self.session}.jsonl"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.touch()
        return self

    def file_line(self, kind, **fields):
        if self.file:
            now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000Z"
            line = {"type": kind, "uuid": str(uuid.uuid4()), "timestamp": now, "cwd": self.cwd,
                    "sessionId": self.session, "promptId": self.prompt_id, **fields}
            with open(self.file, "a") as out:
                out.write(json.dumps(line) + "\n")

    def event(self, name, **fields):
        payload = {"session_id": self.session, "transcript_path": str(self.file or ""),
                   "cwd": self.cwd,
                   "permission_mode": "acceptEdits", "hook_event_name": name}
        if self.prompt_id:
            payload["prompt_id"] = self.prompt_id
        if self.agent_id:
            payload["agent_id"] = self.agent_id
            payload["agent_type"] = "general-purpose"
        payload.update(fields)
        return payload

    def send(self, name, **fields):
        return self.deliver(self.event(name, **fields))

    def deliver(self, payload):
        return self.world.hook(payload, agent=self.agent, cwd=self.cwd)

    def start(self, source="startup"):
        self.send("SessionStart", source=source)
        return self

    def prompt(self, text):
        self.prompt_id = str(uuid.uuid4())
        self.file_line("user", message={"role": "user", "content": text})
        self.send("UserPromptSubmit", prompt=text)
        return self

    def stop(self, message="Done."):
        self.send("Stop", stop_hook_active=False, last_assistant_message=message)
        return self

    def end(self, reason="other"):
        self.send("SessionEnd", reason=reason)
        return self

    def call_id(self):
        self.calls += 1
        return f"toolu_{self.session[:8]}_{self.calls:03d}"

    def path(self, path):
        return os.path.join(self.cwd, path)

    # Each tool in two halves, so that a test can do something in between.
    def before(self, tool, tool_input, call=None):
        call = call or self.call_id()
        self.send("PreToolUse", tool_name=tool, tool_input=tool_input, tool_use_id=call)
        return call

    def after(self, call, tool, tool_input, response, **more):
        self.send("PostToolUse", tool_name=tool, tool_input=tool_input, tool_response=response,
                  tool_use_id=call, **more)

    def failed(self, call, tool, tool_input, error, **more):
        self.send("PostToolUseFailure", tool_name=tool, tool_input=tool_input, error=error,
                  tool_use_id=call, is_interrupt=False, **more)

    def read(self, path):
        given = {"file_path": self.path(path)}
        call = self.before("Read", given)
        text = pathlib.Path(self.path(path)).read_bytes().decode(errors="replace")
        lines = text.count("\n")
        self.after(call, "Read", given, {"type": "text", "file": {
            "filePath": self.path(path), "content": text, "numLines": lines, "startLine": 1,
            "totalLines": lines}})
        return call

    def edit(self, path, old, new, between=None, after_write=None):
        """The edit tool: exact text, once. `between` runs before the tool reads the file,
        `after_write` after it has written it."""
        file = pathlib.Path(self.path(path))
        given = {"file_path": str(file), "old_string": old, "new_string": new, "replace_all": False}
        call = self.before("Edit", given)
        if between:
            between()
        original = file.read_bytes().decode()
        assert original.count(old) == 1, (path, old)
        file.write_bytes(original.replace(old, new).encode())
        if after_write:
            after_write()
        self.after(call, "Edit", given, {
            "filePath": str(file), "oldString": old, "newString": new, "originalFile": original,
            "structuredPatch": [], "userModified": False, "replaceAll": False})
        return call

    def write(self, path, content):
        file = pathlib.Path(self.path(path))
        given = {"file_path": str(file), "content": content}
        call = self.before("Write", given)
        original = file.read_text() if file.exists() else None
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        self.after(call, "Write", given, {
            "type": "update" if original is not None else "create", "filePath": str(file),
            "content": content, "structuredPatch": [], "originalFile": original})
        return call

    def bash(self, command, during=None, call=None, cwd=None):
        given = {"command": command, "description": "Run it"}
        call = self.before("Bash", given, call)
        self.finish_bash(call, given, cwd)
        return call

    def finish_bash(self, call, given, cwd=None):
        began = time.monotonic()
        done = subprocess.run(["bash", "-c", given["command"]], cwd=cwd or self.cwd,
                              env=self.world.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = done.stdout.decode(errors="replace")
        took = int((time.monotonic() - began) * 1000)
        if done.returncode:
            self.failed(call, "Bash", given, f"Exit code {done.returncode}\n{text}",
                        duration_ms=took)
        else:
            self.after(call, "Bash", given, {"stdout": text, "stderr": "", "interrupted": False,
                                             "isImage": False, "noOutputExpected": False},
                       duration_ms=took)


class Codex(Claude):
    """A session of the Codex CLI: its answers are plain text, and say nothing of an exit status or of
    a file's content."""
    agent = "codex"

    def event(self, name, **fields):
        payload = super().event(name, **fields)
        payload["turn_id"] = payload.pop("prompt_id", "turn-0")
        payload["model"] = "m-1"
        return payload

    def patch(self, path, old, new):
        return {"command": "\n".join(["*** Begin Patch", f"*** Update File: {path}", "@@",
                                      *("-" + line for line in old.splitlines()),
                                      *("+" + line for line in new.splitlines()), "*** End Patch"])}

    def edit(self, path, old, new, between=None, after_write=None):
        """The patch tool: whole lines."""
        file = pathlib.Path(self.path(path))
        given = self.patch(path, old, new)
        call = self.before("apply_patch", given)
        if between:
            between()
        original = file.read_bytes().decode()
        assert original.count(old) == 1, (path, old)
        file.write_bytes(original.replace(old, new).encode())
        if after_write:
            after_write()
        self.after(call, "apply_patch", given, f"Success. Updated the following files:\nM {path}\n")
        return call

    def write(self, path, content):
        file = pathlib.Path(self.path(path))
        given = {"command": "\n".join(["*** Begin Patch", f"*** Add File: {path}", *(
            "+" + line for line in content.splitlines()), "*** End Patch"])}
        call = self.before("apply_patch", given)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        self.after(call, "apply_patch", given, f"Success. Updated the following files:\nA {path}\n")
        return call

    def finish_bash(self, call, given, cwd=None):
        done = subprocess.run(["bash", "-c", given["command"]], cwd=cwd or self.cwd,
                              env=self.world.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.after(call, "Bash", given, done.stdout.decode(errors="replace"))
