"""Reads a store as a stranger would: with docs/format at hand and nothing of baton's."""
import base64
import ctypes
import hashlib
import json
import os
import pathlib
import subprocess

ZEROS = "0" * 32
FIELDS = (b'{"h":"', b'","d":"', b'","e":')
DECODER = json.JSONDecoder()


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).hexdigest()[:32]


# --- journals
def split_line(raw):
    """The parts of a journal line as they stand in it, or None."""
    if not raw.startswith(FIELDS[0]) or not raw.endswith(b"}"):
        return None
    chain, digest_ = raw[6:38], raw[45:77]
    if raw[38:45] != FIELDS[1] or raw[77:83] != FIELDS[2]:
        return None
    text = raw[83:].decode()
    try:
        _, end = DECODER.raw_decode(text)
    except ValueError:
        return None
    header = text[:end].encode()
    rest = raw[83 + len(header):]
    if rest == b"}":
        return chain, digest_, header, None, None
    if not rest.startswith(b',"s":"') or rest[22:28] != b'","p":':
        return None
    return chain, digest_, header, rest[6:22], rest[28:-1]


def journal_lines(file):
    """The complete lines of a journal, as bytes, and whatever follows the last of them."""
    *lines, tail = pathlib.Path(file).read_bytes().split(b"\n")
    return lines, tail


def check_journal(file):
    """Verifies the chain of a whole journal; the parsed headers. A tail that no newline ends is left
    to the next writer."""
    headers = []
    before = ZEROS.encode()
    for number, raw in enumerate(journal_lines(file)[0]):
        parts = split_line(raw)
        assert parts, f"{file}: line {number} has not the form of a line: {raw[:200]!r}"
        chain, digest_, header, salt, payload = parts
        if payload is not None:
            assert digest(salt, payload) == digest_.decode(), f"{file}: payload of line {number}"
            json.loads(payload)
        assert digest(before, header, digest_) == chain.decode(), f"{file}: chain at line {number}"
        before = chain
        headers.append(json.loads(header))
        assert headers[-1]["n"] == number
    return headers


def path_of(text):
    """A path as bytes, from its text in the journal."""
    if text.startswith("\0"):
        return base64.b64decode(text[1:])
    return text.encode()


# --- objects
class Zstd:
    """The few functions of libzstd that a reader of segments needs."""

    def __init__(self):
        lib = ctypes.CDLL("libzstd.so.1")
        lib.ZSTD_createDCtx.restype = ctypes.c_void_p
        lib.ZSTD_freeDCtx.argtypes = [ctypes.c_void_p]
        lib.ZSTD_DCtx_setParameter.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        lib.ZSTD_DCtx_refPrefix.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        lib.ZSTD_decompressDCtx.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t,
                                            ctypes.c_char_p, ctypes.c_size_t]
        lib.ZSTD_decompressDCtx.restype = ctypes.c_size_t
        lib.ZSTD_findFrameCompressedSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
        lib.ZSTD_findFrameCompressedSize.restype = ctypes.c_size_t
        lib.ZSTD_getFrameContentSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
        lib.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
        lib.ZSTD_isError.argtypes = [ctypes.c_size_t]
        self.lib = lib

    def decompress(self, data, size, prefix=b"", magicless=True):
        context = self.lib.ZSTD_createDCtx()
        try:
            if magicless:
                self.lib.ZSTD_DCtx_setParameter(context, 1000, 1)
            self.lib.ZSTD_DCtx_setParameter(context, 100, 30)
            if prefix:
                self.lib.ZSTD_DCtx_refPrefix(context, prefix, len(prefix))
            out = ctypes.create_string_buffer(max(size, 1))
            got = self.lib.ZSTD_decompressDCtx(context, out, size, data, len(data))
            if self.lib.ZSTD_isError(got) or got != size:
                raise ValueError("does not decompress")
            return out.raw[:size]
        finally:
            self.lib.ZSTD_freeDCtx(context)

    def frames(self, data):
        """The contents of a run of ordinary frames, up to one that is not whole."""
        found = []
        while data:
            length = self.lib.ZSTD_findFrameCompressedSize(data, len(data))
            if self.lib.ZSTD_isError(length):
                break
            size = self.lib.ZSTD_getFrameContentSize(data[:length], length)
            found.append(self.decompress(data[:length], size, magicless=False))
            data = data[length:]
        return found


ZSTD = Zstd()


def blob_id(content, hash_name="sha1"):
    return hashlib.new(hash_name, b"blob %d\0" % len(content) + content).hexdigest()


