"""What agents said and saw is masked before its first byte is written, and what is shown is masked
again. Every byte of the store is searched, decompressed, and every answer of every reader. Secrets are
made at run time, from the forms that the unit tests use."""
import base64
import json
import pathlib
import random
import re
import sqlite3
import string
import time

import pytest
from support import stranger
from support.scratch import ROOT, git

SAMPLES = (ROOT / "tests/unit/secrets_samples.h").read_text()
ALNUM = string.ascii_letters + string.digits
SETS = {"A": ALNUM, "a": string.ascii_lowercase + string.digits, "U": string.ascii_uppercase + string.digits,
        "L": string.ascii_letters, "h": "0123456789abcdef", "d": string.digits, "w": ALNUM + "_-",
        "b": ALNUM + "+/", "2": string.ascii_uppercase + "234567", "n": "bdfghijlmnqrvyz"}
# The forms of vendors' tokens, and how settings are written, as the unit tests list them.
FORMS = re.findall(r'^    \{"(\w+)", "([^"]+)"\},$', SAMPLES, re.M)
NAMES = re.findall(r'^    "([A-Z_]+)",$', SAMPLES, re.M)
assert len(FORMS) > 90 and len(NAMES) > 30


def filled(form, source):
    return re.sub(r"\{(\w)(\d+)(?:-(\d+))?\}", lambda m: "".join(
        source.choice(SETS[m[1]]) for _ in range(int(m[2]))), form)


def private_key(source, kind="RSA "):
    lines = [f"-----BEGIN {kind}PRIVATE " + "KEY-----"]
    lines += ["".join(source.choice(SETS["b"]) for _ in range(64)) for _ in range(9)]
    return "\n".join(lines + [f"-----END {kind}PRIVATE " + "KEY-----"]) + "\n"


class Secrets:
    """One of each kind; `pieces` are what may not be found anywhere: no secret, and no part of it
    that is long enough to be of use."""

    def __init__(self, seed):
        source = random.Random(seed)
        self.tokens = [filled(form, source) for _, form in FORMS]
        self.settings = {name: filled("{A28}", source) for name in NAMES}
        self.key = private_key(source)
        self.url = f"postgres://app:{filled('{A18}', source)}@db.test:5432/app"
        self.url_password = self.url.split(":")[2].split("@")[0]
        self.bearer = filled("{A40}", source)
        self.pieces = [*self.tokens, *self.settings.values(), self.url_password, self.bearer,
                       *self.key.splitlines()[1:-1]]

    def text(self):
        lines = [f"token {token} end" for token in self.tokens]
        lines += [f"export {name}={value}" for name, value in self.settings.items()]
        return "\n".join([*lines, self.url, f"Authorization: Bearer {self.bearer}"]) + "\n" + self.key


def forms_of(secret):
    """How a secret could lie in a file: as it is, escaped as in JSON, backwards compatible base64."""
    raw = secret.encode()
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret).replace("/", "\\/")[1:-1].encode()


def joined(value):
    """What the strings of each list make together, as the text that they may be pieces of."""
    if isinstance(value, dict):
        for each in value.values():
            yield from joined(each)
    elif isinstance(value, list):
        for separator in ("", "\n"):
            yield separator.join(each for each in value if isinstance(each, str))
            yield separator.join(member for each in value if isinstance(each, dict)
                                 for member in each.values() if isinstance(member, str) and
                                 member != each.get("type"))
        for each in value:
            yield from joined(each)


def decompressed(world):
    """{place: bytes} of all that the store holds, and of what its compressed parts hold."""
    found = {}
    for file in world.store.rglob("*"):
        if file.is_file():
            found[str(file.relative_to(world.store))] = file.read_bytes()
    for object_id, content in stranger.objects(world.store, world.repo).items():
        found[f"object {object_id}"] = content
    for name, text in stranger.transcript_texts(world.store).items():
        found[f"transcript {name}"] = text
    for number, line in enumerate([*world.lines(), *world.lines(agent="codex")]):
        found[f"lists of line {number}"] = "\n\n".join(joined(line)).encode()
    for name, lines in stranger.transcripts(world.store).items():
        found[f"lists of transcript {name}"] = "\n\n".join(joined(lines)).encode()
    database = sqlite3.connect(f"file:{world.store / 'index.db'}?mode=ro", uri=True)
    tables = [name for name, in database.execute(
        "select name from sqlite_master where type = 'table' and sql not like 'create virtual%'")]
    assert len(tables) > 10
    for table in tables:
        rows = database.execute(f'select * from "{table}"').fetchall()
        found[f"table {table}"] = b"\n".join(
            value if isinstance(value, bytes) else str(value).encode()
            for row in rows for value in row)
    database.close()
    return found


