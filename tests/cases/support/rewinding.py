"""A working tree to go back in, and how it looks."""
import os

from support.scratch import Scratch

FIRST = "11111111-2222-4333-8444-555555555555"
SECOND = "99999999-2222-4333-8444-555555555555"
TEXT = "".join(f"line {i}\n" for i in range(1, 21))


def work_tree(base, **more):
    world = Scratch(base, **more)
    world.write("src/a.txt", TEXT)
    world.write("src/b.txt", TEXT)
    world.write("run.sh", "#!/bin/sh\n")
    world.write(".gitignore", "*.log\nnode_modules/\n")
    world.commit("Files")
    world.write("kept.log", "ignored\n")
    world.write("node_modules/m/index.js", "installed\n")
    world.write(".env", "TOKEN=abcdefghijklmnop\n")
    return world


def act(world, *words, status=0):
    done = world.baton(*words)
    assert done.returncode == status, (words, done.out, done.err)
    return done


def texts(world):
    found = {}
    for folder, folders, names in os.walk(world.repo):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            full = os.path.join(folder, name)
            path = os.path.relpath(full, world.repo)
            found[path] = os.readlink(full) if os.path.islink(full) else open(full, "rb").read()
    return found


def changed(text, line, to):
    return text.replace(f"line {line}\n", f"{to}\n")
