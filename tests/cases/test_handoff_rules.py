"""Claims, scope, risks, open items and what else a handoff judges, a session a question."""
import pytest

from support.handoffs import handoff
from support.library import LIBRARY, RUN, begin
from support.scratch import git
from test_handoff_tasks import todo


@pytest.fixture
def work(world):
    begin(world)
    return world.claude().start()


def claim(made, about="tests"):
    (found,) = [each for each in made["claims"] if each["about"] == about]
    return found["verdict"], [step.split(".")[1] for step in found["evidence"]]


def mend(agent):
    agent.read("lib.sh")
    agent.edit("lib.sh", "41", "42")
    agent.bash(RUN)


# --- claims

def test_claim_against_a_failing_run_is_contradicted(work):
    work.prompt("mend it")
    work.bash(RUN)
    work.stop("I had a look. All tests pass.")
    made = handoff(work)
    assert claim(made) == ("contradicted", ["1"])
    assert made["risks"][0]["rule"] == "contradicted-claim"
    assert made["risks"][0]["quoted"] == ["All tests pass."]


def test_claim_without_a_run_is_not_verified(work):
    work.prompt("mend it")
    work.edit("lib.sh", "41", "42")
    work.stop("All tests pass.")
    assert claim(handoff(work)) == ("not verified", [])


def test_claim_after_a_later_edit_is_stale(work):
    work.prompt("mend it")
    mend(work)
    work.edit("lib.sh", "answer()", "answer ()")
    work.stop("All tests pass.")
    assert claim(handoff(work)) == ("stale", ["3", "4"])


def test_claim_about_all_tests_with_a_run_of_another_suite_is_not_verified(work):
    work.world.write("tests/other_test.sh", "exit 0\n")
    work.world.commit("Another test")
    work.prompt("mend it")
    work.edit("lib.sh", "41", "42")
    work.bash("sh tests/other_test.sh")
    work.stop("All tests pass.")
    made = handoff(work)
    assert claim(made) == ("not verified", ["2"])
    assert [(n["rule"], n["name"]) for n in made["not_checked"]] == [
        ("check-not-run", "tests/lib_test.sh")]


def test_claim_about_a_script_that_was_not_run_is_not_verified(work):
    work.world.write("tests/other_test.sh", "exit 0\n")
    work.prompt("mend it")
    work.bash("sh tests/other_test.sh")
    work.stop("`tests/lib_test.sh` passes now.")
    assert claim(handoff(work)) == ("not verified", ["1"])


def test_claim_that_holds_is_supported(work):
    work.prompt("mend it")
    mend(work)
    work.stop("I updated `lib.sh`. All tests pass. I did not change `tests/lib_test.sh`.")
    made = handoff(work)
    assert claim(made) == ("supported", ["3"])
    assert [c["verdict"] for c in made["claims"]] == ["supported"] * 3
    assert made["risks"] == [] and made["open"] == []


@pytest.mark.parametrize("message, verdict", [
    ("I updated `tests/lib_test.sh`.", "contradicted"),
    ("Created `lib.sh`.", "not verified"),
    ("I deleted `lib.sh`.", "contradicted"),
    ("I did not change `lib.sh`.", "contradicted"),
    ("I made no changes.", "contradicted"),
    ("I updated `else/where.c`.", "not verified")])
def test_claims_about_files(work, message, verdict):
    work.prompt("mend it")
    mend(work)
    work.read("tests/lib_test.sh")
    work.stop(message)
    (found,) = handoff(work)["claims"]
    assert found["verdict"] == verdict and found["text"] == message


def test_claim_of_completeness_against_the_plan(work):
    work.prompt("mend it")
    todo(work, ("one", "completed"), ("two", "pending"))
    work.stop("Everything is done.")
    assert claim(handoff(work), "completeness") == ("contradicted", ["1"])
    work.prompt("go on")
    todo(work, ("one", "completed"), ("two", "completed"))
    work.stop("Everything is done.")
    assert claim(handoff(work), "completeness")[0] == "supported"


# --- scope