def assert_nowhere(places, secrets, but=()):
    """`but`: object ids that a file's own content has."""
    assert places
    for place, content in places.items():
        if any(object_id in place for object_id in but):
            continue
        text = content.decode(errors="replace")
        for secret in secrets:
            for form in forms_of(secret):
                if form in content:
                    at = content.index(form)
                    raise AssertionError(f"{place}: ...{content[max(0, at - 80):at + len(form) + 20]!r}")
            # Not a tail or a head of it either, where it is long enough to tell.
            if len(secret) >= 32 and secret[8:-8] in text:
                raise AssertionError(f"{place}: the middle of {secret}")


def shown(world):
    """What every reader says, in every form."""
    log = world.json("log", "--steps")
    addresses = [turn["address"] for turn in log["turns"]]
    addresses += [step["address"] for turn in log["turns"] for step in turn["steps"]]
    addresses += [session["address"] for session in world.json("sessions", "--all")["sessions"]]
    words = [["status"], ["sessions", "--all"], ["log", "--steps"], ["log"], ["doctor"], ["diff"],
             ["diff", "HEAD"], ["fsck"], ["handoff"], ["handoff", "--format", "json"], []]
    words += [["show", address] for address in addresses]
    words += [["show", "--full", address] for address in addresses]
    words += [["search", word] for word in ("token", "export", "postgres", "Authorization", "masked", "end")]
    words += [["blame", path] for path in git(world.repo, "ls-files").split() if path.endswith(".txt")]
    words += [["cat", f"@:{path}"] for path in git(world.repo, "ls-files").split()
              if path.endswith(".txt")]
    words += [["show", "git:HEAD"], ["search", "--kind", "output", "token"]]
    said = {}
    for each in words:
        for form in ([], ["--json"]):
            done = world.baton(*each, *form)
            assert done.returncode in (0, 1), (each, done)
            said["baton " + " ".join(each + form)] = done.stdout + done.stderr
    return said


def exported(world):
    found = {}
    world.baton("export", "@", "--to", str(world.base / "out"), check=True)
    for file in (world.base / "out").rglob("*"):
        if file.is_file():
            found[f"exported {file.name}"] = file.read_bytes()
    world.baton("export", "--git", "taken-along", check=True)
    found["exported commits"] = git(world.repo, "log", "-p", "taken-along").encode()
    return found


def nested(value, depth):
    """The value as JSON inside of a JSON string, to this depth."""
    text = json.dumps(value)
    for _ in range(depth):
        text = json.dumps({"inner": text})
    return text


