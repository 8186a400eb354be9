"""What a handoff says is true of the moment that it speaks of: what was said is held against what stood then, and
what stands now is told of the worktree that it stands in."""
import time

import pytest

from support.handoffs import handoff
from support.scratch import git
from test_handoff_context import says, section

LIBRARY = "answer() { echo 41; }\n"


@pytest.fixture
def library(world):
    world.write("lib.sh", LIBRARY)
    world.write("Makefile", "all:\n\ttrue\n")
    world.commit("A library")
    return world


def claims(world):
    return {each["text"]: (each["verdict"], each["reason"]) for each in handoff(world)["claims"]}


# --- claims

def test_a_person_who_takes_it_back_makes_no_claim_untrue(library):
    session = library.claude().start().prompt("mend the answer")
    session.edit("lib.sh", "41", "42")
    session.stop("I fixed `lib.sh`.")
    assert claims(library)["I fixed `lib.sh`."] == ("supported", "a step changed it")
    library.write("lib.sh", LIBRARY)
    assert claims(library)["I fixed `lib.sh`."] == ("supported", "a step changed it, and it was taken back later")
    assert library.baton("check").returncode == 0


def test_what_the_agent_had_taken_back_itself_is_contradicted(library):
    session = library.claude().start().prompt("mend the answer")
    session.edit("lib.sh", "41", "42")
    session.edit("lib.sh", "42", "41")
    session.stop("I fixed `lib.sh`.")
    assert claims(library)["I fixed `lib.sh`."][0] == "contradicted"


def test_a_later_session_makes_no_claim_untrue(library):
    first = library.claude().start().prompt("mend the answer")
    first.edit("lib.sh", "41", "42")
    first.stop("I did not touch the `Makefile`.")
    second = library.codex().start().prompt("now the Makefile")
    second.edit("Makefile", "\ttrue\n", "\tfalse\n")
    second.stop("I updated `Makefile`.")
    told = claims(library)
    assert told["I did not touch the `Makefile`."][0] == "supported"
    assert told["I updated `Makefile`."] == ("supported", "a step changed it")


def test_the_session_that_touched_it_did(library):
    session = library.claude().start().prompt("mend the answer")
    session.edit("Makefile", "\ttrue\n", "\tfalse\n")
    session.stop("I did not touch the `Makefile`.")
    assert claims(library)["I did not touch the `Makefile`."] == ("contradicted", "a step changed it")


def test_a_later_plan_makes_no_claim_untrue(library):
    first = library.claude().start().prompt("mend the answer")
    call = first.before("TodoWrite", {"todos": [{"content": "mend", "status": "completed"}]})
    first.after(call, "TodoWrite", {"todos": [{"content": "mend", "status": "completed"}]}, {})
    first.stop("All items are done.")
    second = library.claude().start().prompt("now document it")
    todos = {"todos": [{"content": "document", "status": "pending"}]}
    call = second.before("TodoWrite", todos)
    second.after(call, "TodoWrite", todos, {})
    second.stop("Not finished.")
    assert claims(library)["All items are done."][0] == "supported"


# --- where things stand

def test_what_is_not_committed_is_told_of_its_own_worktree(library):
    other = library.base / "other"
    git(library.repo, "worktree", "add", "-q", "-b", "feature", str(other))
    session = library.claude(cwd=other).start().prompt("two more files")
    session.write("one.sh", "1\n")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "One")
    session.write("two.sh", "2\n")
    session.stop("Done.")
    there = handoff(library, "feature", cwd=other)["repository"]
    assert (there["branch"], there["dirty"]) == ("feature", ["two.sh"]) and "worktrees" not in there
    here = handoff(library, "feature")["repository"]
    assert (here["branch"], here["dirty"]) == ("main", [])
    seen, = here["worktrees"]
    assert (seen["root"], seen["branch"], seen["dirty"]) == (str(other), "feature", ["two.sh"])
    head = git(other, "rev-parse", "HEAD").strip()
    text = library.baton("handoff", "feature").out
    assert f"- worktree `{other}` on `feature` at {head[:7]}, not committed: `two.sh`\n" in text
    assert "not committed: `one.sh`" not in text


def hunks(made, path):
    change, = [each for each in made["changes"] if each["path"] == path]
    return change.get("at_head"), [(each["lines"], each.get("head_lines")) for each in change["hunks"]]


def test_lines_as_they_are_at_head(world):
    world.write("code.txt", "".join(f"{number}\n" for number in range(1, 21)))
    world.commit("Twenty lines")
    session = world.claude().start().prompt("change it")
    session.edit("code.txt", "10\n", "ten\nand a half\n")
    session.stop()
    assert hunks(handoff(world), "code.txt") == ("other", [([10, 11], None)])
    git(world.repo, "commit", "-qam", "Ten")
    assert hunks(handoff(world), "code.txt") == ("same", [([10, 11], None)])
    session.prompt("more")
    session.edit("code.txt", "2\n3\n", "2\nnew\nnewer\n3\n")
    session.write("new.txt", "new\n")
    session.stop()
    made = handoff(world, "--format", "json")
    assert hunks(made, "code.txt") == ("other", [([3, 4], None), ([12, 13], [10, 11])])
    assert hunks(made, "new.txt")[0] == "absent"


def moved(made, path):
    change, = [each for each in made["changes"] if each["path"] == path]
    return change["at_head"], change.get("head_path"), [each.get("head_lines") for each in change["hunks"]]