def test_files_that_nobody_asked_for_are_named(work):
    world = work.world
    world.write("src/retry.sh", "exit 1\n")
    world.write("package-lock.json", "{}\n")
    world.write(".github/workflows/ci.yml", "on: push\n")
    world.commit("More")
    work.prompt("fix src/retry.sh")
    for path in ["src/retry.sh", "package-lock.json", ".github/workflows/ci.yml",
                 "tests/lib_test.sh"]:
        work.read(path)
    work.edit("src/retry.sh", "1", "0")
    work.edit("package-lock.json", "{}", '{"a": 1}')
    work.edit(".github/workflows/ci.yml", "push", "pull_request")
    work.edit("tests/lib_test.sh", "not ok 1", "not ok")
    work.stop()
    scope = handoff(work)["scope"]
    assert [(a["pattern"], a["source"].endswith(":1")) for a in scope["asked"]] == [
        ("src/retry.sh", True)]
    assert [(s["path"], s["kind"]) for s in scope["surprises"]] == [
        ("tests/lib_test.sh", "test"), (".github/workflows/ci.yml", "ci"),
        ("package-lock.json", "lock-file")]
    wide = handoff(work, "--scope", "**/*.json", "--scope", ".github/")["scope"]
    assert [s["path"] for s in wide["surprises"]] == ["tests/lib_test.sh"]


def test_scope_can_be_set(work):
    git(work.world.repo, "config", "baton.scope", "docs/")
    work.prompt("mend it")
    mend(work)
    work.stop()
    scope = handoff(work)["scope"]
    assert scope["asked"] == [{"pattern": "docs/", "source": "baton.scope"}]
    assert [(s["path"], s["kind"]) for s in scope["surprises"]] == [("lib.sh", "area")]


def test_nothing_named_means_nothing_out_of_area(work):
    work.prompt("mend the answer")
    mend(work)
    work.write("new.sh", "echo\n")
    work.stop()
    assert handoff(work)["scope"] == {"asked": [], "surprises": []}


def test_deletion_comes_first(work):
    work.prompt("mend lib.sh")
    mend(work)
    work.world.write("gone.txt", "x\n")
    work.bash("rm gone.txt README.md")
    work.stop()
    made = handoff(work)
    assert made["scope"]["surprises"][0]["kind"] == "deletion"
    assert "deletion" in [r["rule"] for r in made["risks"]]


# --- risks

def risks(made):
    return [(risk["rule"], risk.get("path")) for risk in made["risks"]]


def test_removed_assertion_is_a_risk_with_its_hunk(work):
    work.prompt("make the test pass")
    work.read("tests/lib_test.sh")
    work.edit("tests/lib_test.sh",
              '[ "$(answer)" = 42 ] || { echo "not ok 1 - $(answer)"; exit 1; }\n', "answer\n")
    work.bash(RUN)
    work.stop()
    made = handoff(work)
    assert risks(made) == [("test-assertion-removed", "tests/lib_test.sh")]
    (risk,) = made["risks"]
    assert risk["lines"] == [2, 2] and risk["quoted"][0].startswith('-[ "$(answer)" = 42 ]')
    assert risk["step"].endswith(".2")


def test_changed_expectation_and_skip_are_risks(work):
    work.world.write("tests/test_a.py", "def test_a():\n    assert f() == 1\n\n\ndef test_b():\n    pass\n")
    work.world.commit("Python")
    work.prompt("make the test pass")
    work.read("tests/test_a.py")
    work.edit("tests/test_a.py", "== 1", "== 2")
    work.edit("tests/test_a.py", "def test_b", "@pytest.mark.skip\ndef test_b")
    work.bash("true")
    work.stop()
    made = handoff(work)
    rules = [rule for rule, path in risks(made) if path == "tests/test_a.py"]
    assert rules == ["test-skipped", "test-expectation-changed"]


def test_new_test_is_no_risk(work):
    work.prompt("mend it")
    mend(work)
    work.write("tests/more_test.sh", "[ 1 = 1 ] || exit 1\n")
    work.bash(RUN)
    work.bash("sh tests/more_test.sh")
    work.stop()
    assert handoff(work)["risks"] == []


def test_file_that_was_never_read_is_a_risk(work):
    work.prompt("mend it")
    work.edit("lib.sh", "41", "42")
    work.bash(RUN)
    work.stop()
    made = handoff(work)
    assert risks(made) == [("unread", "lib.sh")]
    assert made["risks"][0]["lines"] == [1, 1]


def test_credential_file_is_a_risk_without_content(work):
    work.prompt("set it up")
    work.write(".env", "API_TOKEN=ghp_0123456789abcdefghijABCDEFGHIJ012345\n")
    work.stop()
    made = handoff(work)
    assert ("secret-withheld", ".env") in risks(made)
    (change,) = made["changes"]
    assert change["withheld"] and "hunks" not in change
    assert "ghp_" not in str(made)


# --- open items

def open_rules(made):
    return [item["rule"] for item in made["open"]]


