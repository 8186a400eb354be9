"""What is still open: questions that nobody answered, turns that were cut off, marks, plans."""
import pytest

from support.handoffs import handoff
from support.library import work_on
from support.scratch import git
from test_handoff_attempts import ran
from test_handoff_tasks import todo


@pytest.fixture
def work(world):
    return work_on(world)


def opened(agent):
    return [(each["rule"], each["text"]) for each in handoff(agent)["open"]]


PORT = "Which port should the server use, 8080 or 9090?"


@pytest.mark.parametrize("question, prompt, open_still", [
    (PORT, "add a changelog entry, and sort the names", True),
    (PORT, "go on", True),
    (PORT, "use 9090", False),
    (PORT, "the second one", False),
    (PORT, "what I said about ports holds: the higher", False),
    ("Is the limit 5 or 10?", "ten", False),
    ("Do you want A) a flag or B) a setting?", "B", False),
    ("Should I also update the docs?", "now rename the function, and its callers", False),
    ("Shall I go on?", "go on", False),
])
def test_a_question_is_closed_by_what_takes_it_up(work, question, prompt, open_still):
    work.stop(f"Done. {question}")
    assert opened(work) == [("question", question)]
    work.prompt(prompt)
    work.stop("Done.")
    assert opened(work) == ([("question-passed-over", question)] if open_still else [])
    if open_still:
        assert f"- the agent asked, and no later prompt takes it up: `{question}` [" in \
            work.world.baton("handoff", check=True).out


def test_what_is_not_done_stays_open_through_another_prompt(work):
    work.stop("The parser is not done yet. The `NOTES.md` file is not done yet.")
    work.prompt("now rename the function, and its callers")
    work.stop("Renamed.")
    assert [text for _, text in opened(work)] == ["The parser is not done yet.",
                                                  "The `NOTES.md` file is not done yet."]
    work.prompt("leave the parsers alone")
    work.write("NOTES.md", "x\n")
    work.stop("Fine.")
    assert opened(work) == []


def test_a_mark_that_only_moved_was_not_added(work):
    body = "def a():\n    pass\n\n\ndef b():\n    pass\n\n\ndef c():\n    return 3\n"
    work.world.write("m.py", "# TODO: one\n" + body)
    work.world.commit("A module")
    work.prompt("move the note")
    work.read("m.py")
    work.write("m.py", body + "# TODO: one\n")
    work.stop()
    assert opened(work) == []
    text = work.world.baton("handoff", check=True).out
    assert "; line 11" in text and "lines ," not in text


def test_a_conflict_that_git_left_is_nobodys_step(work):
    world = work.world
    git(world.repo, "checkout", "-qb", "topic")
    work.prompt("mend it here")
    work.edit("lib.sh", "41", "42")
    work.bash("git commit -qam topic")
    git(world.repo, "checkout", "-q", "main")
    world.write("lib.sh", "answer() { echo 40; }\n")
    world.commit("Another answer")
    git(world.repo, "checkout", "-q", "topic")
    work.prompt("rebase it")
    work.bash("git rebase main")
    work.stop("There is a conflict.")
    marks = [each for each in handoff(work)["open"] if each["rule"] == "conflict-marker"]
    assert len(marks) == 2 and not any("." in each["source"] for each in marks)


def stopped_call(work):
    given = {"command": "sleep 99", "description": "x"}
    call = work.before("Bash", given)
    work.send("PostToolUseFailure", tool_name="Bash", tool_input=given, error="Interrupted",
              tool_use_id=call, is_interrupt=True)


@pytest.mark.parametrize("cut, text", [
    (lambda work: work.end(), "the turn was interrupted"),
    (lambda work: work.end("prompt_input_exit"), "the turn was interrupted"),
    (stopped_call, "the turn was interrupted"),
    (lambda work: work.send("StopFailure", error="rate_limit"), "the turn died of an error"),
], ids=["end", "exit", "stopped call", "error"])
def test_a_turn_that_was_cut_off_is_open(work, cut, text):
    work.edit("lib.sh", "41", "43")
    cut(work)
    assert opened(work) == [("interrupted-turn", text)]
    assert f"- {text} [" in work.world.baton("handoff", check=True).out
    work.prompt("go on")
    work.bash("ls")
    assert opened(work) == []