def test_lines_at_head_are_found_under_the_name_before_a_move(world):
    world.write("code.txt", "".join(f"{number}\n" for number in range(1, 21)))
    world.write("other.txt", "other\n")
    world.commit("Twenty lines")
    session = world.claude().start().prompt("change it")
    session.bash("git mv code.txt text.txt")
    session.edit("text.txt", "10\n", "ten\n")
    session.write("new.txt", "new\n")
    session.stop()
    made = handoff(world, "--format", "json")
    assert moved(made, "text.txt") == ("absent", "code.txt", [None])
    assert moved(made, "new.txt") == ("absent", None, [None])
    git(world.repo, "add", "-A")
    git(world.repo, "commit", "-qm", "Moved")
    assert moved(handoff(world, "--format", "json"), "text.txt")[:2] == ("same", None)


def test_where_a_person_moved_it_is_told(library):
    session = library.claude().start().prompt("mend the answer")
    session.edit("lib.sh", "41", "42")
    session.stop()
    git(library.repo, "mv", "lib.sh", "core.sh")
    git(library.repo, "commit", "-qam", "Moved")
    assert moved(handoff(library), "core.sh")[:2] == ("same", None)


def test_a_range_is_called_by_its_name(library):
    git(library.repo, "tag", "v1")
    session = library.claude().start().prompt("mend the answer")
    session.edit("lib.sh", "41", "42")
    session.stop()
    git(library.repo, "commit", "-qam", "Mend")
    git(library.repo, "tag", "v2")
    for words in ([], ["--budget", "400"]):
        assert library.baton("handoff", "v1..v2", *words).out.startswith("# Handoff of `v1..v2`\n")


# --- told once

def test_words_before_several_changes_are_told_once(library):
    session = library.claude().keep_file().start().prompt("mend the answer")
    says(session, "Both files need the new name.")
    session.edit("lib.sh", "answer", "reply")
    session.edit("Makefile", "all", "everything")
    session.stop()
    assert library.baton("handoff").out.count("Both files need the new name.") == 1


def test_a_refused_command_stands_among_the_attempts_only(library):
    session = library.claude().start().prompt("publish it")
    given = {"command": "git push", "description": "Push"}
    call = session.before("Bash", given)
    session.failed(call, "Bash", given, "Permission to use Bash with command git push has been denied.")
    session.bash("true")
    session.stop()
    text = library.baton("handoff").out
    line, *_ = section(text, "Failed attempts")
    assert line.startswith("- refused: `git push`")
    assert [each for each in section(text, "Commands") if each] == [
        line for line in section(text, "Commands") if line.startswith("- `true` exit 0")]
    assert [each["outcome"] for each in handoff(library)["commands"]] == ["refused", "ok"]


def test_an_edit_put_back_to_what_is_committed_is_not_said_to_be_gits_doing(library):
    session = library.claude().start().prompt("mend the answer")
    session.edit("lib.sh", "41", "42")
    session.stop()
    time.sleep(1.1)
    library.write("lib.sh", LIBRARY)
    assert "  taken back to what git holds" in section(library.baton("handoff").out, "Failed attempts")


def test_a_move_before_a_failing_run_is_no_attempt(library):
    """Nothing was changed after the run: what failed is the present state, and a moved file was not dropped."""
    library.write("tests/run.sh", "exit 1\n")
    library.commit("A test that fails")
    session = library.claude().start().prompt("split it")
    session.edit("lib.sh", "41", "42")
    session.write("other.sh", "other() { :; }\n")
    session.bash("mkdir -p lib && mv other.sh lib/other.sh")
    session.bash("sh tests/run.sh")
    session.stop()
    made = handoff(library)
    assert made["attempts"] == []
    assert [each["rule"] for each in made["open"]] == ["failing-run"]


def test_only_what_was_put_back_after_the_run_counts_as_tried(library):
    library.write("tests/run.sh", "exit 1\n")
    library.commit("A test that fails")
    session = library.claude().start().prompt("mend it")
    session.edit("lib.sh", "41", "42")
    session.edit("Makefile", "\ttrue\n", "\tfalse\n")
    session.bash("sh tests/run.sh")
    session.edit("Makefile", "\tfalse\n", "\ttrue\n")
    session.stop()
    attempt, = handoff(library)["attempts"]
    assert (attempt["rule"], attempt["paths"]) == ("edit-then-failing-run", ["Makefile"])


def test_a_bound_on_what_is_done_to_a_file_does_not_forbid_it(library):
    session = library.claude().start().prompt("And never use more than 3 requests in lib.sh. Leave the Makefile alone.")
    session.read("lib.sh")
    session.edit("lib.sh", "41", "42")
    session.stop()
    made = handoff(library)
    assert [each["pattern"] for each in made["scope"]["asked"]] == ["lib.sh"]
    assert made["scope"]["surprises"] == [] and not any(each["rule"] == "forbidden" for each in made["risks"])


def test_a_path_in_two_worktrees_is_two_changes(library, tmp_path):
    other = tmp_path / "other"
    git(library.repo, "worktree", "add", "-q", "-b", "two", str(other))
    session = library.claude().start().prompt("mend it in both")
    session.edit("lib.sh", "41", "42")
    session.edit(str(other / "lib.sh"), "41", "44")
    session.stop()
    made = handoff(library)
    assert [(each["path"], "worktree" in each, [line[1:] for line in each["hunks"][0]["quoted"][1:]],
             each.get("at_head")) for each in made["changes"]] == [
        ("lib.sh", False, ["answer() { echo 42; }"], "other"),
        ("lib.sh", True, ["answer() { echo 44; }"], None)]
    session.prompt("not there")
    session.edit(str(other / "lib.sh"), "44", "41")
    session.stop()
    (change,) = handoff(library)["changes"]
    assert "worktree" not in change and "worktree ``" not in library.baton("handoff").out
