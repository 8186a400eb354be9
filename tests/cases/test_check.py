"""`baton check`: a task's judgements as an exit status."""
import sys

import pytest

from support.scratch import ROOT, git

sys.path.insert(0, str(ROOT / "bench" / "handoff"))

from facts import Facts  # noqa: E402
from scripts import STORIES  # noqa: E402
from story import Story  # noqa: E402

RUN = "sh tests/lib_test.sh"
CLEAN = ["bug-fix", "refactoring", "investigation", "docs-only", "shell-only-edits", "subagent",
         "steered-by-the-user", "undone-edits", "compacted", "repeated-command"]


@pytest.fixture
def work(world):
    """A session whose library fails its test until 41 becomes 42."""
    world.write("lib.sh", "answer() { echo 41; }\n")
    world.write("tests/lib_test.sh", '. "$(dirname "$0")/../lib.sh"\n[ "$(answer)" = 42 ]\n')
    world.commit("A library and its test")
    git(world.repo, "checkout", "-q", "-b", "fix")
    agent = world.claude().start()
    agent.prompt("mend the answer in lib.sh")
    agent.read("lib.sh")
    return agent


def judgements(made, level):
    return sorted({f["judgement"] for f in made["findings"] if f["level"] == level})


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("name", CLEAN)
def test_clean_sessions_do_not_fail(tmp_path, name, seed):
    story = Story(tmp_path, name, Facts(f"{name}/{seed}"))
    STORIES[name](story)
    done = story.world.baton("check")
    assert done.returncode == 0, done.out
    assert "fail " not in done.out


def test_failed_run_fails(work):
    work.bash(RUN)
    work.stop("I looked at it.")
    done = work.world.baton("check")
    assert done.returncode == 1
    line = next(line for line in done.out.splitlines() if line.startswith("fail"))
    assert "failed" in line and RUN in line and ".2]" in line
    assert "1 fails" in done.out
    made = work.world.json("check", check=False)
    assert made["kind"] == "check" and made["passed"] is False
    (failed,) = [f for f in made["findings"] if f["level"] == "fail"]
    assert failed["judgement"] == "failed" and failed["quoted"] == RUN
    assert failed["evidence"][0].endswith(".2")
    notes = work.world.baton("check", "--format", "github")
    assert notes.returncode == 1
    assert f"::error title=baton%3A failed::the newest run of these tests failed: {RUN} [" in notes.out
    # Tests may be allowed to fail.
    assert work.world.baton("check", "--fail-on", "none").returncode == 0


def test_a_contradicted_claim_is_one_finding(work):
    work.edit("lib.sh", "41", "43")
    work.bash(RUN)
    work.stop("I mended it. All tests pass.")
    made = work.world.json("check", check=False)
    assert judgements(made, "fail") == ["contradicted", "failed"]
    (claim,) = [f for f in made["findings"] if f["judgement"] == "contradicted"]
    assert claim["text"] == "the newest run failed, though the agent said"
    assert claim["quoted"] == "All tests pass." and len(claim["evidence"]) == 2
    assert len([f for f in made["findings"] if f["level"] == "fail"]) == 2
    assert work.world.baton("check", "--fail-on", "contradicted").returncode == 1


def test_what_nobody_asked_for_is_told_and_can_fail(work):
    """The prompt names a file; a lock file, a check of CI and a test are changed too."""
    world = work.world
    for path in ("package-lock.json", ".github/workflows/ci.yml", "tests/other_test.sh"):
        world.write(path, "{}\n")
    world.commit("More files")
    work.edit("lib.sh", "41", "42")
    for path in ("package-lock.json", ".github/workflows/ci.yml", "tests/other_test.sh"):
        work.read(path)
        work.edit(path, "{}", "{ }")
    work.bash(RUN)
    work.stop("Done.")
    made = world.json("check")
    found = {f["path"]: f["text"] for f in made["findings"] if f["judgement"] == "scope"}
    assert found == {"package-lock.json": "not asked for: lock-file",
                     ".github/workflows/ci.yml": "not asked for: ci",
                     "tests/other_test.sh": "not asked for: test"}
    assert world.baton("check").returncode == 0
    assert world.baton("check", "--fail-on", "scope").returncode == 1
    # Said to be wanted, it is.
    wanted = ["--scope", "package-lock.json", "--scope", ".github/**", "--scope", "tests/*"]
    assert world.baton("check", "--fail-on", "scope", *wanted).returncode == 0


def test_stale_run_warns_and_can_fail(work):
    work.edit("lib.sh", "41", "42")
    work.bash(RUN)
    work.edit("lib.sh", "answer()", "reply()")
    work.stop("Done.")
    done = work.world.baton("check")
    assert done.returncode == 0 and "warn  stale" in done.out and "lib.sh" in done.out
    assert work.world.baton("check", "--fail-on", "stale").returncode == 1
    assert work.world.baton("check", "--fail-on", "scope,stale").returncode == 1
    assert work.world.baton("check", "--fail-on", "all").returncode == 1
    (stale,) = [f for f in work.world.json("check")["findings"] if f["judgement"] == "stale"]
    assert stale["path"] == "lib.sh" and len(stale["evidence"]) == 2
    assert "::warning file=lib.sh,title=baton%3A stale::" in \
        work.world.baton("check", "--format", "github").out


def test_changes_without_tests_are_told(work):
    work.edit("lib.sh", "41", "42")
    work.stop("Done.")
    made = work.world.json("check")
    assert made["passed"] is True and "never-run" in judgements(made, "warn")
    assert work.world.baton("check", "--fail-on", "never-run").returncode == 1


def test_nothing_changed_is_nothing_to_verify(work):
    work.stop("The function is wrong by one.")
    assert work.world.json("check")["findings"] == []
    assert work.world.baton("check").out == "nothing found\n"


def test_range_of_commits(work):
    work.edit("lib.sh", "41", "43")
    work.bash(RUN)
    work.bash("git commit -qam 'Mend it'")
    work.stop("I tried.")
    assert work.world.baton("check", "main..HEAD").returncode == 1
    # Commits of a person are nothing to judge, and neither is an empty range.
    git(work.world.repo, "checkout", "-q", "-b", "own", "main")
    work.world.write("README.md", "mine\n")
    git(work.world.repo, "commit", "-qam", "By hand")
    for words in ("main..HEAD", "HEAD..HEAD"):
        done = work.world.baton("check", words)
        assert done.returncode == 0 and done.err.startswith("baton: "), words
    assert work.world.baton("check", "main..nowhere").returncode == 3


def test_slips(work):
    work.stop("Done.")
    done = work.world.baton("check", "--fail-on", "staled")
    assert done.returncode == 2 and done.err == (
        "baton: unknown judgement 'staled'\nhint: did you mean 'stale'?  known: all, none, "
        "contradicted, failed, stale, partial, never-run, unknown, open, scope, risk\n")
    assert work.world.baton("check", "--format", "xml").returncode == 2


def test_annotations_cannot_be_broken_out_of(work):
    name = "a,b:c%0A::error::x\n::error::y.sh"
    work.edit("lib.sh", "41", "42")
    work.bash(RUN)
    work.write(name, "echo\n")
    work.stop("Done.")
    out = work.world.baton("check", "--format", "github").out
    assert out.count("\n") == len(out.splitlines()) > 0
    assert all(line.startswith("::warning ") for line in out.splitlines())
    assert "file=a%2Cb%3Ac%250A%3A%3Aerror%3A%3Ax" in out
