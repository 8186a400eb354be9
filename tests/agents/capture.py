#!/usr/bin/env python3
"""capture.py EVENT FILE ROOT: a hook that only listens.

Appends one JSON line to FILE: the event, its payload, the time, and how many bytes each session
file below ROOT (*.jsonl) holds at this moment.  Prints nothing and always succeeds.
"""
import json
import os
import sys
import time


def session_files(root):
    sizes = {}
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(".jsonl"):
                path = os.path.join(folder, name)
                try:
                    sizes[path] = os.stat(path).st_size
                except OSError:
                    pass
    return sizes


def main():
    event, file, root = sys.argv[1:4]
    now = time.time()
    sizes = session_files(root)  # first of all: the agent does not wait with its own file
    raw = sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        payload = json.loads(raw)
    except ValueError:
        payload = {"unreadable": raw}
    line = {"event": event, "time": now, "sizes": sizes, "stdin": payload}
    with open(file, "ab", buffering=0) as out:
        out.write((json.dumps(line, ensure_ascii=False) + "\n").encode())


try:
    main()
except Exception as error:  # a hook never harms its agent
    print(f"capture: {error}", file=sys.stderr)