def deliver_everywhere(world, secrets, agent="claude-code"):
    """A session whose every event holds every secret, in every form in which agents put text."""
    text = secrets.text()
    session = world.claude().keep_file().start()
    world.write("plain.txt", "nothing\n")
    keys = {token: 1 for token in secrets.tokens}

    def hear(payload):
        if agent == "codex":
            payload.update(turn_id="t-1", model="m-1")
        world.hook(payload, agent=agent)

    session.prompt_id = "p-1"
    hear(session.event("UserPromptSubmit", prompt=f"use these:\n{text}"))
    session.file_line("user", message={"role": "user", "content": f"use these:\n{text}"})
    calls = [0]

    def tool(name, given, response, failed=False, **more):
        calls[0] += 1
        call = f"toolu_{calls[0]:03d}"
        hear(session.event("PreToolUse", tool_name=name, tool_input=given, tool_use_id=call))
        if failed:
            hear(session.event("PostToolUseFailure", tool_name=name, tool_input=given, tool_use_id=call,
                               error=f"Exit code 1\n{text}", is_interrupt=False))
        else:
            hear(session.event("PostToolUse", tool_name=name, tool_input=given, tool_use_id=call,
                               tool_response=response, **more))
        session.file_line("assistant", message={"id": f"m{calls[0]}", "role": "assistant", "model": "m-1",
                                                "content": [
            {"type": "text", "text": f"I run it with\n{text}"},
            {"type": "thinking", "thinking": text, "signature": "x"},
            {"type": "tool_use", "id": call, "name": name, "input": given}],
            "usage": {"input_tokens": 1, "output_tokens": 1}})
        session.file_line("user", message={"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": call, "content": [{"type": "text", "text": text}]}]},
            toolUseResult=response)

    out = {"stdout": text, "stderr": text, "interrupted": False, "isImage": False}
    tool("Bash", {"command": f"cat <<'E'\n{text}E", "description": "Show it"}, out)
    tool("Bash", {"command": f"echo {secrets.tokens[0]}"}, out, failed=True)
    # JSON in strings, to any depth; secrets as names of members.
    for depth in (0, 1, 2):
        tool("Bash", {"command": nested({**secrets.settings, "all": text, **keys}, depth)},
             dict(out, stdout=nested({**secrets.settings, "all": text, **keys}, depth)))
    tool("mcp__db__query", {"keys": keys, "settings": secrets.settings, "url": secrets.url,
                            "authorization": f"Bearer {secrets.bearer}", "private_key": secrets.key,
                            "environment": [{"name": name, "value": value}
                                            for name, value in secrets.settings.items()],
                            "argv": ["deploy", "--password", secrets.settings["DB_PASSWORD"],
                                     "--url", secrets.url]},
         [{"type": "text", "text": text}, {"type": "text", "text": json.dumps(keys)}])
    # A name that ends in `id` hides nothing.
    tool("mcp__db__query", {"access_key_id": secrets.tokens[0], "session_id": secrets.tokens[2],
                            "id": secrets.tokens[5]}, {"requestId": secrets.tokens[7]})
    # Split: over the blocks of an answer, and over a list's lines.
    for size in (7, 40):
        chunks = [text[i:i + size] for i in range(0, len(text), size)]
        tool("mcp__shell__run", {"q": "split"}, [{"type": "text", "text": each} for each in chunks])
        tool("mcp__shell__run", {"q": "split"}, {"chunks": chunks})
    tool("mcp__shell__run", {"q": "lines"}, {"lines": ["+" + line for line in text.splitlines()]})
    hear(session.event("Notification", message=text))
    hear(session.event("NewEvent", **{"a": {"b": [text]}, secrets.tokens[3]: text}))
    world.hook(f"not JSON at all: {text}".encode(), agent=agent)
    world.hook(json.dumps(session.event("Stop", last_assistant_message=text)).encode()[:-40], agent=agent)
    hear(session.event("Stop", stop_hook_active=False, last_assistant_message=f"Done:\n{text}"))
    return session


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
@pytest.mark.parametrize("seed", [1])
def test_m1_nothing_of_a_secret_is_kept_or_shown(world, agent, seed):
    secrets = Secrets(seed)
    deliver_everywhere(world, secrets, agent)
    world.json("log")
    assert any("[masked:" in content.decode(errors="replace") for content in decompressed(world).values())
    assert_nowhere(decompressed(world), secrets.pieces)
    assert_nowhere(shown(world), secrets.pieces)
    assert_nowhere(exported(world), secrets.pieces)
    assert "use these" in world.baton("log").out, "what is not secret is kept"
    assert world.baton("search", "use").returncode == 0


@pytest.mark.parametrize("size", [2, 16, 1000])
def test_m1_a_secret_that_is_split(world, size):
    """Over the blocks of an answer, in every form of a list."""
    secrets = Secrets(size)
    text = secrets.text()
    chunks = [text[i:i + size] for i in range(0, len(text), size)]
    session = world.claude().keep_file().start().prompt("split")
    for response in ([{"type": "text", "text": each} for each in chunks],
                     {"content": [{"type": "text", "text": each} for each in chunks]},
                     {"output": chunks}, {"chunks": chunks}, {"stdout": [{"data": each} for each in chunks]},
                     {"lines": text.splitlines()}, [{"line": each} for each in text.splitlines()]):
        call = session.before("mcp__shell__run", {"command": "env"})
        session.after(call, "mcp__shell__run", {"command": "env"}, response)
        session.file_line("user", message={"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": call, "content": response}]}, toolUseResult=response)
    session.stop()
    world.json("log")
    assert_nowhere(decompressed(world), secrets.pieces)
    assert_nowhere(shown(world), secrets.pieces)


