"""A colleague without the store gets a bundle: every reading command answers as at the author's."""
import hashlib
import json
import re
import shutil
import subprocess
import sys

import pytest

from support.scratch import ROOT, Scratch, git

sys.path.insert(0, str(ROOT / "bench" / "handoff"))

from facts import Facts  # noqa: E402
from scripts import STORIES  # noqa: E402
from story import Story  # noqa: E402

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


@pytest.fixture
def reviewed(tmp_path):
    """A branch by two agents, half finished, committed and pushed; the author's world and a reviewer's
    clone, made when the work was done."""
    story = Story(tmp_path / "author", "two-agents", Facts("two-agents/bundle"))
    STORIES["two-agents"](story)
    world = story.world
    world.baton("note", "risk", "mind the gap", check=True)
    world.commit("All of it")
    upstream = tmp_path / "upstream.git"
    git(world.repo, "clone", "-q", "--bare", ".", str(upstream))
    git(upstream, "symbolic-ref", "HEAD", "refs/heads/main")
    git(world.repo, "remote", "add", "origin", str(upstream))
    git(world.repo, "fetch", "-q")
    git(world.repo, "remote", "set-head", "origin", "main")
    there = Scratch(tmp_path / "reviewer", store=False)
    shutil.rmtree(there.repo)
    git(tmp_path, "clone", "-q", str(upstream), str(there.repo))
    story.branch_name = git(world.repo, "rev-parse", "--abbrev-ref", "HEAD").strip()
    git(there.repo, "checkout", "-q", story.branch_name)
    return story, there


def judging_readers(world, file):
    """Questions about a task, with the standard input that they read."""
    turns = world.json("log")["turns"]
    first, last = turns[-1]["address"], turns[0]["address"]
    session = last.split(":")[0]
    made = world.json("handoff")
    path = made["changes"][0]["path"]
    for form in ("md", "json"):
        (file.parent / f"made.{form}").write_text(world.baton("handoff", "--format", form).out)
    failure = f"{path}:1: error: bad\n{path}:6: error: worse\n".encode()
    forms = ([], ["--json"])
    asked = [["stats"], ["stats", "--by", "session"], ["stats", "--by", "model"], ["stats", session],
             ["stats", "main..HEAD"], ["triage", "-"], ["triage", "-", "--rev", "HEAD"],
             ["check"], ["check", "--fail-on", "all"], ["check", "main..HEAD"], ["check", session],
             ["handoff"], ["handoff", session], ["handoff", "main..HEAD"],
             ["handoff", "--list"], ["handoff", "--at", first],
             ["handoff", "--verify", str(file.parent / "made.md")],
             ["handoff", "--verify", str(file.parent / "made.json")],
             ["task"], ["task", "--all"], ["log", "main..HEAD"], ["log", "-L", f"1,6:{path}"],
             ["show", "HEAD"], ["blame", path], ["blame", f"{path}:6"], ["blame", "--deleted", path],
             ["blame", "-p", path], ["diff"], ["diff", "main", last], ["search", "limit", "--kind", "prompt"]]
    for words in asked:
        for form in forms:
            yield words + form, failure
    for form in (["--format", "prompt"], ["--budget", "400"]):
        yield ["handoff", *form], b""
    yield ["check", "--format", "github"], b""
    yield ["log", "--", path], b""


