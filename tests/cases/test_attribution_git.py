"""Owners against `git blame` on a history of which a third was recorded."""
import random
import time

from support.scratch import git

COMMITS = 90


def porcelain(repo, path):
    """The commit of each line, as git has it."""
    return [line.split()[0] for line in git(repo, "blame", "-s", "--abbrev=40", path).splitlines()]


def test_other_lines_are_gits(make_world):
    world = make_world(store=False)
    chance = random.Random(4711)
    paths = ["a.txt", "b.txt", "lib/c.txt"]
    for path in paths:
        world.write(path, "".join(f"{path} starts with {chance.random()}\n" for _ in range(40)))
    world.commit("Begin")
    recorded, session = set(), None
    for number in range(COMMITS):
        if number == COMMITS // 3:
            world.baton("init", check=True)
            session = world.claude().start()
        path = chance.choice(paths)
        lines = world.read(path).decode().splitlines(keepends=True)
        at, count = chance.randrange(len(lines) - 3), chance.randint(1, 3)
        new = [f"commit {number} says {chance.random()}\n" for _ in range(chance.randint(1, 4))]
        if session and chance.random() < 0.5:
            session.prompt(f"prompt {number}").edit(path, "".join(lines[at:at + count]), "".join(new))
            world.commit(f"commit {number}")
            recorded.add(git(world.repo, "rev-parse", "HEAD").strip())
        else:
            time.sleep(0.005)
            lines[at:at + count] = new
            world.write(path, "".join(lines))
            world.commit(f"commit {number}")
    session.stop()
    agents = others = 0
    for path in paths:
        told = world.json("blame", path)["lines"]
        for line, commit in zip(told, porcelain(world.repo, path), strict=True):
            assert line["commit"] == commit.lstrip("^")[:40] or commit.startswith("^"), (path, line)
            if line["commit"] in recorded:
                assert line["owner"]["kind"] == "step", (path, line)
                agents += 1
            else:
                assert line["owner"]["kind"] in ("before", "git", "outside"), (path, line)
                others += 1
    assert agents > 10 and others > 50