def wrapped(text):
    return base64.encodebytes(text.encode()).decode()


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_m1_what_commands_and_tools_make_of_secrets(world, agent):
    """Passwords behind options of one letter, settings of other shells, keys as grep and base64 tell them."""
    source = random.Random(21)
    pieces = []

    def fresh(form="{A28}"):
        pieces.append(filled(form, source))
        return pieces[-1]

    keys = [private_key(source, kind) for kind in ("", "RSA ", "OPENSSH ", "EC ")]
    once = base64.b64encode(keys[2].encode()).decode()
    pieces += [line for key in keys[:2] for line in key.splitlines()[1:-1]]
    pieces += [once[at:at + 60] for at in range(60, len(once) - 60, 60)]
    pieces += [line for line in wrapped(keys[3]).splitlines()[1:-1]]
    # Over the end of what one line of an answer shows, too: grep names the file before each.
    text = "\n".join([
        f"sshpass -p '{fresh()}' ssh h", f"docker login -u me -p {fresh()} registry.test",
        f"mysql -uroot -p{fresh()} shop", f"zip -P {fresh()} a.zip b", f"redis-cli -h c.test -a {fresh()} ping",
        f"set -gx MY_TOKEN {fresh()}", f"setenv MY_TOKEN {fresh()}",
        f"vault login {fresh()}", f"fly secrets set A={fresh()} B='{fresh()}'", f"smbclient //h/s -U me%{fresh()}",
        f"git config --global hub.token {fresh()}", f"echo {fresh()} | wrangler secret put X",
        f"https://x.test/?to=https%3A%2F%2Fy.test%2F%3Ftoken%3D{fresh()}%26a%3D1",
        f"AWS Secret Access Key [None]: {fresh('{A40}')}",
        *(f"deploy/k.pem:{number}:{line}" for number, line in enumerate(keys[0].splitlines(), 1)),
        *(f"deploy/k.pem-{line}" if number else f"deploy/k.pem:{line}"
          for number, line in enumerate(keys[1].splitlines())),
        f"    client-key-data: {once}", wrapped(keys[3]), "the end"])
    session = (world.claude() if agent == "claude-code" else world.codex()).keep_file().start().prompt(text)
    given = {"command": f"cat <<'E'\n{text}\nE"}
    call = session.before("Bash", given)
    session.after(call, "Bash", given, text if agent == "codex" else {"stdout": text, "stderr": text})
    session.file_line("user", message={"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": call, "content": text}]})
    session.stop(text)
    world.json("log")
    assert_nowhere(decompressed(world), pieces)
    assert_nowhere(shown(world), pieces)
    (prompt,) = [turn["prompt"] for turn in world.json("log")["turns"]]
    for kept in ("sshpass -p", "mysql -uroot -p", "redis-cli -h c.test", "client-key-data", "the end"):
        assert kept in prompt


def test_m1_the_lines_of_a_patch(world):
    """An edit tool's answer tells the change line by line."""
    secrets = Secrets(5)
    session = world.claude().keep_file().start().prompt("put the key in")
    world.write("settings.txt", "first\nlast\n")
    lines = secrets.text().splitlines()
    given = {"file_path": str(world.repo / "settings.txt"), "old_string": "first\n",
             "new_string": secrets.text(), "replace_all": False}
    call = session.before("Edit", given)
    world.write("settings.txt", secrets.text() + "last\n")
    response = {
        "filePath": given["file_path"], "oldString": "first\n", "newString": secrets.text(),
        "originalFile": "first\nlast\n", "userModified": False, "replaceAll": False,
        "structuredPatch": [{"oldStart": 1, "oldLines": 2, "newStart": 1, "newLines": len(lines) + 1,
                             "lines": ["-first", *("+" + line for line in lines), " last"]}]}
    session.after(call, "Edit", given, response)
    session.file_line("user", message={"role": "user", "content": []}, toolUseResult=response)
    session.stop()
    world.json("log")
    content = stranger.blob_id((world.repo / "settings.txt").read_bytes())
    places = decompressed(world)
    assert f"object {content}" in places, "a file's own content is kept byte for byte"
    assert_nowhere(places, secrets.pieces, but=[content])
    world.commit("Settings")
    assert_nowhere(shown(world), secrets.pieces)
    assert_nowhere(exported(world), secrets.pieces)
    assert world.baton("cat", "--unmasked", "@:settings.txt").out == secrets.text() + "last\n"


