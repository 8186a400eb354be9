"""Contents that nothing needs: what a hook leaves that died between a content and its line."""
import json
import random

from support import faults

SESSION = "11111111-2222-4333-8444-555555555555"


def unfinished(world, path="left.txt", size=40_000):
    """A person's file that a prompt sees first; the payload of that prompt."""
    world.write(path, random.Random(path).randbytes(size // 2).hex())
    session = world.claude(SESSION)
    session.prompt_id = "77777777-2222-4333-8444-555555555555"
    return session.event("UserPromptSubmit", prompt="that dies")


def leave_behind(world, path="left.txt", size=40_000):
    """Kills a hook before it writes its line, and puts the file away again."""
    probe = world.copy_to(world.base.parent / (world.base.name + "-probe"))
    payload = unfinished(probe, path, size)
    calls = faults.changing_calls(probe, payload)
    seen = {file: file.stat().st_size for file in world.store.glob("objects/*.seg")}
    lines = len(world.lines())
    payload = unfinished(world, path, size)
    # The line is the last write but for the manifest's, which are pwrites.
    call, number = [each for each in calls if each[0] == "write"][-1]
    faults.inject(world, payload, call, number, "kill")
    (world.repo / path).unlink()
    grown = sum(file.stat().st_size for file in world.store.glob("objects/*.seg")) - sum(seen.values())
    assert len(world.lines()) == lines, json.dumps(calls)
    assert grown > size // 4, (grown, calls)
    return grown