def test_what_the_last_message_leaves_open_is_quoted(work):
    work.prompt("mend it")
    mend(work)
    work.stop("Fixed. The documentation is not done yet. Should I also update the changelog?")
    made = handoff(work)
    assert [(o["rule"], o["text"]) for o in made["open"]] == [
        ("said-open", "The documentation is not done yet."),
        ("question", "Should I also update the changelog?")]
    work.prompt("yes")
    work.stop("Done.")
    assert [o["rule"] for o in handoff(work)["open"]] == ["said-open"]  # of what was done it says nothing


def said_open(work):
    return [item["text"] for item in handoff(work)["open"] if item["rule"] == "said-open"]


def test_to_go_on_closes_only_what_was_done_since(work):
    work.prompt("mend it")
    work.stop("The `NOTES.md` file is not done yet. The parser is not done yet. I have not run the tests.")
    said = ["The `NOTES.md` file is not done yet.", "The parser is not done yet.", "I have not run the tests."]
    assert said_open(work) == said
    work.prompt("Continue, please.")
    work.stop("I had a look at it.")
    assert said_open(work) == said  # nothing was done
    work.prompt("weiter")
    work.write("NOTES.md", "x\n")
    work.stop("The notes are there.")
    assert said_open(work) == said[1:]
    work.prompt("go on")
    work.bash(RUN)
    work.stop("The parser is not done yet.")
    assert said_open(work) == said[1:2]
    work.prompt("yes, go ahead")
    work.stop("All done.")
    assert said_open(work) == []


def test_a_prompt_that_says_more_than_to_go_on_closes_them(work):
    work.prompt("mend it")
    work.stop("The parser is not done yet.")
    work.prompt("leave the parser, do the notes")
    work.stop("I had a look at it.")
    assert said_open(work) == []


def test_todo_and_conflict_markers_are_open_until_they_go(work):
    work.prompt("mend it")
    work.read("lib.sh")
    work.write("lib.sh", LIBRARY.replace("41", "42") + "# TODO: say more\n<<<<<<< HEAD\n")
    work.bash(RUN)
    work.stop()
    made = handoff(work)
    assert sorted(open_rules(made)) == ["conflict-marker", "failing-run", "todo-added"]
    texts = [o["text"] for o in made["open"] if o["rule"] == "todo-added"]
    assert texts == ["lib.sh:2: # TODO: say more"]
    work.prompt("go on")
    work.write("lib.sh", LIBRARY.replace("41", "42"))
    work.bash(RUN)
    work.stop()
    assert handoff(work)["open"] == []


def test_run_that_proves_nothing_is_open(work):
    work.prompt("mend it")
    work.edit("lib.sh", "41", "42")
    work.bash(f"{RUN} || true")
    work.stop()
    assert open_rules(handoff(work)) == ["unknown-run"]


def test_open_note(work):
    work.prompt("mend it")
    work.stop()
    work.world.baton("note", "open", "ask about the name", check=True)
    made = handoff(work)
    assert [(o["rule"], o["text"]) for o in made["open"]] == [("note", "ask about the name")]
    assert made["notes"][0]["kind"] == "open"


# --- the rest

def test_steering_is_kept_verbatim_and_in_order(work):
    work.prompt("mend it. Do not touch tests/.")
    work.bash("true")
    work.prompt("no, keep the old API")
    work.stop()
    work.prompt("thanks")
    work.stop()
    assert [(c["rule"], c["text"]) for c in handoff(work)["constraints"]] == [
        ("constraint", "Do not touch tests/."), ("steering", "no, keep the old API")]


def test_plan_mode_is_the_plan(work):
    work.prompt("mend it")
    given = {"plan": "1. Correct `lib.sh`\n2. Run the test"}
    work.after(work.before("ExitPlanMode", given), "ExitPlanMode", given, {"plan": given["plan"]})
    work.read("lib.sh")
    work.edit("lib.sh", "41", "42")
    work.write("else.sh", "x\n")
    work.stop()
    made = handoff(work)
    assert [p["text"] for p in made["plan_texts"]] == [given["plan"]]
    assert [(d["rule"], d["path"]) for d in made["deviations"]] == [("not-in-plan", "else.sh")]


def test_plan_file_is_the_plan(work):
    work.prompt("plan it first")
    work.write("PLAN.md", "# Plan\n- [x] read lib.sh\n- [ ] correct lib.sh\n- [ ] write docs/use.md\n")
    work.stop()
    work.prompt("go")
    work.read("lib.sh")
    work.edit("lib.sh", "41", "42")
    work.stop()
    made = handoff(work)
    assert made["plan_texts"][0]["path"] == "PLAN.md"
    assert [(i["text"], i["status"]) for i in made["plan"]] == [
        ("read lib.sh", "completed"), ("correct lib.sh", "pending"), ("write docs/use.md", "pending")]
    assert [(d["rule"], d["path"]) for d in made["deviations"]] == [("not-touched", "docs/use.md")]


