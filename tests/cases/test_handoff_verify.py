"""`handoff --verify`: a handoff that was made before, against the record."""
import copy
import json
import re

import pytest

from support.library import LIBRARY, RUN, TEST
from test_handoff import AGENTS, CASES, Played  # noqa: F401
from test_handoff_tasks import todo


@pytest.fixture
def work(world):
    world.write("lib.sh", LIBRARY)
    world.write("tests/lib_test.sh", TEST)
    world.write("notes.txt", "x\n")
    world.commit("A library and its test")
    agent = world.claude().start()
    agent.prompt("mend the answer; keep the name")
    todo(agent, ("find it", "completed"), ("mend it", "in_progress"))
    agent.read("lib.sh")
    agent.bash(RUN)
    agent.edit("lib.sh", "41", "43")
    agent.bash(RUN)
    agent.edit("lib.sh", "43", "42")
    agent.bash(RUN)
    agent.bash("cp lib.sh nowhere/else")
    agent.bash("cp lib.sh copy.sh")
    agent.prompt("no, leave the comments")
    agent.stop("All tests pass. The docs are not done yet.")
    return agent


def verify(world, text, *more):
    done = world.baton("handoff", "--verify", "-", "--json", *more, stdin=text.encode())
    assert done.returncode in (0, 1), done.err
    answer = json.loads(done.out)
    assert answer["holds"] == (done.returncode == 0) == (answer["findings"] == [])
    return answer


def kinds(answer):
    return [finding["kind"] for finding in answer["findings"]]


FORMS = [["--json"], [], ["--budget", "400"], ["--budget", "1500"], ["--format", "prompt"],
         ["--format", "prompt", "--budget", "800"]]


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_what_was_just_made_holds(work, form):
    text = work.world.baton("handoff", *form, check=True).out
    answer = verify(work.world, text)
    assert answer["findings"] == [] and answer["statements"] > 5 and answer["citations"] > 5
    assert answer["form"] == ("json" if form == ["--json"] else "md")


@pytest.mark.parametrize("name", CASES)
def test_recorded_sessions_hold(name, tmp_path):
    played = Played(name, tmp_path)
    for form in ([], ["--json"]):
        (tmp_path / "made").write_text(played.baton("handoff", *form))
        played.baton("handoff", "--verify", str(tmp_path / "made"))


def alter(made, path, value):
    changed = copy.deepcopy(made)
    place = changed
    for name in path[:-1]:
        place = place[name]
    assert place[path[-1]] != value
    place[path[-1]] = value
    return changed


ALTERED = [
    (["prompts", 0, "text"], "mend the question"),
    (["prompts", 0, "turn"], "0000:1"),
    (["tests", 0, "exit_status"], 0),
    (["tests", 1, "verdict"], "passed"),
    (["tests", 2, "command"], "sh tests/all.sh"),
    (["commands", 0, "exit_status"], 0),
    (["commands", 1, "command"], "cp lib.sh elsewhere.sh"),
    (["changes", 0, "added"], 7),
    (["changes", 0, "path"], "other.sh"),
    (["changes", 0, "hunks", 0, "lines"], [9, 9]),
    (["reads", 0, "path"], "secret.txt"),
    (["plan", 0, "status"], "pending"),
    (["open", 0, "text"], "nothing"),
    (["attempts", 0, "error"], "ok"),
    (["attempts", 1, "command"], "rm -rf /"),
    (["constraints", 0, "text"], "change the name"),
    (["claims", 0, "verdict"], "contradicted"),
    (["verification", "state"], "failed"),
    (["last_message", "text"], "Nothing works."),
    (["rollback", 0, "command"], "rm -rf ."),
    (["sessions", 0, "agent"], "codex"),
]


@pytest.mark.parametrize("path, value", ALTERED, ids=lambda v: str(v).replace(" ", ""))
def test_one_altered_fact_is_found(work, path, value):
    made = work.world.json("handoff")
    answer = verify(work.world, json.dumps(alter(made, path, value)))
    assert answer["findings"] and set(kinds(answer)) <= {"altered", "missing"}
    assert path[0] in answer["findings"][0]["where"]


def test_citation_that_leads_nowhere_is_missing(work):
    made = work.world.json("handoff")
    step = made["tests"][0]["step"].split(".")[0] + ".99"
    answer = verify(work.world, json.dumps(alter(made, ["tests", 0, "step"], step)))
    assert kinds(answer)[0] == "missing" and answer["findings"][0]["citation"] == step


@pytest.mark.parametrize("old, new", [
    ("exit 1", "exit 0"), ("+1 -1", "+2 -1"), ("mend the answer", "mend the question"),
    ("`cp lib.sh copy.sh`", "`cp lib.sh other.sh`"), ("baton rewind", "baton rewnid")])
def test_altered_line_of_markdown_is_found(work, old, new):
    made = work.world.baton("handoff", check=True).out
    assert old in made
    answer = verify(work.world, made.replace(old, new, 1))
    assert kinds(answer) == ["altered"]


def test_what_went_out_of_date_is_named(work):
    world = work.world
    made = world.baton("handoff", "--json", check=True).out
    text = world.baton("handoff", check=True).out
    world.commit("Mend it")
    answer = verify(world, made)
    assert set(kinds(answer)) == {"stale"}
    assert "repository.head" in [f["where"] for f in answer["findings"]]

    world.write("lib.sh", "answer() { echo 44; }\n")
    answer = verify(world, made)
    wheres = {f["where"].split("[")[0].split(".")[0]: f["kind"] for f in answer["findings"]}
    assert wheres["verification"] == "stale" and wheres["changes"] == "stale"

    work.prompt("again")
    work.bash(RUN)
    work.stop()
    answer = verify(world, made)
    assert set(kinds(answer)) == {"stale"}
    whats = [f["what"] for f in answer["findings"]]
    assert "tests were run since" in whats and "there is a later prompt" in whats
    done = world.baton("handoff", "--verify", "-", stdin=text.encode())
    assert done.returncode == 1 and "stale" in done.out and "out of date" in done.out


