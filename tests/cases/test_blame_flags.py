"""The rest of git blame's flags, held against git where git decides."""
import re

import pytest
from support.scratch import git

FIRST = "".join(f"line {n} of the first file\n" for n in range(1, 13))


@pytest.fixture
def moved(world):
    """Three commits: a file, a part of it copied, a line changed; then an agent's edit."""
    world.write("a.txt", FIRST)
    world.commit("First")
    world.write("b.txt", "head\n" + "".join(FIRST.splitlines(True)[2:9]))
    world.commit("Copy a part")
    world.write("a.txt", FIRST.replace("line 5 of", "line five of"))
    world.commit("Spell five")
    agent = world.claude().start().prompt("Spell nine, too")
    agent.edit("a.txt", "line 9 of", "line nine of")
    agent.stop()
    return world


def groups(text):
    """(commit, original line, line, count): what is said of them, of --incremental."""
    found, once = {}, {}
    for line in text.splitlines():
        head = re.fullmatch(r"([0-9a-f]{40}) (\d+) (\d+) (\d+)", line)
        if head:
            said = found[tuple(head.groups())] = []
            commit = head[1]
        elif not line.startswith("baton-"):
            said.append(line)
    for key in sorted(found, key=lambda key: int(key[2])):
        once.setdefault(key[0], set()).update(
            line for line in found[key] if not line.startswith(("previous", "filename")))
    return {key: [line for line in said if line.startswith(("previous", "filename"))]
            for key, said in found.items()}, once


def test_incremental_is_gits(moved):
    for path in ["a.txt", "b.txt"]:
        ours, of_commits = groups(moved.baton("blame", "--incremental", "HEAD", path, check=True).out)
        theirs, their_commits = groups(git(moved.repo, "blame", "--incremental", "HEAD", "--", path))
        assert ours == theirs and of_commits == their_commits and len(ours) > 1 - (path == "b.txt")
    # What an agent wrote has headers of its own and stands apart.
    text = moved.baton("blame", "--incremental", "a.txt", check=True).out
    nine = re.search(r"^0{40} 9 9 1\n(.+\n)*?baton-step \S+\n(.+\n)*?filename a.txt\n", text, re.M)
    assert nine and "\t" not in text, text


@pytest.mark.parametrize("words", [["-C"], ["-C", "-C"], ["-C5", "-C"], ["-M"], ["-M5"], ["--minimal"],
                                   ["--indent-heuristic"], ["--root"], ["--progress"], ["--no-progress"]])
def test_what_git_is_to_look_through(moved, words):
    mine = moved.baton("blame", "-p", *words, "HEAD", "b.txt", check=True).out
    mine = "".join(line + "\n" for line in mine.splitlines() if not line.startswith("baton-"))
    words = [word for word in words if "progress" not in word]
    assert mine == git(moved.repo, "blame", "-p", *words, "HEAD", "--", "b.txt")
    # Before the command -C is a folder.
    assert moved.baton("-C", ".", "blame", "b.txt", check=True).out


def test_copies_are_followed_in_rows(moved):
    first = git(moved.repo, "rev-list", "HEAD").split()[-2][:8]
    rows = moved.baton("blame", "-C", "-C", "-f", "HEAD", "b.txt", check=True).out.splitlines()
    assert all(row.startswith(first) and " a.txt " in row for row in rows[1:]), rows


def test_a_history_of_ones_own(moved):
    commits = git(moved.repo, "rev-list", "HEAD").split()
    graft = moved.write(".git/graft", f"{commits[0]} {commits[-1]}\n{commits[-1]}\n")
    mine = moved.baton("blame", "-p", "-S", str(graft), "HEAD", "a.txt", check=True).out
    mine = "".join(line + "\n" for line in mine.splitlines() if not line.startswith("baton-"))
    assert mine == git(moved.repo, "blame", "-p", "-S", str(graft), "HEAD", "--", "a.txt")


def test_contents_of_another_file(moved, tmp_path):
    before = moved.lines()
    given = tmp_path / "given"
    given.write_text(moved.read("a.txt").decode().replace("line 2 of", "line two of"))
    for words, stdin in [(["--contents", str(given)], b""), (["--contents", "-"], given.read_bytes())]:
        told = moved.baton("blame", *words, "a.txt", check=True, stdin=stdin).out.splitlines()
        assert told[1].endswith("2) line two of the first file") and told[1].startswith("unknown")
        assert re.match(r"\w+\.1 +claude-code", told[8]) and "line nine of" in told[8]
        assert "First" in told[0] and "Spell five" in told[4] and len(told) == 12
    assert moved.lines() == before, "nothing is recorded of it"
    assert "line 2 of" in moved.baton("blame", "a.txt", check=True).out


def test_rows_as_annotate_has_them(moved):
    rows = moved.baton("blame", "-c", "HEAD", "a.txt", check=True).out.splitlines()
    theirs = git(moved.repo, "annotate", "HEAD", "--", "a.txt", TZ="UTC").splitlines()
    assert rows == theirs
    nine = moved.baton("blame", "-c", "a.txt", check=True).out.splitlines()[8]
    assert re.fullmatch(r"\w+\.1\t\(claude-code\t[-\d]{10} [:\d]{8} \+0000\t9\)line nine of the first file", nine)