def test_checks_that_nobody_ran(work):
    world = work.world
    world.write("Makefile", "all:\n\ttrue\ntest: all\n\tsh tests/lib_test.sh\nlint:\n\tshellcheck lib.sh\n")
    world.write("package.json", '{"scripts": {"test": "jest", "build": "tsc"}}\n')
    world.write(".github/workflows/ci.yml",
                "jobs:\n  a:\n    steps:\n      - run: cargo test\n      - run: echo hi\n")
    world.commit("Checks")
    work.prompt("mend it")
    mend(work)
    work.stop()
    found = [(n["name"], n["source"]) for n in handoff(work)["not_checked"]]
    assert found == [("make lint", "Makefile"), ("npm test", "package.json"),
                     ("cargo test", ".github/workflows/ci.yml")]


def test_files_have_verdicts_of_their_own(work):
    work.world.write("b.sh", "x\n")
    work.prompt("mend it")
    mend(work)
    work.read("b.sh")
    work.edit("b.sh", "x", "y")
    work.stop()
    made = handoff(work)
    assert [(c["path"], c["verification"]) for c in made["changes"]] == [
        ("lib.sh", "fresh"), ("b.sh", "never run")]
    assert made["changes"][0]["verified_by"].endswith(".3")


def test_what_changed_between_a_failed_run_and_the_next(work):
    work.prompt("mend it")
    work.bash(RUN)
    work.edit("lib.sh", "41", "42")
    work.bash(RUN)
    work.stop()
    made = handoff(work)
    run = made["tests"][0]
    assert run["next_run"].endswith(".3")
    assert [(c["path"], c["step"][-2:]) for c in run["changed_until_next"]] == [("lib.sh", ".2")]


def test_hunks_have_lines_and_steps(work):
    work.world.write("long.txt", "".join(f"line {n}\n" for n in range(1, 31)))
    work.world.commit("Long")
    work.prompt("change it")
    work.read("long.txt")
    work.edit("long.txt", "line 3\n", "line three\n")
    work.edit("long.txt", "line 20\n", "line 20\nline 20a\nline 20b\n")
    work.stop()
    (change,) = handoff(work)["changes"]
    assert [(h["lines"], h["step"][-2:]) for h in change["hunks"]] == [
        ([3, 3], ".2"), ([21, 22], ".3")]


def test_state_of_the_repository(work):
    work.prompt("mend it")
    mend(work)
    work.stop()
    made = handoff(work)
    assert made["repository"]["dirty"] == ["lib.sh"] and made["repository"]["branch"] == "main"
    work.world.commit("Mend it")
    made = handoff(work)
    assert made["repository"]["dirty"] == []
    assert made["repository"]["head"] == git(work.world.repo, "rev-parse", "HEAD").strip()


@pytest.mark.parametrize("command, kind, verdict, flags", [
    ("sh tests/lib_test.sh", "test", "failed", {"by_name"}),
    ("make test", "test", "failed", {"by_name"}),
    ("sh tests/quiet_test.sh || true", "test", "unknown", {"by_name"})])
def test_runs_are_never_passed_without_ground(work, command, kind, verdict, flags):
    work.world.write("Makefile", "test:\n\tsh tests/lib_test.sh\n")
    work.world.write("tests/quiet_test.sh", "exit 1\n")
    work.prompt("run it")
    work.bash(command)
    work.stop()
    (run,) = handoff(work)["tests"]
    assert (run["kind"], run["verdict"]) == (kind, verdict)
    assert {flag for flag in ["by_name", "partial"] if run.get(flag)} == flags


def test_a_command_of_the_users_runs_tests(work):
    work.world.write("proof.sh", "echo \"$1: all is well\"\n")
    work.world.commit("A script whose name promises nothing")
    work.prompt("mend it")
    work.edit("lib.sh", "41", "42")
    work.bash("sh proof.sh full; echo")
    work.bash("cd . && sh proof.sh quick")
    work.bash("echo sh proof.sh full")
    work.stop()
    assert handoff(work).get("tests", []) == []
    assert handoff(work)["changes"][0]["verification"] == "never run"
    git(work.world.repo, "config", "--add", "baton.testCommand", "sh proof.sh *")
    git(work.world.repo, "config", "--add", "baton.testCommand", "never-run")
    made = handoff(work)
    assert [(run["command"], run["verdict"], run.get("by_name", False)) for run in made["tests"]] == [
        ("sh proof.sh full; echo", "unknown", False), ("cd . && sh proof.sh quick", "passed", False)]
    assert made["changes"][0]["verification"] == "fresh"
    index = (work.world.store / "index.db").stat().st_ino
    assert len(work.world.json("log", "--tests")["turns"]) == 1
    assert (work.world.store / "index.db").stat().st_ino == index, "made anew only when the setting changes"
    git(work.world.repo, "config", "--unset-all", "baton.testCommand")
    assert handoff(work).get("tests", []) == []