def test_a_change_of_another_file_makes_nothing_of_markdown_altered(work):
    """Whether a file's tests hold is said beside it where it is not so of all: that goes out of date."""
    world = work.world
    work.bash(RUN)
    text = world.baton("handoff", check=True).out
    assert "tests of it" not in text
    world.write("notes.txt", "by hand\n")
    assert "tests of it: fresh" in world.baton("handoff", check=True).out
    answer = verify(world, text)
    assert set(kinds(answer)) == {"stale"} and any("lib.sh" in text.splitlines()[int(f["where"].split()[1]) - 1]
                                                   for f in answer["findings"])


@pytest.mark.parametrize("message", ["Done, all tests pass.", "Done:\n\n- mended it\n\n```sh\nsh t.sh\n```\n"],
                         ids=["one line", "a block"])
def test_a_turn_more_makes_nothing_of_markdown_altered(work, message):
    world = work.world
    work.prompt("once more")
    work.bash(RUN)
    work.stop(message)
    text = world.baton("handoff", check=True).out
    assert "last green" in text and message.splitlines()[0] in text
    work.prompt("and again")
    work.bash(RUN)
    work.stop("Ok.")
    answer = verify(world, text)
    assert set(kinds(answer)) == {"stale"}, answer["findings"]
    assert "the agent said something after it" in [f["what"] for f in answer["findings"]]
    # What was never said or no way back is still found.
    said = text.replace("Done", "Undone")
    assert "altered" in kinds(verify(world, said))
    point = re.search(r"- last green: `baton rewind (\S+)\^`", text)
    assert "altered" in kinds(verify(world, text.replace(point.group(0), point.group(0).replace("^", ""))))


def test_other_words_are_no_handoff(work):
    for text in ["", "hello", "{}", '{"kind": "log"}', "{", "# Something else\n"]:
        done = work.world.baton("handoff", "--verify", "-", stdin=text.encode())
        assert done.returncode == 2 and "not a handoff" in done.err, text
    assert work.world.baton("handoff", "--verify", "/no/such/file").returncode == 3


def test_handoff_of_another_store(work, make_world):
    made = work.world.baton("handoff", check=True).out
    other = make_world()
    other.claude().start().prompt("x").stop()
    done = other.baton("handoff", "--verify", "-", stdin=made.encode())
    assert done.returncode == 3 and "no session that is recorded here" in done.err


# --- what went on since is out of date, and nobody altered it

def kinds_of(world, text):
    answer = verify(world, text)
    return sorted({(finding["kind"], finding["where"].split("[")[0]) for finding in answer["findings"]})


def changed_by_a_person(world):
    world.write("lib.sh", "answer() { echo 44; }\n# more\n")


def deleted(world):
    (world.repo / "lib.sh").unlink()


def moved(world):
    (world.repo / "lib.sh").rename(world.repo / "core.sh")


@pytest.mark.parametrize("act", [changed_by_a_person, deleted, moved], ids=lambda act: act.__name__)
def test_a_listed_file_that_changed_is_out_of_date(work, act):
    world = work.world
    texts = [world.baton("handoff", *form, check=True).out for form in ([], ["--json"])]
    act(world)
    for text in texts:
        assert {kind for kind, _ in kinds_of(world, text)} == {"stale"}
    # But a count that the file never had is altered.
    line = next(each for each in texts[0].splitlines() if each.startswith("- `lib.sh` +"))
    wrong = texts[0].replace(line, line.replace("+1 ", "+7 "))
    assert "altered" in [kind for kind, _ in kinds_of(world, wrong)]


def test_tests_that_ran_again_are_out_of_date(work):
    world = work.world
    work.edit("lib.sh", "42", "45")
    work.bash(RUN)
    texts = [world.baton("handoff", *form, check=True).out for form in ([], ["--json"])]
    assert "failed, exit 1" in texts[0]
    work.prompt("go on")
    work.read("lib.sh")
    work.edit("lib.sh", "45", "42")
    work.bash(RUN)
    work.bash("cp lib.sh nowhere/else")
    work.stop("Mended.")
    for text in texts:
        assert {kind for kind, _ in kinds_of(world, text)} == {"stale"}


def test_a_turn_that_ended_twice_said_both(work):
    """As after a hook that let it go on: the agent's own file has what it had said first."""
    world = work.world
    work.keep_file().prompt("and the docs")
    for message in "All is well. The docs are not done yet.", "Now they are.":
        work.file_line("assistant", message={"role": "assistant", "content": [
            {"type": "text", "text": message}]})
        if message.startswith("All"):
            work.stop(message)
            texts = [world.baton("handoff", *form, check=True).out for form in ([], ["--json"])]
    work.bash(RUN)
    work.stop("Now they are.")
    for text in texts:
        assert {kind for kind, _ in kinds_of(world, text)} == {"stale"}
        altered = text.replace("All is well. The docs", "All is lost. The docs")
        assert altered != text and "altered" in [kind for kind, _ in kinds_of(world, altered)]


def test_other_ends_of_lines_alter_nothing(work):
    text = work.world.baton("handoff", check=True).out
    assert verify(work.world, text.replace("\n", "\r\n"))["findings"] == []
