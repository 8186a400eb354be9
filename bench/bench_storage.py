"""How large a record is, against the files that the agent itself keeps of the same session."""
import json
import random
import time
import uuid

from support import BATON, ROOT, run as command

TITLE = "Storage"
ORDER = 40


class SessionFile:
    """The session file of Claude Code, in the form of recorded ones, with real text in it."""

    def __init__(self, repo, path):
        self.repo = repo
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self.parent = None

    def line(self, kind, message, **fields):
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000Z"
        entry = {"parentUuid": self.parent, "isSidechain": False, "userType": "external", "cwd": str(self.repo.path),
                 "sessionId": "bench", "version": "2.1.0", "gitBranch": "main", "type": kind,
                 "message": message, "uuid": str(uuid.uuid4()), "timestamp": now, **fields}
        self.parent = entry["uuid"]
        with open(self.path, "a") as out:
            out.write(json.dumps(entry) + "\n")

    def call(self, call, result, text):
        """A call and its result, which these files hold twice: for the model and for the screen."""
        usage = {"input_tokens": 9, "cache_read_input_tokens": 20_000, "output_tokens": 80, "service_tier": "standard"}
        self.line("assistant", {"id": f"msg_{call['tool_use_id']}", "type": "message", "role": "assistant",
                                "model": "model-1", "usage": usage,
                                "content": [{"type": "tool_use", "id": call["tool_use_id"],
                                             "name": call["tool_name"], "input": call["tool_input"]}]})
        self.line("user", {"role": "user", "content": [{"tool_use_id": call["tool_use_id"], "type": "tool_result",
                                                        "content": text, "is_error": False}]},
                  toolUseResult=result)


def reading(repo, number, name, text):
    """The payloads around a read of a whole file."""
    call = dict(tool_name="Read", tool_use_id=f"r{number}", tool_input={"file_path": str(repo.path / name)})
    lines = text.count("\n")
    return (repo.payload("PreToolUse", **call),
            repo.payload("PostToolUse", **call, tool_response={"type": "text", "file": {
                "filePath": str(repo.path / name), "content": text, "numLines": lines, "startLine": 1,
                "totalLines": lines}}))


def session(repo, sources, steps, rng, repeats):
    """A session that reads sources, runs commands that print some of them, and edits a file of 32 KB;
    `repeats`: the file's whole content stands in it so often, as after compactions and resumptions."""
    file = SessionFile(repo, repo.path.parent / f"projects-{repeats}/bench.jsonl")
    where = {"transcript_path": str(file.path)}
    edits = repo.edits(steps)

    def say(payload):
        repo.hook(json.dumps(dict(json.loads(payload), **where)).encode())

    for number in range(steps):
        if number % 25 == 0:
            if number:
                say(repo.payload("Stop", last_assistant_message="Done.", stop_hook_active=False))
            say(repo.payload("UserPromptSubmit", prompt=f"part {number}", prompt_id=f"p{number}"))
            file.line("user", {"role": "user", "content": f"part {number}"}, promptId=f"p{number}")
        name = rng.choice(sorted(sources))
        text, content = sources[name], None
        if number % 4 == 0:
            first, second, content = next(edits)
            shown = "The file was edited."
        elif number % 4 == 1:
            first, second = reading(repo, number, name, text)
            shown = "\n".join(f"{n}\t{line}" for n, line in enumerate(text.splitlines(), 1))
        else:
            begin = rng.randrange(max(1, len(text) - 3000))
            shown = text[begin:begin + rng.randrange(200, 6000)]
            first, second = repo.shell(f"sed -n {begin},+40p {name}", shown)
        say(first)
        if content is not None:
            repo.target.write_text(content)
        call = json.loads(second)
        file.call(call, call["tool_response"], shown)
        say(second)
    history = file.path.read_bytes()
    for _ in range(repeats - 1):
        with open(file.path, "ab") as out:
            out.write(history)
    say(repo.payload("Stop", last_assistant_message="Done.", stop_hook_active=False))
    command(BATON, "collect", cwd=repo.path, statuses=(0, 1))
    return file.path


def run(bench):
    steps = 150 if bench.quick else 1000
    for repeats, share, what in ((1, 12, "session file as written"),
                                 (40, 1, "session file that repeats its history 40 times")):
        with bench.repository(100) as repo:
            sources = {f.name: f.read_text() for f in sorted((ROOT / "src").rglob("*.cc"))}
            for name, text in sources.items():
                (repo.path / name).write_text(text)
            # The files' own contents are there before the session begins.
            repo.hook(repo.payload("UserPromptSubmit", prompt="look", prompt_id="look"))
            first = repo.store_size()
            raw = session(repo, sources, steps if repeats == 1 else steps // 4, random.Random(7),
                          repeats).stat().st_size
            kept = repo.store_size() - first - index_size(repo)
            found = command(BATON, "search", "--json", "part", cwd=repo.path, statuses=(0, 1))
            bench.require(json.loads(found)["hits"], "the session cannot be searched")
            percent = 100 * kept / raw
            bench.row(f"{what} ({raw / 1e6:.1f} MB): record, without the index", f"{percent:.1f} %",
                      f"<= {share} %", percent <= share,
                      "A journal's lines are not compressed: about 0.9 KB an event, so short steps weigh most.")


def index_size(repo):
    return sum(f.stat().st_size for f in repo.store.glob("index.db*"))