def test_what_the_words_speak_of_is_no_other_area(work):
    """A file is asked for by its name's words, too: "the answer" is lib/answer.sh."""
    work.world.write("lib/answer_table.sh", "x=1\n")
    work.world.write("lib/other.sh", "x=1\n")
    work.world.commit("Two more")
    work.prompt("The answer table is wrong, see tests/lib_test.sh. Mend it.")
    for path in ("lib/answer_table.sh", "lib/other.sh"):
        work.read(path)
        work.edit(path, "x=1", "x=2")
    work.stop("Done.")
    assert [(line["path"], line["kind"]) for line in handoff(work)["scope"]["surprises"]] == [
        ("lib/other.sh", "area")]


@pytest.mark.parametrize("message", [
    "I did not touch `lib.sh` after you froze it.",
    "I did not run the whole suite: it takes long.",
    "I did not run the full test suite."])
def test_words_about_a_part_contradict_nothing(work, message):
    work.prompt("mend it")
    mend(work)
    work.prompt("lib.sh is frozen now")
    work.bash("python3 -m pytest tests/one.py || true")
    work.stop(message)
    made = handoff(work)
    assert "contradicted" not in [each["verdict"] for each in made["claims"]]
    if "run" in message:
        assert message in [item["text"] for item in made["open"]]


def test_attempt_is_about_the_files_that_were_changed_again(work):
    work.world.write("other.sh", "x=1\n")
    work.world.commit("Another one")
    work.prompt("mend it")
    work.edit("other.sh", "x=1", "x=2")
    work.edit("lib.sh", "41", "43")
    work.bash(RUN)
    work.edit("lib.sh", "43", "42")
    work.bash(RUN)
    work.stop("Done.")
    made = handoff(work)
    (attempt,) = made["attempts"]
    assert attempt["paths"] == ["lib.sh"] and [s.split(".")[1] for s in attempt["steps"]] == ["2"]
    assert attempt["tried"] == ["-answer() { echo 41; }", "+answer() { echo 43; }"]


def test_what_a_prompt_forbids_is_named_first(work):
    work.prompt("mend lib.sh, and do not touch tests/. Leave README.md as it is")
    mend(work)
    work.read("tests/lib_test.sh")
    work.edit("tests/lib_test.sh", "not ok 1", "not ok")
    work.bash(RUN)
    work.stop()
    made = handoff(work)
    assert [a["pattern"] for a in made["scope"]["asked"]] == ["lib.sh"]
    assert [(s["path"], s["kind"]) for s in made["scope"]["surprises"]] == [
        ("tests/lib_test.sh", "forbidden")]
    assert made["risks"][0]["rule"] == "forbidden"


def test_what_was_changed_before_it_was_forbidden_is_fine(work):
    work.prompt("mend lib.sh")
    mend(work)
    work.prompt("do not touch lib.sh any more, it is frozen")
    work.stop()
    assert handoff(work)["scope"]["surprises"] == []


def test_the_same_session_of_two_agents(tmp_path):
    """Codex reads by commands and Claude Code by a tool: the same but for the evidence."""
    from test_handoff import Played
    made = []
    for agent in ("claude-code", "codex"):
        played = Played(f"{agent}/bugfix", tmp_path / agent)
        one = played.json("handoff")
        made.append([
            [p["text"] for p in one["prompts"]], [i["text"] for i in one["plan"]],
            [(r["path"], len(r["steps"])) for r in one["reads"]],
            [(c["path"], c["added"], c["removed"], c["verification"]) for c in one["changes"]],
            [(t["command"], t["exit_status"], t["verdict"]) for t in one["tests"]],
            [(a["rule"], a["tried"], a["error"]) for a in one["attempts"]],
            one["verification"]["state"], [p["name"] for p in one["rollback"]],
            [(c["about"], c["verdict"]) for c in one["claims"]], one["open"],
            [r["rule"] for r in one["risks"]]])
        made[-1].append({r["basis"] for r in one["reads"]} == (
            {"exact"} if agent == "claude-code" else {"inferred"}))
    assert made[0] == made[1] and made[0][-1] is True