@pytest.mark.parametrize("how", ["written", "edited", "by a command", "by a person", "before"])
def test_m1_what_files_hold_is_masked_on_the_way_out(world, how):
    secrets = Secrets(6)
    text = "line\n" + secrets.text() + "last\n"
    if how == "before":
        world.write("config.txt", text)
        world.commit("Before")
    session = world.claude().keep_file().start().prompt("settings")
    if how == "written":
        session.write("config.txt", text)
    elif how == "edited":
        world.write("config.txt", "line\nlast\n")
        session.edit("config.txt", "line\n", "line\n" + secrets.text())
    elif how == "by a command":
        (world.base / "aside").write_text(text)
        session.bash(f"cp {world.base}/aside config.txt")
    elif how == "by a person":
        world.write("config.txt", text)
    session.read("config.txt")
    session.bash("cat config.txt; git diff; exit 1")
    world.commit("The settings")
    session.prompt("again")
    session.bash("sed -i 's/last/very last/' config.txt; git log -p -1")
    session.stop(secrets.text())
    world.json("log")
    contents = [stranger.blob_id(each.encode()) for each in (
        text, text.replace("last\n", "very last\n"))]
    assert_nowhere(decompressed(world), secrets.pieces, but=contents)
    assert_nowhere(shown(world), secrets.pieces)
    assert_nowhere(exported(world), secrets.pieces)


def test_m1_what_git_tells(world):
    """Messages of commits and names of branches come into the journal by git's log."""
    secrets = Secrets(7)
    session = world.claude().start().prompt("one")
    for token in secrets.tokens[:20]:
        git(world.repo, "commit", "-q", "--allow-empty", "-m", f"Use {token} for now")
        session.prompt("next")
    git(world.repo, "commit", "-q", "--allow-empty", "-m", f"password: {secrets.settings['DB_PASSWORD']}")
    session.bash("true")
    session.stop()
    world.json("log")
    assert_nowhere(decompressed(world), secrets.pieces)
    assert_nowhere(shown(world), secrets.pieces)


# --- M2
def innocents(seed):
    source = random.Random(seed)
    hexes = [filled("{h40}", source) for _ in range(5)] + [filled("{h64}", source) for _ in range(5)]
    uuids = [filled("{h8}-{h4}-4{h3}-a{h3}-{h12}", source) for _ in range(5)]
    image = base64.b64encode(source.randbytes(3000)).decode()
    return [
        *hexes, *uuids, *(f"commit {each}" for each in hexes), *(f"session_id={each}" for each in uuids),
        f"index {hexes[0][:10]}..{hexes[1][:10]} 100644", f"sha256:{hexes[6]}", f"\"integrity\": \"sha512-{image[:86]}==\"",
        f"data:image/png;base64,{image}", f"github.com/pkg/errors v0.9.1 h1:{image[:43]}=",
        "/home/dev/token-service/src/auth/password_reset.py", "src/secrets/key_name.cc", "tests/test_api_key.py",
        "/home/me/.config/tokens/README.md", "node_modules/@scope/secret-santa/index.js",
        "tests/test_auth.py::TestToken::test_password_is_hashed[secret-key]", "com.example.PasswordTest.testApiKey",
        "--- FAIL: TestSecretKeyRotation/api_key=missing (0.00s)", "ok 12 - token_refresh_works",
        "requests==2.31.0", "left-pad@1.3.0", "openssl 3.0.11-1~deb12u2", "lodash-4.17.21.tgz", "v1.22.333-rc.1+build.5",
        "toolu_01A09q90qw90lq917835lq9", "call_abc123DEF456ghi789JKL012", "msg_01XFDUDYJgAACzvnptvVoYEL",
        "2026-01-01T00:00:00.000Z", "if (password == null) return token;", "const token = nextToken(lexer)",
    ]


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_m2_what_is_no_secret_stays(world, agent):
    words = innocents(1)
    text = "\n".join(words)
    session = world.claude().start()
    calls = [{"command": text, "description": text}, {"argv": words}, {each: "passed" for each in words},
             {"blocks": [{"type": "text", "text": each} for each in words]}, {"nested": nested(words, 2)}]

    def hear(name, **fields):
        payload = session.event(name, **fields)
        if agent == "codex":
            payload.update(turn_id="t-1", model="m-1")
        world.hook(payload, agent=agent)
        return payload

    sent = [hear("UserPromptSubmit", prompt=text)]
    for number, given in enumerate(calls):
        sent.append(hear("PreToolUse", tool_name="mcp__x__y", tool_input=given, tool_use_id=f"c{number}"))
        sent.append(hear("PostToolUse", tool_name="mcp__x__y", tool_input=given, tool_use_id=f"c{number}",
                         tool_response={"stdout": text, "list": words, "json": nested(words, 1)}))
    sent.append(hear("Stop", last_assistant_message=text))
    contents = stranger.objects(world.store, world.repo)

    def whole(value):
        if isinstance(value, dict) and "$obj" in value:
            return contents[value["$obj"]].decode()
        if isinstance(value, dict):
            return {key: whole(each) for key, each in value.items()}
        return [whole(each) for each in value] if isinstance(value, list) else value

    kept = [whole(line["p"]) for line in world.lines(agent=agent)][-len(sent):]
    assert kept == sent
    assert b"[masked" not in world.store_bytes()
    said = world.baton("show", "--full", "--json", world.json("log")["turns"][0]["address"])
    assert "[masked" not in said.out
    assert not any(b"[masked" in each for each in shown(world).values())


