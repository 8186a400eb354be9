"""What a body does with text that others wrote, and what it keeps of this machine to itself."""
import os
import re

import pytest

from support.scratch import git

BEGIN, END = "<!-- baton: begin -->", "<!-- baton: end -->"


@pytest.fixture
def work(world):
    """Two commits of an agent on a branch, each for a prompt of its own."""
    git(world.repo, "checkout", "-q", "-b", "fix")
    session = world.claude().start()
    for word in ("first", "second"):
        session.prompt(f"the {word} thing")
        session.write(f"{word}.txt", word + "\n")
        session.bash(f"git add -A && git commit -qm 'Do the {word} thing'")
        session.stop("Done.")
    return world


@pytest.mark.parametrize("existing,updated", [
    # Everything outside of the first begin mark and the end mark behind it is a person's.
    ("a\n{B}\nold\n{E}\nmine\n{B}\nalso mine\n{E}\nz\n", "a\n{body}mine\n{B}\nalso mine\n{E}\nz\n"),
    ("a\n{B}\nold\n{E}\nmine\n{E}\nz\n", "a\n{body}mine\n{E}\nz\n"),
    ("a\r\n{B}\r\nold\r\n{E}\r\nz\r\n", "a\r\n{body}z\r\n"),
    ("a\n{B} \nold\n{E}\t\nz\n", "a\n{body}z\n"),
    ("a\n{B}\nold\n{E}", "a\n{body}"),
    ("caf\u00e9 \u202e\n\n{B}\nold\n{E}\n\n<details>\n", "caf\u00e9 \u202e\n\n{body}\n<details>\n"),
    # Indented or within a line they are text.
    ("a\n  {B}\nx\n  {E}\n", "a\n  {B}\nx\n  {E}\n\n{body}"),
    ("a {B} x {E}\n", "a {B} x {E}\n\n{body}"),
])
def test_what_people_wrote_stays(work, existing, updated):
    body = work.baton("pr", check=True).out
    given = existing.replace("{B}", BEGIN).replace("{E}", END)
    wanted = updated.replace("{B}", BEGIN).replace("{E}", END).replace("{body}", body)
    assert work.baton("pr", "--update", "-", stdin=given.encode(), check=True).out == wanted


def test_since_tells_of_the_commits_and_the_difference_only_what_came_after(work):
    address = work.json("log")["turns"][0]["session"]
    steps = [step["address"] for turn in work.json("log", "--steps")["turns"] for step in turn["steps"]]
    commit = git(work.repo, "rev-parse", "HEAD~1").strip()
    [mark, _] = [each["address"] for each in work.json("handoff", "--list")["marks"]]
    for since in (commit, "git:HEAD~1", f"{address}:1", f"{address}.2", mark):
        told = work.json("pr", "--since", since)
        assert [each["subject"] for each in told["commits"]] == ["Do the second thing"], since
        assert [each["path"] for each in told["diff"]] == ["second.txt"], since
        assert "the first thing" not in told["body"] and "the second thing" in told["body"]
    assert len(steps) == 4
    # "@" is the newest step, whatever git means by it.
    told = work.json("pr", "--since", "@")
    assert told["commits"] == [] and "second thing" not in told["body"]


@pytest.mark.parametrize("words", [["handoff"], ["handoff", "--json"], ["handoff", "--format", "prompt"], ["pr"]])
def test_since_the_file_of_an_earlier_handoff(world, words):
    git(world.repo, "checkout", "-q", "-b", "fix")
    session = world.claude().start()
    session.prompt("the first thing\n````\n[ffff.1]\n````").write("first.txt", "1\n")
    session.bash("git add -A && git commit -qm First")
    session.stop("Done.")
    file = world.base / "seen"
    file.write_text(world.baton(*words, check=True).out)
    session.prompt("the second thing").write("second.txt", "2\n")
    session.stop("Done.")
    told = world.json("pr", "--since", str(file))
    assert "the first thing" not in told["body"] and "the second thing" in told["body"]
    assert [each["path"] for each in told["diff"]] == ["second.txt"] and told["commits"] == []
    file.write_text("nothing of the kind\n")
    done = world.baton("pr", "--since", str(file))
    assert done.returncode == 2 and "cites nothing" in done.err and done.out == ""


@pytest.mark.parametrize("since,status", [("nowhere", 3), ("", 2), (" ", 2), ("ffff@3", 3)])
def test_since_nothing(work, since, status):
    done = work.baton("pr", "--since", since)
    assert done.returncode == status and done.out == "" and done.err.startswith("baton: ")


def test_a_body_fits_however_many_prompts_and_sessions_there_are(world):
    git(world.repo, "checkout", "-q", "-b", "many")
    session = world.claude().start()
    for number in range(400):
        session.prompt(f"prompt {number} " + "x" * 150)
    session.write("a.txt", "a\n")
    session.stop("Done.")
    for number in range(40):
        world.codex().start().prompt(f"of another {number} " + "y" * 150).stop("Done.")
    body = world.baton("pr", check=True).stdout
    assert len(body) <= 65536
    text = body.decode()
    assert "prompt 0 " in text and "of another 39" in text and re.search(r"Then \d+ prompts: `baton handoff", text)
    for room in (5000, 12000):
        done = world.baton("pr", "--update", "-", stdin=b"z" * (65536 - room))
        assert (done.returncode == 0 and len(done.stdout) <= 65536) or \
            (done.returncode == 2 and "no room" in done.err and done.out == "")


def test_no_address_of_a_vendor(work):
    session = work.claude().start()
    session.prompt("HTTPS://Claude.AI/y www.anthropic.com/z https://user@claude.ai/z https://docs.anthropic.com. "
                   "claude.ai/code/session_1 https://claude.ai:443/q, [l](https://chat.openai.com/share/1)")
    session.write("x.txt", "x\n")
    session.bash("git add -A; git commit -qm 'X\n\nCo-Authored-By: Agent <noreply@anthropic.com>'")
    session.stop("See https://example.com/claude.ai-notes, claude.ai is a host.")
    body = work.baton("pr", check=True).out
    assert not re.search(r"anthropic|openai|claude\.ai[/:]", body, re.I)
    assert "(link left out)." in body and "(link left out), [l]((link left out))" in body
    assert "Co-Authored-By: Agent <(address left out)>" in body


def test_no_place_of_this_machine(work):
    """By whatever name it is known, and wherever it stands in a path."""
    link = work.base / "link"
    os.symlink(work.repo, link)
    session = work.claude(cwd=link).start()
    session.prompt(f"look at {link}/first.txt, /host{work.repo}/x, {work.repo}2/y and -I{work.repo}/inc; "
                   "not at /home/robin/notes or /root/.cache, /srv/root/x, C:\\Users\\robin\\a, /Users/robin")
    session.bash(f"cat {link}/first.txt")
    session.write("x.txt", "x\n")
    session.stop("Done.")
    body = work.baton("pr", check=True).out
    assert str(link) not in body and f"{work.repo}/" not in body and "robin" not in body
    assert "look at first.txt, /host/…/x, " in body and f"{work.repo}2/y and -Iinc;" in body
    assert "not at ~/notes or ~/.cache, /srv/root/x, ~\\a, ~\n" in body
    assert "- `first.txt` [" in body
    assert str(link) not in work.baton("handoff", "--format", "html", check=True).out
