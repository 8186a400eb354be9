"""Makes a large record out of a small one: its sessions again and again under other names.

What a session said stays as it was recorded; its ids, its transitions' numbers and the chain that seals
its lines are made anew. Each copy begins with the files as the first one found them, which is all that
`baton fsck` has to say against it.
"""
import hashlib
import json
import pathlib
import re

Q = re.compile(rb'"q":(\d+)')
NUMBERED = 2**32  # numbers of transitions of a copy lie so far from the last one's


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).hexdigest()[:32].encode()


def split(line):
    """Chain, digest, header, salt, payload of a journal line (docs/format/journal.md)."""
    parsed = json.loads(line)
    payload = line[line.index(b',"s":"' + parsed["s"].encode() + b'","p":') + 28:-1]
    header = line[line.index(b'"e":') + 4:line.index(b',"s":"' + parsed["s"].encode() + b'","p":')]
    return header, parsed["s"].encode(), payload


def multiply(store, copies):
    """Copies every agent's session so many times; how many events there are then."""
    store = pathlib.Path(store)
    events = 0
    journals = [file for file in sorted(store.glob("sessions/*/*/events.jsonl")) if file.parts[-3] != "baton"]
    lines = {file: [split(line) for line in file.read_bytes().splitlines()] for file in journals}
    events = sum(map(len, lines.values()))
    for copy in range(1, copies + 1):
        for file, parts in lines.items():
            old = json.loads(parts[0][0])["session"].encode()
            new = hashlib.sha1(old + b"%d" % copy).hexdigest()[:32].encode()
            folder = file.parent.with_name(new.decode())
            folder.mkdir(mode=0o700)
            chain, out = b"0" * 32, []
            for header, salt, payload in parts:
                header = Q.sub(lambda found: b'"q":%d' % (int(found[1]) + copy * NUMBERED), header.replace(old, new))
                payload = payload.replace(old, new)
                sealed = digest(salt, payload)
                chain = digest(chain, header, sealed)
                out.append(b'{"h":"%s","d":"%s","e":%s,"s":"%s","p":%s}\n' % (chain, sealed, header, salt, payload))
            (folder / "events.jsonl").write_bytes(b"".join(out))
            events += len(out)
    return events
