"""What tests ask of baton's readers."""
import os
import pathlib


def owners(world, path, cwd=None):
    """{text of the line: owner} of a file's lines as `blame` tells them; the owner is the JSON form
    (docs/json.md)."""
    told = world.json("blame", path, cwd=cwd)
    return {line["text"]: line["owner"] for line in told["lines"]}


def owner_kinds(world, path, cwd=None):
    return {text: owner["kind"] for text, owner in owners(world, path, cwd).items()}


def steps(world, cwd=None):
    """{command or tool and paths: step} of all steps."""
    found = {}
    for turn in world.json("log", "--steps", cwd=cwd)["turns"]:
        for step in turn["steps"]:
            found[step.get("command") or step["tool"]] = step
    return found


def exported(world, address, folder, cwd=None):
    """{path: content or link target} of the tree that `export` writes."""
    world.baton("export", address, "--to", str(folder), "--unmasked", cwd=cwd, check=True)
    return tree(folder)


def tree(folder):
    """{path: content or link target} below a folder, without git's own."""
    found = {}
    folder = pathlib.Path(folder)
    for base, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for name in files + [each for each in folders if os.path.islink(os.path.join(base, each))]:
            path = os.path.join(base, name)
            if name == ".git":
                continue
            found[os.path.relpath(path, folder)] = (
                os.readlink(path) if os.path.islink(path) else pathlib.Path(path).read_bytes())
    return found
