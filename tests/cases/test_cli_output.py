"""Where answers go: terminal, pipe, pager; colour, width; what recorded text may not do."""
import json
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import termios
import time
import fcntl

import pytest

from support.played import Played
from support.scratch import BATON

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    return Played(tmp_path_factory.mktemp("output"), "claude-code/bugfix")


def on_terminal(played, *words, env=None, columns=100, typed=b"", stderr=None):
    """Runs baton with a terminal on its standard output; (status, what the terminal got)."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    full = {**played.env, "TERM": "xterm-256color", **(env or {})}
    full.pop("COLUMNS", None)
    full = {name: value for name, value in full.items() if value is not None}
    child = subprocess.Popen([BATON, *words], cwd=played.repo, env=full, stdin=subprocess.DEVNULL,
                             stdout=follower, stderr=stderr or follower, close_fds=True)
    os.close(follower)
    got = b""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        ready, _, _ = select.select([leader], [], [], 0.05)
        if ready:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            got += piece
        elif child.poll() is not None:
            break
    os.close(leader)
    return child.wait(10), got.decode(errors="replace").replace("\r\n", "\n")


# ------------------------------------------------------------------- colour, times, width

def test_colour_only_on_a_terminal(played):
    assert "\x1b" not in played.baton("log").out
    assert "\x1b[" in on_terminal(played, "log")[1]
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"BATON_COLOR": "never"}):
        assert "\x1b" not in on_terminal(played, "log", env=env)[1], env
    assert "\x1b" not in on_terminal(played, "log", "--color", "never")[1]
    assert "\x1b[" in played.baton("log", "--color=always").out
    assert "\x1b[" in played.baton("log", "--color=always", env={"NO_COLOR": "1"}).out
    assert "\x1b[" in on_terminal(played, "log", env={"NO_COLOR": ""})[1], "empty is not set"


def test_colour_is_all_that_colour_adds(played):
    for words in (["log", "--steps"], ["show"], ["status"], ["blame", "src/retry.sh"], ["sessions"]):
        assert ESCAPES.sub("", played.baton(*words, "--color=always").out) == \
            played.baton(*words).out, words


def test_times(played):
    assert re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", played.baton("log").out)
    assert re.search(r"\d+ (second|minute)s? ago", on_terminal(played, "log")[1])
    newest = json.loads(played.baton("log", "--json").out)["turns"][0]["began"]
    later = newest[:11].replace(newest[:4], str(int(newest[:4]) + 1), 1) + "00:00:00Z"
    clock = {"BATON_CLOCK": later}
    assert re.search(r"(12 months|11 months|1 year) ago",
                     played.baton("log", "--date", "relative", env=clock).out)
    assert played.baton("log", "--date", "iso").out == played.baton("log").out
    day = re.search(r"\d{4}-\d\d-\d\dT", played.baton("log").out)[0][:-1]
    for form, shown in [("short", day), ("format:%d.%m.%Y", ".".join(reversed(day.split("-")))),
                        ("iso-strict", "+00:00"), ("rfc", " +0000"), ("local", f" {day[:4]}")]:
        first = played.baton("log", f"--date={form}", check=True, env={"TZ": "UTC"}).out.splitlines()[0]
        assert shown in first and (form == "iso-strict" or day + "T" not in first), (form, first)
    done = played.baton("log", "--date=soon")
    assert done.returncode == 2 and "'soon' is no form of a date" in done.err and done.out == ""
    assert "ago" not in on_terminal(played, "log", env={"BATON_DATE": "iso"})[1]


@pytest.mark.parametrize("columns", [72, 80, 100])
def test_lists_fit_the_terminal(played, columns):
    for words in (["log", "--steps"], ["log", "--oneline"], ["sessions"]):
        _, text = on_terminal(played, *words, "--color=never", columns=columns)
        assert max(map(len, text.splitlines())) <= columns, (words, text)


# ------------------------------------------------------------------- pager

@pytest.fixture
def pager(tmp_path):
    """A pager that says who it is; (command, what it was given)."""
    def make(name):
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\necho pager={name} less=$LESS lv=$LV\ncat\n")
        script.chmod(0o755)
        return str(script)
    return make


def test_which_pager(played, pager, tmp_path):
    ours, gits, core, any_ = (pager(name) for name in ("ours", "gits", "core", "any"))

    def used(**env):
        text = on_terminal(played, "log", env={"PAGER": None, **env})[1]
        found = re.search(r"pager=(\w+)", text)
        return found[1] if found else None

    assert used(PAGER=any_) == "any"
    everything = {"PAGER": any_, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.pager",
                  "GIT_CONFIG_VALUE_0": core}
    assert used(**everything) == "core"
    everything["GIT_PAGER"] = gits
    assert used(**everything) == "gits"
    everything["BATON_PAGER"] = ours
    assert used(**everything) == "ours"
    assert used(PAGER="cat") is None and used(PAGER="") is None
    assert used(**{**everything, "BATON_PAGER": None, "GIT_PAGER": ""}) is None
    assert used(PAGER=f"{shlex.quote(any_)} | tr a-z A-Z | sed s/PAGER/pager/") == "ANY"


def test_when_there_is_a_pager(played, pager):
    env = {"PAGER": pager("p")}
    status, text = on_terminal(played, "log", env=env)
    assert status == 0 and "pager=p less=FRX lv=-c" in text and "fix the failing" in text
    assert "less=abc" in on_terminal(played, "log", env={**env, "LESS": "abc"})[1]
    for words in (["log", "--no-pager"], ["log", "--json"], ["version"], ["cat", "@:src/retry.sh"], []):
        assert "pager=" not in on_terminal(played, *words, env=env)[1], words
    assert "pager=" not in played.baton("log", env=env).out
    assert "pager=p" in on_terminal(played, "help", "log", env=env)[1]
    assert "pager=" not in on_terminal(played, "show", "ffff", env=env)[1], "only an error"


def test_a_pager_that_reads_no_further(played):
    status, _ = on_terminal(played, "show", env={"PAGER": "head -n 1"})
    assert status == 0


# ------------------------------------------------------------------- pipes, full disks, Ctrl-C

def test_broken_pipe_is_an_end_like_any_other(played):
    for command in ("log", "show", "help"):
        done = subprocess.run(
            ["bash", "-c", f'"{BATON}" {command} --color=always | true; exit "${{PIPESTATUS[0]}}"'],
            cwd=played.repo, env=played.env, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (0, b""), command


def test_full_disk(played):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([BATON, "log"], cwd=played.repo, env=played.env, stdout=full,
                              stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4
    assert "no space left" in done.stderr


def test_closed_output(played):
    done = subprocess.run(["sh", "-c", f'"{BATON}" log >&-'], cwd=played.repo, env=played.env,
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4 and done.stderr.startswith("baton: ")


# ------------------------------------------------------------------- hostile text

EVIL = ("\x1b]0;owned\x07 \x1b[2J\x1b[31mred \x9b31m \u202eesrever\u202c \x00 \r over \x08\x08 "
        "\u2066iso\u2069 \U000e0041 \x7f")


@pytest.fixture
def evil(world):
    agent = world.claude().start()
    agent.prompt("do " + EVIL + " it\nsecond " + EVIL)
    world.write("evil.txt", "one\n")
    agent.edit("evil.txt", "one", "two " + EVIL.replace("\x00", ""))
    agent.bash("printf 'out \\033[31mred\\033]0;t\\007\\n'; : " + EVIL.replace("\x00", "").replace("\r", ""))
    agent.write("dir\x1b[31m/na\nme\u202e.txt", "x\n")
    agent.read("evil.txt")
    agent.stop("done " + EVIL)
    world.sh("git add -A; git commit -qm 'subject \x1b[31m'")
    return world


def acts(text, newline="\n\t"):
    return [c for c in text if (ord(c) < 0x20 and c not in newline) or 0x7F <= ord(c) < 0xA0
            or 0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069
            or 0xE0000 <= ord(c) <= 0xE007F]


@pytest.mark.parametrize("words", [
    [], ["status"], ["sessions"], ["log"], ["log", "-s"], ["log", "--oneline"], ["show"], ["show", "@"],
    ["show", "@-"], ["show", "@--"], ["show", "@---"], ["show", "git:HEAD"], ["diff", "@---^..@"],
    ["diff", "--stat"], ["diff", "--name-only"], ["search", "red"], ["blame", "evil.txt"], ["doctor"],
    ["fsck"]], ids=lambda words: " ".join(words) or "alone")
def test_recorded_text_does_not_act(evil, words):
    done = evil.baton(*words)
    assert done.returncode in (0, 1), done
    assert acts(done.out + done.err) == []
    painted = ESCAPES.sub("", evil.baton(*words, "--color=always").out)
    assert acts(painted) == []
    if words not in (["diff", "--name-only"],):
        raw = evil.baton(*words, "--json")
        assert acts(raw.out) == []
        json.loads(raw.out)


def test_errors_do_not_act(evil):
    for words in (["show", EVIL.replace("\x00", "")], ["\x1b[31mlog"], ["log", "--\x1b[31m"],
                  ["-C", "\x1b[31m", "log"], ["log", "--since", "\x1b[31m"]):
        done = evil.baton(*words)
        assert done.returncode in (2, 3) and acts(done.err) == [], done


def test_json_keeps_what_was_said(evil):
    (turn,) = evil.json("log")["turns"]
    assert EVIL.split("\x00")[0] in turn["prompt"]


# ------------------------------------------------------------------- secrets

TOKEN = "ghp_" + "x8Kq2Lw9Zr4Tn6Vb1Mc3Pd5Fs7Gh0Jj4Yt2A"
KEY = ("-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEA7bq8u0kqWv3Zr4Tn6Vb1Mc3Pd5Fs7Gh0Jj4Yt2\n" * 8
       + "-----END RSA PRIVATE KEY-----\n")


@pytest.fixture
def secretive(world):
    world.write("config.py", f"before = 1\ntoken = '{TOKEN}'\nafter = 2\n")
    agent = world.claude().start().prompt("look at the configuration")
    agent.edit("config.py", "before = 1", "before = 11")
    agent.write("deploy.txt", "first\n" + KEY + "last\n")
    agent.bash("cat config.py deploy.txt")
    agent.stop("I saw " + TOKEN)
    return world


@pytest.mark.parametrize("words", [
    ["show"], ["show", "@"], ["show", "@-"], ["show", "@--"], ["diff"], ["log", "-s"], ["search", "token"],
    ["blame", "config.py"], ["blame", "deploy.txt"], ["cat", "@:config.py"], ["cat", "@:deploy.txt"],
    ["diff", "git:HEAD"]], ids=" ".join)
def test_secrets_are_masked_on_the_way_out(secretive, words):
    for more in ([], ["--json"]):
        done = secretive.baton(*words, *more)
        assert done.returncode in (0, 1), done
        assert TOKEN not in done.out and "7Gh0Jj4Yt2" not in done.out
        if words[0] in ("show", "diff", "cat", "blame") and words[1:] != ["@"]:
            assert "[masked:" in done.out


def test_unmasked_where_it_is_asked_for(secretive):
    assert secretive.baton("cat", "@:config.py", "--unmasked").out == secretive.read("config.py").decode()
    done = secretive.baton("cat", "@:config.py")
    assert "--unmasked" in done.err and "before = 11\n" in done.out and "after = 2\n" in done.out


def test_masked_lines_keep_their_numbers(secretive):
    lines = secretive.json("blame", "deploy.txt")["lines"]
    assert [each["line"] for each in lines] == list(range(1, KEY.count("\n") + 3))
    assert (lines[0]["text"], lines[-1]["text"]) == ("first", "last")
    assert "[masked:" in lines[1]["text"]


def test_patterns_of_the_users(secretive):
    secretive.sh("git config baton.mask.number 'before = ([0-9]+)'")
    assert "before = [masked:number]" in secretive.baton("cat", "@:config.py").out
    secretive.sh("git config baton.mask.number '('")
    done = secretive.baton("cat", "@:config.py")
    assert done.returncode == 0 and "baton.mask.number" in done.err


@pytest.mark.parametrize("words", [["bundle", "{}/b"], ["pr", "--html", "{}/p.html"], ["export", "@", "--to", "{}/x"]],
                         ids=lambda words: words[0])
@pytest.mark.parametrize("why", ["full", "not there"])
def test_what_cannot_be_written_is_named(world, words, why):
    world.write("big.txt", os.urandom(100_000).hex())
    world.claude().start().prompt("go").bash("echo more >> big.txt")
    small = world.base / "small"
    if why == "full":
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(small)], check=True)
    try:
        target = [word.format(small if why == "full" else small / "no") for word in words]
        done = world.baton(*target)
        if why == "not there" and words[0] == "export":
            assert done.returncode == 0  # it makes the folders
            return
        assert done.returncode == (4 if why == "full" else 3), done
        assert str(small) in done.err and ".tmp" not in done.err, done.err
        assert ("no space left" if why == "full" else "no such file") in done.err
        assert done.err.count("\n") == 1
        assert not [file for file in small.rglob("*.tmp*")]
    finally:
        if why == "full":
            subprocess.run(["umount", "-l", str(small)], check=True)