# --- M3
CREDENTIALS = {
    ".env": "GREETING=what-nobody-may-read-4711\nDB_HOST=db.internal-4711.test\n",
    "deploy/id_rsa": "not even in the form of a key: 4711-4711-4711\n",
    "certs/server.pem": "-----BEGIN CERTIFICATE-----\nc29tZXRoaW5nLTQ3MTEtNDcxMQ==\n-----END CERTIFICATE-----\n",
    ".env.production": "GREETING=also-secret-4711\n",
    "home/.aws/credentials": "[default]\nregion = what-nobody-may-read-4712\n",
    "keys/service-account-prod.json": '{"project": "nobody-may-read-4713"}\n',
}


def withheld_pieces():
    return [piece for text in CREDENTIALS.values() for piece in re.findall(r"[\w.=-]{12,}", text)
            if "4711" in piece or "4712" in piece or "4713" in piece or piece.endswith("==")]


@pytest.mark.parametrize("tracked", [True, False], ids=["tracked", "untracked"])
@pytest.mark.parametrize("how", ["lying there", "written by a person", "by a command", "by the write tool",
                                 "by the edit tool", "by a patch", "read"])
def test_m3_credential_files_are_withheld(make_world, how, tracked):
    world = make_world()
    agent = "codex" if how == "by a patch" else "claude-code"
    pieces = withheld_pieces()
    assert len(pieces) >= 6

    def put(after=""):
        for path, text in CREDENTIALS.items():
            world.write(path, text + after)

    if how in ("lying there", "read") or tracked:
        put()
        if tracked:
            world.commit("Not wise")
    session = world.claude().keep_file().start().prompt("go")
    session.bash("true")
    if how == "written by a person":
        put("more\n")
    elif how == "by a command":
        world.write("aside", "")
        for path, text in CREDENTIALS.items():
            (world.base / "aside").write_text(text + "more\n")
            session.bash(f"mkdir -p {pathlib.Path(path).parent}; cat {world.base}/aside > {path}")
    elif how in ("by the write tool", "read"):
        for path, text in CREDENTIALS.items():
            if how == "read":
                session.read(path)
                response = {"type": "text", "file": {"filePath": session.path(path), "content": text}}
                given = {"file_path": session.path(path)}
            else:
                session.write(path, text + "more\n")
                given = {"file_path": session.path(path), "content": text + "more\n"}
                response = {"type": "create", "filePath": session.path(path), "content": text + "more\n"}
            session.file_line("assistant", message={"id": path, "role": "assistant", "content": [
                {"type": "tool_use", "id": f"x{path}", "name": "Write", "input": given}]})
            session.file_line("user", message={"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": f"x{path}", "content": text}]}, toolUseResult=response)
    elif how == "by the edit tool":
        put()
        for path, text in CREDENTIALS.items():
            session.edit(path, text, text + "more\n")
    elif how == "by a patch":
        patch = ["*** Begin Patch"]
        for path, text in CREDENTIALS.items():
            patch += [f"*** Add File: {path}.x", "+kept", f"*** {'Update' if tracked else 'Add'} File: {path}"]
            patch += ["@@"] * tracked + [f"+{line}" for line in text.splitlines()]
        given = {"command": "\n".join([*patch, "*** End Patch"])}
        for name, more in (("PreToolUse", {}), ("PostToolUse", {"tool_response": "Success."})):
            if more:
                put("more\n")
                for path in CREDENTIALS:
                    world.write(path + ".x", "kept\n")
            payload = session.event(name, tool_name="apply_patch", tool_input=given, tool_use_id="c1", **more)
            payload.update(turn_id="t1", model="m-1")
            world.hook(payload, agent="codex")
    session.bash("true")
    session.stop()
    listed = {each["path"] for each in world.json("status")["skipped"] if each["reason"] == "withheld"}
    if how != "read" or not tracked:
        assert listed >= set(CREDENTIALS), listed
    assert_nowhere(decompressed(world), pieces)
    assert_nowhere({name: text for name, text in shown(world).items()}, pieces)
    world.baton("export", "@", "--to", str(world.base / "out"), check=True)
    for path in CREDENTIALS:
        assert not (world.base / "out" / path).exists() or not tracked
    if how not in ("lying there", "read"):
        changed = [change["p"] for change in world.transitions()] + \
            [change["p"] for change in world.transitions(agent="codex")]
        assert set(changed) >= set(CREDENTIALS), "that they changed is known"
    assert world.baton("fsck").returncode == 0, world.baton("fsck").out