def test_borders(moved):
    marked = moved.baton("blame", "HEAD~1..HEAD", "a.txt", check=True).out.splitlines()
    blank = moved.baton("blame", "-b", "HEAD~1..HEAD", "a.txt", check=True).out.splitlines()
    assert marked[0].startswith("^") and blank[0].startswith("         ")
    assert not marked[4].startswith("^") and marked[4][:8] == blank[4][:8]


def test_colours(moved):
    plain = moved.baton("blame", "--color=always", "HEAD", "a.txt", check=True).out.splitlines()
    lines = moved.baton("blame", "--color=always", "--color-lines", "HEAD", "a.txt", check=True).out.splitlines()
    assert lines[0] == plain[0] and lines[4] == plain[4]
    assert lines[1] != plain[1] and lines[1].startswith("\x1b[36m")
    aged = moved.baton("blame", "--color=always", "--color-by-age", "HEAD", "a.txt", check=True).out.splitlines()
    assert all(row.startswith("\x1b[31m") for row in aged), "all of it is young"
    later = {"BATON_CLOCK": "2036-01-01T00:00:00Z"}
    aged = moved.baton("blame", "--color=always", "--color-by-age", "HEAD", "a.txt", check=True, env=later).out
    assert all(row.startswith("\x1b[36m") for row in aged.splitlines())
    assert "\x1b" not in moved.baton("blame", "--color-lines", "--color-by-age", "a.txt", check=True).out


@pytest.mark.parametrize("words", [
    ["-t"], ["--date=iso"], ["--date=iso-strict"], ["--date=iso-local"], ["--date=rfc"], ["--date=raw"],
    ["--date=short"], ["--date=unix"], ["--date=default"], ["--date=format:%d.%m.%Y %H:%M %z"], ["-c"]],
    ids=lambda words: words[0])
def test_times_of_commits_are_in_their_zones(world, words):
    world.write("a.txt", "one\n")
    git(world.repo, "add", "a.txt")
    git(world.repo, "commit", "-qm", "Far away", GIT_AUTHOR_DATE="2026-01-02T03:04:05 +0530")
    theirs = git(world.repo, "blame", *words, "a.txt")
    date = re.search(r"Robin\s+(\S.*?)\s+1\)", theirs)[1]
    assert re.search(rf"(?<!\w){re.escape(date)}(?!\w)", world.baton("blame", *words, "a.txt", check=True).out)


@pytest.mark.parametrize("ours, theirs", [
    (["a.txt", "HEAD~1"], ["HEAD~1", "--", "a.txt"]),
    (["^HEAD~1", "HEAD", "a.txt"], ["^HEAD~1", "HEAD", "--", "a.txt"]),
    (["HEAD", "^HEAD~1", "--", "a.txt"], ["^HEAD~1", "HEAD", "--", "a.txt"]),
    (["^HEAD~1", "a.txt"], ["HEAD~1..HEAD", "--", "a.txt"]),
    (["--after=1.hour.ago", "HEAD", "a.txt"], ["--after=1.hour.ago", "HEAD", "--", "a.txt"]),
    (["--encoding=ISO-8859-1", "HEAD", "a.txt"], ["--encoding=ISO-8859-1", "HEAD", "--", "a.txt"]),
])
def test_revisions_as_git_takes_them(moved, ours, theirs):
    git(moved.repo, "commit", "--amend", "-qm", "Spell fünf")
    mine = moved.baton("blame", "-p", *ours, check=True).stdout
    assert b"".join(line + b"\n" for line in mine.splitlines() if not line.startswith(b"baton-")) == \
        git(moved.repo, "blame", "-p", *theirs).encode(errors="surrogateescape")
    latin = any("ISO" in word for word in ours)
    assert ("Spell fünf".encode("latin-1") in mine) == latin


@pytest.mark.parametrize("words, digits", [(["--abbrev"], 8), (["--abbrev=0"], 40), (["--no-abbrev"], 40),
                                           (["--abbrev=2"], 4), (["--abbrev=99"], 40)])
def test_how_long_ids_are(moved, words, digits):
    row = moved.baton("blame", *words, "HEAD", "b.txt", check=True).out.splitlines()[0]
    assert re.match(rf"[0-9a-f]{{{digits}}} ", row), row


@pytest.mark.parametrize("flag", ["--show-stats", "--score-debug"])
def test_what_is_gits_alone(moved, flag):
    said = moved.baton("blame", flag, "a.txt")
    assert said.returncode == 2 and "are git's alone" in said.err


def test_a_revision_that_is_also_a_name(moved):
    (moved.repo / "docs").mkdir()
    moved.write("docs/x.txt", "x\n")
    git(moved.repo, "branch", "docs", "HEAD~1")
    for path in ("a.txt", "a.txt:3", "b.txt"):
        assert moved.baton("blame", "docs", path, check=True).out
    git(moved.repo, "rm", "-qf", "b.txt")
    assert moved.baton("blame", "docs", "b.txt", check=True).out
