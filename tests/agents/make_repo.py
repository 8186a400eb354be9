#!/usr/bin/env python3
"""make_repo.py DIR [--from NAME|SCENARIO.json]: makes the git repository that a scenario works in.

NAME is a folder in tests/fixtures/repos; a scenario either names one ("repo": NAME) or holds the
files itself ("files": {PATH: CONTENT}; a content that begins with "#!" is executable).  Names,
dates and settings are fixed, so the same recipe always gives the same commit.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess

REPOS = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "repos"
DATE = "2026-01-05T09:00:00Z"
GIT_ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Robin",
    "GIT_AUTHOR_EMAIL": "robin@example.invalid",
    "GIT_AUTHOR_DATE": DATE,
    "GIT_COMMITTER_NAME": "Robin",
    "GIT_COMMITTER_EMAIL": "robin@example.invalid",
    "GIT_COMMITTER_DATE": DATE,
}


def git(repo, *args):
    done = subprocess.run(["git", "-C", str(repo), *args], env=GIT_ENV, check=True,
                          stdout=subprocess.PIPE, text=True)
    return done.stdout


def make_repo(repo, recipe):
    """Makes `repo` from a recipe: {"repo": NAME} or {"files": {...}}. Anything there is removed."""
    repo = pathlib.Path(repo)
    if repo.exists():
        shutil.rmtree(repo)
    if "files" in recipe:
        for path, content in recipe["files"].items():
            file = repo / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
            file.chmod(0o755 if content.startswith("#!") else 0o644)
    else:
        shutil.copytree(REPOS / recipe.get("repo", "retrykit"), repo)
        for folder, _, names in os.walk(repo):
            for name in names:
                file = pathlib.Path(folder, name)
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
    git(repo, "init", "-q", "-b", "main")
    git(repo, "config", "user.name", "Robin")
    git(repo, "config", "user.email", "robin@example.invalid")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "Begin")
    return repo


def tree_of(repo):
    """{path: "MODE BLOB"} of every file in the working tree that git does not ignore."""
    paths = git(repo, "ls-files", "-z", "-co", "--exclude-standard").split("\0")
    tree = {}
    for path in sorted(set(filter(None, paths))):
        file = pathlib.Path(repo, path)
        if file.is_symlink():
            tree[path] = "120000 " + os.readlink(file)
        elif file.exists():
            mode = "100755" if file.stat().st_mode & 0o100 else "100644"
            tree[path] = f"{mode} {git(repo, 'hash-object', '--no-filters', path).strip()}"
    return tree


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir")
    parser.add_argument("--from", dest="source", default="retrykit")
    args = parser.parse_args()
    recipe = {"repo": args.source}
    if args.source.endswith(".json"):
        recipe = json.loads(pathlib.Path(args.source).read_text())
    make_repo(args.dir, recipe)


if __name__ == "__main__":
    main()
