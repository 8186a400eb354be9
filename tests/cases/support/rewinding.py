"""A working tree to go back in, and how it looks."""
import os
import pathlib
import shutil
import stat
import subprocess

from support.scratch import BATON, Scratch

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


NOBODY = 65534


def give_away(world):
    """To a user whom modes bind, since root ignores them: gives what to run baton with as that user,
    who may not look into the folder it was built in."""
    own = shutil.copy2(BATON, world.base / "baton")
    subprocess.run(["chown", "-hR", f"{NOBODY}:{NOBODY}", str(world.base)], check=True)
    for place in [world.base, *world.base.parents]:
        if place in (pathlib.Path("/tmp"), pathlib.Path("/")):
            break
        place.chmod(0o755)

    def become():
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    def run(*words, status=0):
        done = world.baton(*words, confined=become, binary=own)
        assert done.returncode == status, (words, done.out, done.err)
        return done
    run.become, run.binary = become, own
    return run


def entries(world):
    """Every file, link and folder, with its mode; folders that are closed are opened by root."""
    found = {}
    for folder, folders, names in os.walk(world.repo):
        if ".git" in folders:
            folders.remove(".git")
        for name in names + folders:
            full = os.path.join(folder, name)
            found[os.path.relpath(full, world.repo)] = stat.S_IMODE(os.lstat(full).st_mode)
    return found
