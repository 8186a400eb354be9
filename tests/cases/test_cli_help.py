"""Help, slips, and what is made from the table of commands."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from support.played import check_golden
from support.scratch import BATON, ROOT

COMMANDS = [
    "init",
    "uninstall",
    "doctor",
    "status",
    "sessions",
    "log",
    "show",
    "diff",
    "search",
    "blame",
    "stats",
    "triage",
    "handoff",
    "check",
    "pr",
    "task",
    "note",
    "bundle",
    "cat",
    "export",
    "rewind",
    "undo",
    "redo",
    "restore",
    "checkpoint",
    "fork",
    "du",
    "gc",
    "reindex",
    "fsck",
    "completion",
    "help",
    "version",
]


def run(*words, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("BATON_", "GIT_"))}
    done = subprocess.run([BATON, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=dict(env, PAGER="cat"), **more)
    return done


def test_overview():
    done = run("help")
    assert (done.returncode, done.stderr) == (0, "")
    check_golden("help.txt", done.stdout)
    for other in (["-h"], ["--help"]):
        assert run(*other).stdout == done.stdout
    for command in COMMANDS:
        assert re.search(rf"^    {command} ", done.stdout, re.M), command
    assert "collect" not in done.stdout and " hook" not in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command(command):
    done = run("help", command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: baton {command}")
    for other in ([command, "-h"], [command, "--help"]):
        assert run(*other).stdout == done.stdout


@pytest.mark.parametrize("topic", ["addresses", "settings", "json"])
def test_topics(topic):
    done = run("help", topic)
    assert done.returncode == 0 and len(done.stdout.splitlines()) > 3


def test_version():
    done = run("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"baton \d+\.\d+\.\d+\n", done.stdout)
    assert run("version").stdout == done.stdout
    answer = json.loads(run("version", "--json").stdout)
    assert (answer["baton"], answer["kind"]) == (1, "version")
    assert f"baton {answer['version']}\n" == done.stdout


@pytest.mark.parametrize("words", [
    ["lgo"], ["sess"], ["log", "--limt", "3"], ["log", "--color=alwys"], ["log", "a", "b"],
    ["search"], ["log", "--limit"], ["log", "--limit", "x"], ["log", "--since", "soon"],
    ["log", "--agent", "claud"], ["completion", "csh"], ["help", "lgo"], ["show", "--stats"],
    ["blame"], ["export"], ["export", "--to", "x", "--git", "y"], ["blame", "-L", "x,y", "x"],
    ["init", "--agent", "codx"], ["diff", "-U", "x"], ["log", "--", ":(attr:x)y"]],
    ids=" ".join)
def test_slips(words, tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    os.makedirs(tmp_path / ".git" / "baton", exist_ok=True)
    world = subprocess.run([BATON, "init"], cwd=tmp_path, env=dict(os.environ, HOME=str(tmp_path)),
                           stdout=subprocess.DEVNULL)
    assert world.returncode == 0
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.startswith("baton: ") and not done.stderr.split("\n")[0].endswith(".")
    name = "-".join(re.sub(r"[^A-Za-z0-9]+", "", word) for word in words)
    check_golden(f"slip-{name}.txt", done.stderr)


def test_a_hook_is_no_command_for_people():
    assert run("hook", stdin=subprocess.DEVNULL).returncode == 0
    assert run("hook", "--help").stdout.startswith("usage: baton hook")


@pytest.mark.parametrize("page", ["commands", "settings"])
def test_pages_are_made_from_the_tables(page):
    done = run("help", page, "--markdown")
    assert done.stdout == (ROOT / "docs" / f"{page}.md").read_text(), "run: make docs"


# --------------------------------------------------------------------------- completion

def script(shell):
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_bash_completes(tmp_path):
    (tmp_path / "c").write_text(script("bash"))

    def complete(line):
        words = line.split(" ")
        ask = (f"source {tmp_path}/c; COMP_WORDS=({' '.join(repr(w) for w in words)}); "
               f"COMP_CWORD={len(words) - 1}; _baton; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        path = f"{pathlib.Path(BATON).parent}:{os.environ['PATH']}"
        return subprocess.run(["bash", "-c", ask], stdout=subprocess.PIPE, text=True, cwd=tmp_path,
                              env=dict(os.environ, PATH=path), check=True).stdout.split()

    assert complete("baton lo") == ["log"]
    assert set(COMMANDS) == set(complete("baton "))
    assert complete("baton log --st") == ["--steps"]
    assert complete("baton log --agent c") == ["claude-code", "codex"]
    assert complete("baton --color al") == ["always"]
    assert complete("baton completion ") == ["bash", "zsh", "fish"]
    assert "--help" in complete("baton show -")
    assert "addresses" in complete("baton help a")


@pytest.mark.skipif(not shutil.which("zsh") and not os.environ.get("CI"), reason="no zsh here")
def test_zsh_takes_it(tmp_path):
    (tmp_path / "_baton").write_text(script("zsh"))
    ask = (f"fpath=({tmp_path} $fpath); autoload -U compinit; compinit -u -d {tmp_path}/dump; "
           "autoload +X _baton; whence -w _baton; print -r -- $_comps[baton]")
    done = subprocess.run(["zsh", "-f", "-c", ask], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=True)
    assert done.stdout == "_baton: function\n_baton\n", done


@pytest.mark.skipif(not shutil.which("fish") and not os.environ.get("CI"), reason="no fish here")
def test_fish_completes(tmp_path):
    (tmp_path / "c").write_text(script("fish"))

    def complete(line):
        done = subprocess.run(["fish", "--no-config", "-c", f"source {tmp_path}/c; complete -C '{line}'"],
                              stdout=subprocess.PIPE, text=True, check=True,
                              env=dict(os.environ, HOME=str(tmp_path)))
        return [each.split("\t")[0] for each in done.stdout.splitlines()]

    assert complete("baton lo") == ["log"]
    assert complete("baton log --st") == ["--steps"]
    assert complete("baton log --agent c") == ["claude-code", "codex"]