def test_a_reviewer_in_a_clone_is_told_the_same_of_the_task(reviewed, tmp_path):
    story, there = reviewed
    world = story.world
    file, _ = bundle(world)
    names = set()
    for words, given in judging_readers(world, file):
        here = world.baton(*words, stdin=given)
        at = words.index("--") if "--" in words else len(words)
        told = there.baton(*words[:at], "--bundle", str(file), *words[at:], stdin=given)
        assert (told.returncode, told.err) == (here.returncode, here.err), words
        assert here.returncode in (0, 1) and (here.out or "--deleted" in words), words
        assert told.out.replace(str(there.repo), str(world.repo)) == here.out, words
        names.add(words[0])
    assert {"stats", "triage", "check", "handoff", "task", "log", "show", "blame", "diff"} <= names
    # Of another branch than the reviewer's, too, and whatever lies around where there is no clone.
    git(there.repo, "checkout", "-q", "main")
    assert there.baton("handoff", "--bundle", str(file)).out.count("- session [") == 2
    nowhere = Scratch(tmp_path / "nowhere", store=False, git_repo=False)
    nowhere.write("Makefile", "check-nothing:\n\ttrue\n")
    made = json.loads(nowhere.baton("handoff", "--json", "--bundle", str(file), check=True).out)
    for part in ("task", "not_checked", "claims", "verification", "open"):
        assert made[part] == world.json("handoff")[part], part


def test_a_bundle_of_one_task_is_about_that_task(reviewed, tmp_path):
    story, there = reviewed
    world = story.world
    other = world.claude().start().prompt("something else, on the same branch")
    other.write("else.txt", "x\n")
    other.stop()
    first = world.json("log")["turns"][-1]["address"].split(":")[0]
    file, _ = bundle(world, first)
    told = json.loads(there.baton("handoff", "--json", "--bundle", str(file), check=True).out)
    assert [each["session"] for each in told["sessions"]] == [first]
    tasks = json.loads(there.baton("task", "--json", "--bundle", str(file), check=True).out)["tasks"]
    assert [each["sessions"] for each in tasks] == [[first]]


def test_what_a_person_did_last_is_in_it(author, colleague):
    """Nothing was heard after it: the bundle is made after a look at the files, as a handoff is."""
    author.write("README.md", "by hand\n")
    file, _ = bundle(author)
    there = colleague.baton("handoff", "--json", "--bundle", str(file), check=True)
    assert "README.md" in [other["path"] for other in json.loads(there.out)["others"]]
    assert json.loads(there.out)["others"] == author.json("handoff")["others"]


def test_body_and_page_carry_the_digest(reviewed, tmp_path):
    story, there = reviewed
    world = story.world
    file, made = bundle(world)
    told = f"baton show ADDRESS --bundle FILE`, FILE being the bundle with the digest `{made['digest']}`"
    plain = world.baton("pr", check=True).out
    assert made["digest"] not in plain and "--bundle" not in plain
    for who in (world, there):
        page = tmp_path / "page.html"
        body = who.baton("pr", "--bundle", str(file), "--html", str(page), check=True).out
        assert told in body
        # It is the same body but for that, and the page says it as well.
        assert [line for line in body.split("\n") if made["digest"] not in line] == \
            [line for line in plain.split("\n") if not line.startswith("Made by ")]
        assert made["digest"] in page.read_text() and str(who.repo) not in page.read_text()
        assert json.loads(who.baton("pr", "--json", "--bundle", str(file)).out)["bundle"] == made["digest"]
    assert "bundle" not in world.json("pr")
    assert file.read_bytes().split(b"\n")[0].decode().endswith(made["digest"])
    # Each citation of the body leads somewhere in the bundle.
    cited = set(re.findall(r"[\[ ]([0-9a-f]{4}[.:][0-9]+)(?=[\],])", body))
    assert len(cited) > 5
    for address in cited:
        there.baton("show", address, "--bundle", str(file), check=True)
    # With an older one's first line it is no bundle: the line alone makes no file the same.
    head = file.read_bytes().split(b"\n", 1)[0]
    bundle(world, story.prompts[0][0].address())
    forged = tmp_path / "forged"
    forged.write_bytes(head + b"\n" + file.read_bytes().split(b"\n", 1)[1])
    done = there.baton("pr", "--bundle", str(forged), env={"XDG_CACHE_HOME": str(tmp_path / "cache")})
    assert done.returncode == 4 and "digest" in done.err


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