def test_m1_the_session_file_of_codex(world):
    """A rollout tells calls as JSON in strings, and outputs in items and events."""
    secrets = Secrets(8)
    text = secrets.text()
    session = world.codex()
    session.file = world.home / "rollout-s.jsonl"
    session.start().prompt("go")
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    patch = "\n".join(["*** Begin Patch", "*** Add File: keys.txt", *("+" + line for line in text.splitlines()),
                       "*** End Patch"])
    chunks = [text[i:i + 30] for i in range(0, len(text), 30)]
    lines = [
        ("response_item", {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}),
        ("response_item", {"type": "message", "role": "assistant", "content": [
            {"type": "output_text", "text": each} for each in chunks]}),
        ("response_item", {"type": "reasoning", "summary": [{"type": "summary_text", "text": text}]}),
        ("response_item", {"type": "function_call", "name": "exec_command", "call_id": "c1",
                           "arguments": json.dumps({"cmd": f"echo {text}", **secrets.settings})}),
        ("response_item", {"type": "function_call_output", "call_id": "c1",
                           "output": json.dumps({"output": text, "metadata": {"exit_code": 0}})}),
        ("response_item", {"type": "custom_tool_call", "name": "apply_patch", "call_id": "c2", "input": patch}),
        ("response_item", {"type": "custom_tool_call_output", "call_id": "c2", "output": text}),
        ("event_msg", {"type": "agent_message", "message": text}),
        ("event_msg", {"type": "user_message", "message": text}),
        ("event_msg", {"type": "item_completed", "item": {
            "type": "CommandExecution", "id": "c3", "command": ["bash", "-lc", f"echo {text}"], "status": "completed",
            "exit_code": 0, "aggregated_output": text}}),
        ("event_msg", {"type": "item_completed", "item": {
            "type": "FileChange", "id": "c4", "status": "completed", "changes": {
                str(world.repo / "keys.txt"): {"type": "add", "content": text},
                str(world.repo / ".env"): {"type": "add", "content": "GREETING=nobody-may-read-4711\n"}}}}),
        ("compacted", {"message": text})]
    with open(session.file, "a") as file:
        for kind, payload in lines:
            file.write(json.dumps({"timestamp": now, "type": kind, "payload": payload}) + "\n")
    session.stop(text)
    world.json("log")
    assert len(stranger.transcripts(world.store)[session.session]) >= 8, "the lines are kept"
    assert_nowhere(decompressed(world), [*secrets.pieces, "nobody-may-read-4711"])
    assert_nowhere(shown(world), [*secrets.pieces, "nobody-may-read-4711"])
