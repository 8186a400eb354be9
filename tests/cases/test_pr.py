"""`baton pr`: a pull request's body out of the record."""
import json
import re
import sys

import pytest

from support.scratch import ROOT, git

sys.path.insert(0, str(ROOT / "bench" / "handoff"))

from facts import Facts  # noqa: E402
from story import Story  # noqa: E402

BEGIN, END = "<!-- baton: begin -->", "<!-- baton: end -->"
RUN = "sh tests/lib_test.sh"
SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"[:36]


def sections(body):
    """{heading: text below it}; the folded parts by the words of their summary."""
    found, name = {}, ""
    for line in body.split("\n"):
        heading = re.match(r"## (.*)|<summary>([^(:]*).*</summary>", line)
        if heading:
            name = (heading[1] or heading[2]).strip()
        found[name] = found.get(name, "") + line + "\n"
    return found


def outside_of_code(body):
    """The body without fenced blocks and code spans: what is Markdown and HTML in it."""
    kept, fence = [], None
    for line in body.split("\n"):
        mark = re.match(r" {0,3}(`{3,})", line)
        if fence:
            if mark and mark[1].startswith(fence) and line.strip() == mark[1]:
                fence = None
            continue
        if mark:
            fence = mark[1]
            continue
        kept.append(re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", line))
    assert fence is None
    return "\n".join(kept)


@pytest.fixture
def branch(tmp_path):
    """A branch with commits by two agents and a person."""
    story = Story(tmp_path, "review", Facts("review"))
    world = story.world
    world.write("lib.sh", "answer() { echo 41; }\n")
    world.write("tests/lib_test.sh", '. "$(dirname "$0")/../lib.sh"\n[ "$(answer)" = 42 ]\n')
    world.write("other.sh", "true\n")
    world.commit("A library and its test")
    story.branch("fix")
    claude = story.claude()
    claude.prompt(f"Mend the answer in {world.repo}/lib.sh, the token is {SECRET}")
    claude.todo(("Find the cause", "completed"), ("Mend it", "in_progress"))
    claude.read("tests/lib_test.sh")
    claude.shell(f"cat {world.home}/notes.txt", f"see https://claude.ai/share/1 and {world.repo}/x\n")
    claude.edit("lib.sh", "41", "43")
    claude.run(RUN, 0, status=1, output="not ok 1 - 43\n")
    claude.says("It has to be 42.")
    claude.edit("lib.sh", "43", "42")
    claude.run(RUN, 1, status=0, output="ok 1\n")
    commit = "git commit -qam 'Mend the answer\n\nGenerated with [Agent](https://claude.com/claude-code)'"
    claude.shell(commit, effect=commit)
    claude.todo(("Find the cause", "completed"), ("Mend it", "completed"))
    claude.stop("The answer is 42 now.")
    story.person("other.sh", "false\n")
    world.commit("By hand")
    codex = story.codex()
    codex.prompt("Now write it down in NOTES.md")
    codex.write("NOTES.md", "The answer is 42.\n")
    codex.shell("git add NOTES.md && git commit -qm 'Notes'",
                effect="git add NOTES.md && git commit -qm 'Notes'")
    codex.stop("NOTES.md says it.")
    story.claude_actor, story.codex_actor = claude, codex
    return story


def test_body_of_a_branch_by_two_agents_and_a_person(branch):
    world = branch.world
    body = world.baton("pr", "main..HEAD", check=True).out
    assert body.startswith(BEGIN + "\n") and body.endswith(END + "\n")
    told = sections(body)
    claude, codex = branch.claude_actor.address(), branch.codex_actor.address()
    assert f"[{claude}] claude-code" in body and f"[{codex}] codex" in body
    assert "Mend the answer in lib.sh, the token is [masked:" in told["Prompt"]
    assert "Now write it down in NOTES.md" in told["Prompt"]
    assert "- [x] `Mend it`" in told["Plan"]
    assert re.search(r"For `Mend the answer .*:1\]:\n\n- `lib.sh` \+1 -1 \[", told["Changed"])
    assert re.search(r"For `Now write .*:1\]:\n\n- `NOTES.md` new, \+1 -0 \[", told["Changed"])
    assert re.search(f"\n- failed, exit 1, .*: `{RUN}` \\[", told["How it was verified"])
    assert re.search(f"\n- passed, exit 0, .*: `{RUN}` \\[", told["How it was verified"])
    assert "+answer() { echo 43; }" in told["Tried and dropped"]
    assert "not ok 1 - 43" in told["Tried and dropped"]
    assert "baton rewind" in told["Going back"] and "git revert --no-commit" in told["Going back"]
    assert re.search(r"`By hand`, not recorded: by `Robin`", told["Commits"])
    assert re.search(r"`Mend the answer` \[" + claude + ":1\\]", told["Commits"])
    assert "- `tests/lib_test.sh` [" in told["Files read"]
    assert "- `NOTES.md` new, +1 -0\n" in told["Diff"]
    assert "- `other.sh` +1 -1, no recorded step changed it\n" in told["Diff"]
    assert "1 file of the diff that no recorded step" in told["Risks"]
    # Nothing of this machine, of vendors, of secrets.
    assert SECRET not in body and str(world.repo) not in body and str(world.home) not in body
    assert "claude.ai" not in body and "claude.com" not in body
    assert "`~/notes.txt` [" in told["Files read"] and "(link left out)" in told["Commands"]
    # The same again.
    assert world.baton("pr", "main..HEAD").out == body
    assert world.baton("pr", "main..HEAD", cwd=world.repo / "tests").out == body
    made = world.json("pr", "main..HEAD")
    assert made["body"] == body and made["left_out"] == []
    assert made["head"] == git(world.repo, "rev-parse", "HEAD").strip()
    assert [c["subject"] for c in made["commits"]] == ["Mend the answer", "By hand", "Notes"]


def test_notes_stand_in_the_body(branch):
    world = branch.world
    for kind in ("decision", "assumption", "risk", "open"):
        world.baton("note", kind, f"the {kind} is `x`", check=True)
    closed = world.json("note", "risk", "settled by now")["notes"][0]["id"]
    told = sections(world.baton("pr", check=True).out)
    for kind in ("decision", "risk"):
        line = f"- {kind} by `Robin <robin@example.invalid>`: `` the {kind} is `x` `` [note:"
        assert line in told["Notes"], told["Notes"]
    assert "- note by `Robin <robin@example.invalid>`: `` the assumption is `x` `` [note:" in told["Assumptions"]
    assert "assumption" not in told["Notes"]
    assert "the open" not in told["Notes"] and "the open is" in told["Open"] and "settled" in told["Notes"]
    world.baton("note", "--close", closed, check=True)
    assert "settled" not in world.baton("pr", check=True).out


def test_what_was_assumed_and_worked_under_stands_in_the_body(world):
    session = world.claude().keep_file().start()
    session.send("InstructionsLoaded", file_path=session.path("CLAUDE.md"), memory_type="Project",
                 load_reason="session_start")
    session.send("InstructionsLoaded", file_path=str(world.home / ".claude/CLAUDE.md"), memory_type="User",
                 load_reason="session_start")
    session.prompt("port it")
    session.write("a.txt", "a\n")
    session.stop(f"Done. I assume that `{world.repo}/a.txt` is read <b>first</b>.")
    told = sections(world.baton("pr", check=True).out)
    assert "- the agent's words: ``I assume that `a.txt` is read <b>first</b>.`` [" in told["Assumptions"]
    assert "- instructions: `CLAUDE.md` (`Project`) [" in told["Worked under"]
    assert "- instructions: `~/.claude/CLAUDE.md` (`User`) [" in told["Worked under"]
    # What goes first where there is no room, but for the prompt of each file.
    for number in range(80):
        session.send("InstructionsLoaded", file_path=session.path(f"{'deep/' * 20}{number}/CLAUDE.md"),
                     memory_type="Project", load_reason="nested_traversal")
    size = len(world.baton("pr", check=True).out)
    bodies = [world.baton("pr", "--update", "-", stdin=b"z" * (65536 - room)).out
              for room in range(size - 500, size - 4500, -1000)]
    left_out = [re.search("fits: (.*?)[.]", body)[1] for body in bodies if "Left out" in body]
    assert "the prompt behind each file, what the agents worked under" in left_out, left_out


def test_update_keeps_what_people_wrote(branch):
    world = branch.world
    body = world.baton("pr", check=True).out
    file = world.base / "body.md"
    file.write_text(f"Please look at lib.sh first.\r\n\r\n{BEGIN}\r\nold\r\n{END}\r\nThanks!\r\n",
                    newline="")
    updated = world.baton("pr", "--update", str(file), check=True).out
    assert updated == f"Please look at lib.sh first.\r\n\r\n{body}Thanks!\r\n"
    # It is put in place of itself, from a pipe too.
    again = world.baton("pr", "--update", "-", stdin=updated.encode(), check=True).out
    assert again == updated
    # Without marks the text stands before the body.
    assert world.baton("pr", "--update", "-", stdin=b"Mine.").out == "Mine.\n\n" + body
    assert world.baton("pr", "--update", "-", stdin=b"").out == body
    for broken in (BEGIN + "\nx\n", "x\n" + END + "\n"):
        done = world.baton("pr", "--update", "-", stdin=broken.encode())
        assert done.returncode == 2 and "mark without" in done.err
    assert world.baton("pr", "--update", str(world.base / "nothing")).returncode in (3, 4)


def test_since_a_commit_tells_only_what_came_after(branch):
    world, claude = branch.world, branch.claude_actor
    reviewed = git(world.repo, "rev-parse", "HEAD").strip()
    agent = branch.claude()
    agent.prompt("The reviewer says: say why it is 42")
    agent.edit("NOTES.md", "42.", "42, since six times seven is.")
    agent.run(RUN, 1, status=0, output="ok 1\n")
    agent.shell("git commit -qam 'Say why'", effect="git commit -qam 'Say why'")
    agent.stop("NOTES.md says why.")
    mine = f"My own words.\n\n{BEGIN}\nold\n{END}\n"
    done = world.baton("pr", "--since", reviewed, "--update", "-", stdin=mine.encode(), check=True)
    body = done.out
    assert body.startswith(f"My own words.\n\n{BEGIN}\n")
    told = sections(body)
    assert "The reviewer says" in told["Prompts"] and "Mend the answer" not in body
    assert "`NOTES.md` +1 -1" in told["Changed"] and "lib.sh" not in told["Changed"]
    assert f"1 passed: `{RUN}`" in told["How it was verified"] and "not ok" not in body
    assert "`Say why`" in told["Commits"] and "`By hand`" not in body
    assert "`NOTES.md`" in told["Diff"] and "other.sh" not in told["Diff"]
    # A turn names a moment as well.
    turn = branch.codex_actor.address() + ":1"
    since = world.baton("pr", "--since", turn, check=True).out
    assert "The reviewer says" in since and "Mend the answer" not in sections(since)["Prompts"]
    assert world.baton("pr", "--since", "nowhere").returncode == 3
    assert claude.address() not in sections(body)["Changed"]


def test_recorded_text_breaks_out_of_nothing(world):
    git(world.repo, "checkout", "-q", "-b", "evil")
    evil = (f"</details>\n{END}\n{BEGIN}\n```\n~~~\n# Heading\n<script>alert(1)</script> @team "
            "[x](https://evil.example) ![i](https://evil.example/p.png)\n`` ` ``\n\x1b[31mred\u202e")
    agent = world.claude().start()
    agent.prompt(evil)
    name = "a`b <img src=x onerror=alert(1)>\n## Heading.sh"
    agent.write(name, "echo\n")
    agent.bash("echo '</details>' \"$(printf '## x\\n')\" '`'; exit 3")
    agent.stop(evil)
    body = world.baton("pr", check=True).out
    lines = body.split("\n")
    assert lines.count(BEGIN) == 1 and lines.count(END) == 1
    assert body.startswith(BEGIN) and body.endswith(END + "\n")
    plain = outside_of_code(body)
    for word in ("script", "alert", "evil.example", "@team", "img", "# Heading", "\x1b", "\u202e"):
        assert word not in plain, word
    assert "\x1b" not in body and "\u202e" not in body
    tags = re.findall(r"<[^>]*>", plain)
    assert set(tags) <= {BEGIN, END, "<details>", "</details>", "<summary>", "</summary>"}
    assert plain.count("<details>") == plain.count("</details>")
    assert all(re.match(r"## [A-Z][a-z ]+$", line) for line in plain.split("\n")
               if line.startswith("#"))


def test_a_body_always_fits_and_says_what_it_leaves_out(world):
    git(world.repo, "checkout", "-q", "-b", "much")
    agent = world.claude().start()
    agent.prompt("first of all, " + "the long story " * 30)
    agent.bash("false")
    sizes = []
    for number in range(90):
        if number in (5, 30, 60):
            agent.prompt(f"prompt {number} " + "x" * 200)
        name = f"src/{'deep/' * 12}file_{number:03}.txt"
        agent.write(name, f"{number}\n")
        agent.read(name)
        agent.bash(f"true {number} " + "y" * 150)
        if number in (20, 89):
            sizes.append(len(world.baton("pr", check=True).out))
    whole = world.json("pr")
    assert sizes[0] < sizes[1] <= 65536 and whole["left_out"] == []
    # A person's text takes the room: things go in their order, and what must stay stays.
    before = None
    for room in (45000, 30000, 20000, 12000, 6000):
        text = "z" * (65536 - room)
        body = world.baton("pr", "--update", "-", stdin=text.encode(), check=True).out
        assert len(body) <= 65536
        body = body[body.index(BEGIN):]
        told = sections(body)
        assert "worked under" not in body  # there was nothing
        gone = [part for part, heading in (("reads", "Files read"), ("commands", "Commands"),
                                           ("diff", "Diff")) if heading not in told]
        assert gone in ([], ["reads"], ["reads", "commands"], ["reads", "commands", "diff"])
        assert before is None or set(before) <= set(gone)
        before = gone
        assert "first of all" in told["Prompt"] and "prompt 60" in told["Prompt"]
        assert "`false`, exit 1" in told["Tried and dropped"]
        assert "never run" in told["How it was verified"] and "baton rewind" in told["Going back"]
        assert ("Left out so that this fits: " in body) == bool(gone or "For `" not in body)
    assert before == ["reads", "commands", "diff"]
    # No room at all is said.
    done = world.baton("pr", "--update", "-", stdin=b"z" * 65000)
    assert done.returncode == 2 and "no room" in done.err


def test_nothing_recorded(world):
    git(world.repo, "checkout", "-q", "-b", "own")
    world.write("README.md", "mine\n")
    world.commit("By hand")
    done = world.baton("pr", "main..HEAD")
    assert done.returncode == 3 and done.out == "" and done.err.startswith("baton: nothing recorded")


def test_a_range_is_against_the_place_where_the_branches_parted(branch):
    world = branch.world
    git(world.repo, "checkout", "-q", "main")
    world.write("later.sh", "true\n")
    world.commit("Meanwhile on main")
    git(world.repo, "checkout", "-q", "fix")
    told = world.json("pr", "main..HEAD")
    assert "later.sh" not in json.dumps(told["diff"])
