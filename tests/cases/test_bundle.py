"""A colleague without the store gets a bundle: every reading command answers as at the author's."""
import hashlib
import json
import shutil
import subprocess

import pytest

from support.scratch import Scratch, git

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2


@pytest.fixture
def author(tmp_path):
    world = Scratch(tmp_path / "author")
    world.write("src/a.txt", "one\ntwo\nthree\n")
    world.write("src/b.txt", "b\n")
    world.commit("Files")
    session = world.claude().keep_file().start().prompt("change the second line")
    session.read("src/a.txt")
    session.edit("src/a.txt", "two", "2")
    session.bash("sed -i s/three/3/ src/a.txt; cat src/a.txt")
    session.write("token.txt", f"token = {SECRET}\n")
    session.bash("false")
    session.stop("The second line is changed.").end()
    world.write("src/b.txt", "by a person\n")
    other = world.claude().start().prompt("another thing entirely")
    other.write("other.txt", "x\n" * 400)
    other.stop("Done.").end()
    world.baton("note", "decision", "numbers, no words", check=True)
    world.commit("Numbers")
    world.first, world.second = session, other
    return world


@pytest.fixture
def colleague(author, tmp_path):
    """A clone of the repository without a store."""
    there = Scratch(tmp_path / "colleague", store=False)
    shutil.rmtree(there.repo)
    subprocess.run(["git", "clone", "-q", str(author.repo), str(there.repo)], check=True)
    return there


def bundle(author, *words):
    file = author.base / "work.baton"
    made = author.baton("bundle", *words, str(file), "--json", check=True)
    return file, json.loads(made.out)


def readers(world):
    turns = world.json("log")["turns"]
    first = turns[-1]["address"]
    step = [s for s in world.json("log", "--steps")["turns"][-1]["steps"] if s["kind"] == "edit"][0]["address"]
    return [["sessions"], ["log"], ["log", "--steps"], ["log", "--failed"], ["show", first], ["show", step],
            ["show", first.split(":")[0]], ["search", "second"], ["search", "numbers"],
            ["blame", "src/a.txt"], ["blame", "HEAD", "src/a.txt"], ["handoff", first.split(":")[0]],
            ["handoff"], ["note", "--list"], ["cat", step + ":src/a.txt"],
            ["diff", first + "^", first], ["diff", first + "^", first, "--stat"]]


def same(author, other, file, words, *forms):
    for form in forms or ([], ["--json"]):
        here = author.baton(*words, *form)
        there = other.baton(*words, *form, "--bundle", str(file))
        assert there.returncode == here.returncode == 0, (words, form, there.err, here.err)
        assert there.out.replace(str(other.repo), str(author.repo)) == here.out, (words, form)


def test_every_reader_answers_as_at_the_authors(author, colleague):
    asked = readers(author)
    file, made = bundle(author)
    assert made["left_out"] == 0 and made["sessions"] >= 3
    for words in asked:
        same(author, colleague, file, words)
    # Nothing was made there.
    assert not (colleague.repo / ".git/baton").exists()
    assert git(colleague.repo, "status", "--porcelain") == ""
    assert git(colleague.repo, "for-each-ref", "refs/baton") == ""


def test_without_a_repository(author, tmp_path):
    file, _ = bundle(author)
    nowhere = Scratch(tmp_path / "nowhere", store=False, git_repo=False)
    for words in readers(author):
        if words[0] in ("blame", "handoff") or "HEAD" in words:
            continue
        same(author, nowhere, file, words)
    done = nowhere.baton("handoff", "--bundle", str(file))
    assert done.returncode == 0 and "another thing entirely" in done.out


def test_it_is_masked(author, tmp_path):
    file, _ = bundle(author)
    colleague = Scratch(tmp_path / "nowhere", store=False, git_repo=False)
    unpacked = colleague.home / ".cache/baton/bundles"
    colleague.baton("log", "--bundle", str(file), check=True)
    everything = b"".join(f.read_bytes() for f in unpacked.rglob("*") if f.is_file())
    assert b"second line" in everything
    raw = subprocess.run(["zstd", "-dc"], input=file.read_bytes().split(b"\n", 1)[1], check=True,
                         stdout=subprocess.PIPE).stdout
    for content in [everything, raw]:
        assert SECRET.encode() not in content
    step = [s for s in author.json("log", "--steps")["turns"][-1]["steps"]
            if s["kind"] == "edit" and "token" in json.dumps(s)][0]["address"]
    done = colleague.baton("cat", step + ":token.txt", "--unmasked", "--bundle", str(file))
    assert SECRET not in done.out and "token = " in done.out


def test_a_pattern_of_the_users_is_masked_for_good(author, colleague):
    author.baton("note", "risk", "the customer is called ZEBRA-77", check=True)
    git(author.repo, "config", "baton.mask.customer", "ZEBRA-[0-9]+")
    file, _ = bundle(author)
    done = colleague.baton("note", "--list", "--bundle", str(file), check=True)
    assert "the customer is called" in done.out and "ZEBRA-77" not in done.out


def test_of_one_session_only(author, colleague):
    address = author.json("log")["turns"][-1]["address"].split(":")[0]
    file, made = bundle(author, address)
    assert made["left_out"] == 1
    log = colleague.baton("log", "--bundle", str(file), check=True).out
    assert "change the second line" in log and "another thing entirely" not in log
    same(author, colleague, file, ["show", address + ":1"])
    same(author, colleague, file, ["blame", "src/a.txt"])
    raw = subprocess.run(["zstd", "-dc"], input=file.read_bytes().split(b"\n", 1)[1], check=True,
                         stdout=subprocess.PIPE).stdout
    assert b"another thing entirely" not in raw


def test_the_digest(author):
    file, made = bundle(author)
    head, rest = file.read_bytes().split(b"\n", 1)
    assert head.decode() == f"baton bundle 1 {made['digest']}"
    raw = subprocess.run(["zstd", "-dc"], input=rest, check=True, stdout=subprocess.PIPE).stdout
    at, offset = raw, 0
    while not at[offset:].startswith(b"-\n"):
        name, size, _ = at[offset:].split(b"\n", 2)
        offset += len(name) + len(size) + 2 + int(size) + 1
    assert hashlib.sha256(raw[:offset]).hexdigest() == made["digest"]
    assert bundle(author)[1]["digest"] == made["digest"]


def test_what_is_no_bundle(author, colleague):
    file, _ = bundle(author)
    bad = colleague.base / "bad"
    for content, status in [(b"hello\n", 4), (b"", 4), (b"baton bundle 9 x\n", 4),
                            (file.read_bytes()[:-40], 4), (file.read_bytes()[:60], 4)]:
        bad.write_bytes(content)
        done = colleague.baton("log", "--bundle", str(bad))
        assert done.returncode == status and done.err.startswith("baton: "), (content[:20], done.err)
    altered = bytearray(file.read_bytes())
    altered[20] ^= 1
    bad.write_bytes(altered)
    assert colleague.baton("log", "--bundle", str(bad)).returncode == 4
    assert colleague.baton("log", "--bundle", "nowhere").returncode == 3
    assert colleague.baton("note", "risk", "x", "--bundle", str(file)).returncode == 2


def test_where_the_cache_cannot_be_written(author, colleague):
    file, _ = bundle(author)
    (colleague.home / ".cache").write_text("no folder\n")
    done = colleague.baton("log", "--bundle", str(file), env={"TMPDIR": str(colleague.base)}, check=True)
    assert "change the second line" in done.out
    assert not list(colleague.base.glob("baton-*"))