def git_blob(repo, object_id):
    """What git holds under an id, or None."""
    done = subprocess.run(["git", "-C", str(repo), "cat-file", "blob", object_id],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout if done.returncode == 0 else None


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def segment_record(data, at):
    """(id, base id or None, size, data) of the record at this place, and where it ends; None if there
    is none."""
    if data[at:at + 2] != b"BR" or len(data) < at + 30:
        return None
    depth, id_size = data[at + 2], data[at + 3]
    if id_size not in (20, 32):
        return None
    try:
        raw_size, at = varint(data, at + 4)
        data_size, at = varint(data, at)
    except IndexError:
        return None
    own = data[at:at + id_size].hex()
    at += id_size
    base = None
    if depth:
        base = data[at:at + id_size].hex()
        at += id_size
    at += 4
    if at + data_size > len(data):
        return None
    return (own, base, raw_size, data[at:at + data_size]), at + data_size


def segment_records(data, damaged=False):
    """All records of a segment; with `damaged` what is none is passed over."""
    at = 0
    while at < len(data):
        record = segment_record(data, at)
        if record:
            yield record[0]
            at = record[1]
        elif not damaged:
            raise ValueError(f"no record at byte {at}")
        else:
            at = data.find(b"BR", at + 1)
            if at < 0:
                return


def objects(store, repo, hash_name="sha1", damaged=False):
    """All contents of a store by their ids, each verified; with `damaged` those that are whole. What a
    content rests on may stand before it, after it, or in git."""
    records = {}
    for segment in sorted((pathlib.Path(store) / "objects").glob("*.seg")):
        for own, *record in segment_records(segment.read_bytes(), damaged):
            records.setdefault(own, []).append(record)
    contents = {}

    def unpack(own):
        """None if it is damaged, which may only be with `damaged`."""
        for base, size, data in records[own]:
            prefix = b""
            if base:
                prefix = contents[base] if base in contents else git_blob(repo, base)
                if prefix is None and damaged:
                    continue
                assert prefix is not None, f"{own} needs {base}"
            try:
                content = ZSTD.decompress(data, size, prefix)
            except ValueError:
                if damaged:
                    continue
                raise
            assert blob_id(content, hash_name) == own, own
            contents[own] = content

    for own in records:
        chain = [own]
        while chain[-1] not in contents:
            bases = {base for base, _, _ in records[chain[-1]] if base in records and base not in contents}
            if not bases:
                break
            assert bases.isdisjoint(chain), f"{own} rests on itself"
            chain.append(bases.pop())
        while chain:
            if chain[-1] not in contents:
                unpack(chain[-1])
            chain.pop()
    return contents


# --- copies of agents' session files
def transcript_texts(store):
    """All copied session files as they are below the compression: {directory name: bytes}."""
    return {file.parent.name: b"".join(ZSTD.frames(file.read_bytes()))
            for file in pathlib.Path(store).glob("sessions/*/*/transcript.jsonl.zst")}


def transcripts(store):
    """The lines of all copied session files: {directory name: [parsed line]}."""
    return {name: [json.loads(line) for line in text.split(b"\n") if line]
            for name, text in transcript_texts(store).items()}


# --- the timeline
def tree_state(repo, tree, moves=None):
    """{path: (id, mode)} of a tree: as git has it, or going back from a newer one that git has.
    `moves`: {tree: [(newer tree, how they differ)]}."""
    state = {}
    if not tree:
        return state
    done = subprocess.run(["git", "-C", str(repo), "ls-tree", "-rz", tree], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    if done.returncode == 0:
        for entry in done.stdout.split(b"\0"):
            if entry:
                meta, path = entry.split(b"\t", 1)
                mode, _, object_id = meta.decode().split()
                if mode != "160000":
                    state[path] = (object_id, mode)
        return state
    for newer, differences in (moves or {}).get(tree, []):
        rest = {key: value for key, value in moves.items() if key != tree}
        state = tree_state(repo, newer, rest)
        if state is None:
            continue
        for path, object_id, mode, *_ in differences:
            if object_id:
                state[path_of(path)] = (object_id, mode)
            else:
                state.pop(path_of(path), None)
        return state
    return None


class Timeline:
    """A worktree's files as its journals tell them."""

    def __init__(self, store, repo, worktree=None, hash_name="sha1"):
        self.state = None
        self.changes = []   # (event header, transition), in order, repeated ones dropped
        self.repeated = []
        self.withheld = set()
        contents = None
        seen = []
        headers = []
        moves = {}
        for journal in sorted(pathlib.Path(store).glob("sessions/*/*/events.jsonl")):
            headers += check_journal(journal)
        headers.sort(key=lambda header: (header["t"], header["n"]))
        last = {}
        for header in headers:
            for look in header.get("obs", []):
                worktree = worktree or look["wt"]
                if look["wt"] != worktree:
                    continue
                if "move" in look:
                    move = look["move"]
                    if isinstance(move["diff"], dict):
                        contents = contents or objects(store, repo, hash_name)
                        move["diff"] = json.loads(contents[move["diff"]["$obj"]])
                    moves.setdefault(move["from"], []).append((move["tree"], move["diff"]))
                changes = look.get("tr", [])
                exceptions = look.get("base", {}).get("except", [])
                self.withheld |= {path_of(path) for path, reason in look.get("skipped", [])
                                  if reason == "withheld"}
                if isinstance(changes, dict) or isinstance(exceptions, dict):
                    contents = contents or objects(store, repo, hash_name)
                if isinstance(changes, dict):
                    changes = json.loads(contents[changes["$obj"]])
                if isinstance(exceptions, dict):
                    exceptions = json.loads(contents[exceptions["$obj"]])
                seen.append((header, look, changes, exceptions))
        numbers = set()
        for header, look, changes, exceptions in seen:
            if "base" in look:
                self.state = tree_state(repo, look["base"].get("tree"), moves)
                assert self.state is not None, "the base's tree is lost"
                for path, object_id, mode, *_ in exceptions:
                    if object_id:
                        self.state[path_of(path)] = (object_id, mode)
                    else:
                        self.state.pop(path_of(path), None)
            for change in changes:
                assert change["q"] not in numbers, f"number {change['q']} is used twice"
                numbers.add(change["q"])
                path = path_of(change["p"])
                leads_to = tuple(change.get(k) for k in ("a", "am"))
                no_change = leads_to == tuple(change.get(k) for k in ("b", "bm"))
                if last.get(path) == leads_to and not no_change:
                    self.repeated.append((header, change))
                    continue
                last[path] = leads_to
                before = (change["b"], change["bm"]) if "b" in change else None
                assert self.state is not None, "a transition before the base"
                assert self.state.get(path) == before, \
                    f"{header['event']}: {path} was {self.state.get(path)}, not {before}"
                if "a" in change:
                    self.state[path] = (change["a"], change["am"])
                else:
                    self.state.pop(path, None)
                self.changes.append((header, change))

    def ids(self):
        """Every content that a transition or the state refers to."""
        found = {object_id for path, (object_id, _) in (self.state or {}).items()
                 if path not in self.withheld}
        for _, change in self.changes:
            if path_of(change["p"]) not in self.withheld:
                found |= {change[side] for side in ("a", "b") if side in change}
        return found


def disk_state(repo, paths=None, hash_name="sha1"):
    """{path: (id, mode)} of the files that git tracks or would."""
    listing = subprocess.run(
        ["git", "-C", str(repo), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, stdout=subprocess.PIPE).stdout
    state = {}
    for path in set(listing.split(b"\0")) - {b""}:
        file = pathlib.Path(str(repo)) / path.decode(errors="surrogateescape")
        if file.is_symlink():
            state[path] = (blob_id(os.fsencode(os.readlink(file)), hash_name), "120000")
        elif file.is_file():
            mode = "100755" if file.stat().st_mode & 0o100 else "100644"
            state[path] = (blob_id(file.read_bytes(), hash_name), mode)
    return state


def payload_objects(value):
    """The ids of the long strings that were taken out of a payload."""
    if isinstance(value, dict):
        if "$obj" in value and "len" in value:
            yield value["$obj"]
        for each in value.values():
            yield from payload_objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from payload_objects(each)


def thinned(store):
    """What a budget took: {id: (size, when)}."""
    found = {}
    journal = pathlib.Path(store) / "sessions/baton/thinned/events.jsonl"
    for raw in journal_lines(journal)[0] if journal.exists() else []:
        line = json.loads(raw)
        assert line["e"]["event"] == "Thinned"
        for own, size in line["p"]["contents"]:
            found[own] = size, line["e"]["t"]
    return found


def check_store(store, repo, hash_name="sha1", missing_ok=()):
    """Everything that must hold of a store at any time: chains verify, contents decompress to their
    ids, every content that is referred to is in the store or in git, or a budget took it. Gives the
    timeline."""
    contents = objects(store, repo, hash_name)
    missing_ok = {*missing_ok, *thinned(store)}
    timeline = Timeline(store, repo, hash_name=hash_name)
    wanted = timeline.ids()
    for journal in pathlib.Path(store).glob("sessions/*/*/events.jsonl"):
        for raw in journal_lines(journal)[0]:
            line = json.loads(raw)
            if not any(gap["what"] == "object" for gap in line["e"].get("gap", [])):
                wanted |= set(payload_objects(line.get("p")))
    for object_id in sorted(wanted - set(contents) - set(missing_ok)):
        assert git_blob(repo, object_id) is not None, f"{object_id} is nowhere"
    return timeline