def test_an_item_is_the_same_in_other_letters(work):
    todo(work, ("find the cause", "completed"), ("mend it", "in_progress"))
    work.end()
    two = work.world.claude().start().prompt("go on")
    todo(two, ("Mend it.", "completed"))
    two.stop()
    assert opened(two) == []


def test_an_item_that_left_the_plan_unfinished_is_told(work):
    todo(work, ("one", "completed"), ("two", "pending"), ("three", "pending"))
    todo(work, ("one", "completed"), ("two", "completed"))
    work.stop("All items are done.")
    made = handoff(work)
    assert [(each["text"], each["status"]) for each in made["plan"]] == [
        ("one", "completed"), ("two", "completed"), ("three", "left out")]
    (claim,) = made["claims"]
    assert (claim["verdict"], claim["reason"]) == ("not verified", "an item left the plan unfinished")


# --- claims

def verdicts(agent):
    return [(each["verdict"], each["reason"]) for each in handoff(agent)["claims"]]


@pytest.mark.parametrize("message, verdict", [
    ("The answer test passes.", "not verified"),
    ("Tests for the answer pass.", "not verified"),
    ("The net tests pass.", "contradicted"),
    ("All tests pass.", "contradicted"),
    ("The tests pass.", "contradicted"),
    ("All tests pass except one.", "supported"),
    ("The new test passes; two unrelated tests still fail.", None),
])
def test_words_about_some_of_the_tests(work, message, verdict):
    work.edit("lib.sh", "41", "42")
    ran(work, "pytest", "FAILED tests/test_x.py::test_net - OSError\n1 failed, 11 passed in 0.1s\n", 1)
    work.stop(message)
    assert [each for each, _ in verdicts(work)] == ([verdict] if verdict else [])


@pytest.mark.parametrize("message, verdict", [
    ("All 14 tests pass.", "supported"), ("All 15 tests pass.", "contradicted")])
def test_a_count_may_be_of_several_runners(work, message, verdict):
    work.edit("lib.sh", "41", "42")
    ran(work, "pytest", "12 passed in 0.1s\n")
    ran(work, "npx jest", "Test Suites: 1 passed, 1 total\nTests:       2 passed, 2 total\n")
    work.stop(message)
    assert [each for each, _ in verdicts(work)] == [verdict]


@pytest.mark.parametrize("message", ["I did not touch `lib.sh`.", "I did not change any files."])
def test_what_was_put_back_was_touched(work, message):
    work.edit("lib.sh", "41", "42")
    work.edit("lib.sh", "42", "41")
    work.stop(message)
    (verdict,) = verdicts(work)
    assert verdict[0] == "not verified" and "put back" in verdict[1]


def test_putting_back_what_an_earlier_turn_did_is_a_change(work):
    work.edit("lib.sh", "41", "42")
    work.stop("Done.")
    work.prompt("take it back")
    work.edit("lib.sh", "42", "41")
    work.stop("I did not change anything.")
    assert verdicts(work) == [("contradicted", "files were changed")]


def test_what_a_subagent_changed_was_changed(work):
    given = {"description": "x", "prompt": "change it", "subagent_type": "general-purpose"}
    call = work.before("Task", given)
    work.agent_id = "sub1"
    work.send("SubagentStart")
    work.edit("lib.sh", "41", "42")
    work.send("SubagentStop", stop_hook_active=False, last_assistant_message="changed")
    work.agent_id = None
    work.after(call, "Task", given, {"content": [{"type": "text", "text": "done"}]})
    work.stop("I did not change any files. I did not touch `lib.sh`.")
    assert [each for each, _ in verdicts(work)] == ["contradicted", "contradicted"]
