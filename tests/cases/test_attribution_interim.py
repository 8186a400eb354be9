"""What git brought to a file that somebody went on to change before anybody looked: git's lines are git's, the
others theirs."""
import time

import pytest

from support.scratch import git
from test_attribution import SETTLE, numbered, rows, who

LINES = 30


@pytest.fixture
def shared(make_world, tmp_path):
    """A clone in which an agent works, and its origin, in which a colleague does."""
    world = make_world(store=False)
    world.write("code.txt", numbered(LINES))
    world.commit("Begin")
    world.origin = tmp_path / "origin"
    git(world.repo, "clone", "-q", ".", str(world.origin))
    git(world.repo, "remote", "add", "origin", str(world.origin))
    git(world.repo, "branch", "-q", "--set-upstream-to", pull_from(world), check=False)
    world.baton("init", check=True)
    world.agent = world.claude().start().prompt("P1")
    return world


def pull_from(world):
    git(world.repo, "fetch", "-q", "origin")
    return "origin/" + git(world.repo, "rev-parse", "--abbrev-ref", "HEAD").strip()


def colleague(world, *numbers, message="Theirs"):
    """Commits other words for these lines in the origin."""
    path = world.origin / "code.txt"
    lines = path.read_text().splitlines(keepends=True)
    for number in numbers:
        lines[number - 1] = f"the colleague's line {number}\n"
    path.write_text("".join(lines))
    git(world.origin, "commit", "-qam", message, "--author=Carol <carol@example.invalid>")


def person(world, number):
    change(world, number, f"line {number} typed by hand")


def change(world, number, text):
    lines = world.read("code.txt").decode().splitlines(keepends=True)
    lines[number - 1] = text + "\n"
    world.write("code.txt", "".join(lines))


def pull(world, *words):
    git(world.repo, "pull", "-q", "--no-rebase", "--no-edit", *words)


def look(world):
    time.sleep(SETTLE)
    world.agent.prompt("go on")


def theirs(world, *numbers):
    """These lines and no others are the colleague's, and the index does not change that."""
    for _ in range(2):
        told = rows(world, "code.txt")
        assert [at for at, line in enumerate(told, 1) if line.get("author") == "Carol"] == list(numbers), told
        for number in numbers:
            assert told[number - 1]["owner"]["kind"] == "git" and told[number - 1]["summary"] == "Theirs"
        for kept in (world.store / "index.db", world.store / "index.db-wal"):
            kept.unlink(missing_ok=True)


def test_pulled_and_worked_on(shared):
    colleague(shared, 5, 15)
    pull(shared)
    person(shared, 10)
    look(shared)
    theirs(shared, 5, 15)
    assert who(shared, "code.txt")[9] == "outside"


def test_pulled_into_a_file_that_had_changes(shared):
    shared.agent.edit("code.txt", "line number 20 ", "the agent's line 20 ")
    time.sleep(SETTLE)
    colleague(shared, 5, 15)
    git(shared.repo, "stash", "-q")
    pull(shared)
    git(shared.repo, "stash", "pop", "-q")
    person(shared, 10)
    look(shared)
    theirs(shared, 5, 15)
    owners = who(shared, "code.txt")
    assert owners[9] == "outside" and owners[19] == "P1"


def test_merged_with_a_conflict(shared):
    shared.agent.edit("code.txt", "line number 20 ", "the agent's line 20 ")
    shared.commit("Ours")
    time.sleep(SETTLE)
    colleague(shared, 5, 15, 20)
    git(shared.repo, "pull", "-q", "--no-rebase", "--no-edit", check=False)
    lines = shared.read("code.txt").decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("<<<<<<<", "=======", ">>>>>>>", "the colleague's line 20"))]
    shared.write("code.txt", "".join(kept))
    git(shared.repo, "commit", "-qam", "Merge")
    person(shared, 10)
    look(shared)
    theirs(shared, 5, 15)
    owners = who(shared, "code.txt")
    assert owners[9] == "outside" and owners[19] == "P1"


def test_a_command_pulls_and_changes(shared):
    colleague(shared, 5, 15)
    shared.agent.bash("git pull -q --no-rebase --no-edit && sed -i '10s/.*/by the command/' code.txt")
    theirs(shared, 5, 15)
    assert who(shared, "code.txt")[9] == "P1"
    steps = shared.json("log", "--lines", "code.txt:5")["changes"]
    assert [change["owner"]["kind"] for change in steps] == ["git"]
    steps = shared.json("log", "--lines", "code.txt:10")["changes"]
    assert [change["owner"]["kind"] for change in steps] == ["step"]


def test_a_command_that_pulls_again_before_it_lands(shared):
    """What it committed holds what it had pulled: nothing of a colleague's is its own."""
    colleague(shared, 5, 15)
    for repo in (shared.repo, shared.origin):
        git(repo, "config", "user.name", "Robin")
        git(repo, "config", "user.email", "robin@example.invalid")
    shared.agent.bash("git pull -q --rebase && sed -i '10s/.*/by the command/' code.txt && git commit -qam Ours &&"
                      f" cd {shared.origin} && sed -i '25s/.*/the colleague later/' code.txt &&"
                      " git commit -qam Theirs --author='Carol <carol@example.invalid>' && cd - >/dev/null &&"
                      " git pull -q --rebase")
    theirs(shared, 5, 15, 25)


def test_a_command_that_picks_with_a_conflict(shared):
    colleague(shared, 5, 20)
    git(shared.repo, "fetch", "-q", "origin")
    shared.agent.edit("code.txt", "line number 20 ", "the agent's line 20 ")
    shared.commit("Ours")
    shared.agent.bash("git cherry-pick FETCH_HEAD; git checkout -q --ours code.txt; sed -i '5s/.*/the colleague.s line 5/'"
                      " code.txt; sed -i \"5s/colleague.s/colleague's/\" code.txt; git add code.txt;"
                      " git -c core.editor=true cherry-pick --continue; sed -i '25s/.*/by the command/' code.txt")
    owners = who(shared, "code.txt")
    assert owners[4] == "before" and owners[19] == owners[24] == "P1", owners


def test_what_git_brought_cannot_be_read(shared):
    """Then nothing between is known, and no agent is named for it."""
    colleague(shared, 5, 15)
    shared.agent.bash("git pull -q --no-rebase --no-edit && sed -i '10s/.*/by the command/' code.txt")
    blob = git(shared.repo, "rev-parse", "HEAD:code.txt").strip()
    loose = shared.repo / ".git/objects" / blob[:2] / blob[2:]
    if loose.exists():
        loose.unlink()
    else:
        pytest.fail("the blob is packed")
    for kept in shared.store.glob("index.db*"):
        kept.unlink()
    assert {line["owner"]["kind"] for line in rows(shared, "code.txt")[:20]} <= {"unknown", "before"}


def test_what_a_command_commits_and_pulls_around(shared):
    colleague(shared, 5, 15)
    shared.agent.bash("sed -i '10s/.*/by the command/' code.txt && git commit -qam Ours &&"
                      " git pull -q --no-rebase --no-edit && sed -i '25s/.*/by the command too/' code.txt")
    theirs(shared, 5, 15)
    owners = who(shared, "code.txt")
    assert owners[9] in ("P1", "before") and owners[24] == "P1"


def test_a_file_that_was_pulled(shared):
    (shared.origin / "new.txt").write_text(numbered(8))
    git(shared.origin, "add", "new.txt")
    git(shared.origin, "commit", "-qm", "Theirs", "--author=Carol <carol@example.invalid>")
    pull(shared)
    shared.write("new.txt", shared.read("new.txt").decode() + "typed by hand\n")
    look(shared)
    told = rows(shared, "new.txt")
    assert [line.get("author") for line in told[:8]] == ["Carol"] * 8
    assert told[8]["owner"]["kind"] == "outside"


def test_picked_with_a_conflict_and_worked_on(shared):
    """The agent's lines that are picked stay its own; what was typed to resolve is nobody's commit."""
    shared.commit("Start")
    git(shared.repo, "checkout", "-qb", "topic")
    shared.agent.edit("code.txt", "line number 5 ", "the agent's line 5 ")
    shared.agent.edit("code.txt", "line number 20 ", "the agent's line 20 ")
    shared.commit("Topic")
    git(shared.repo, "checkout", "-q", "-")
    look(shared)
    person(shared, 20)
    shared.commit("Ours")
    git(shared.repo, "cherry-pick", "topic", check=False)
    lines = shared.read("code.txt").decode().splitlines(keepends=True)
    begin = next(at for at, line in enumerate(lines) if line.startswith("<<<<<<<"))
    end = next(at for at, line in enumerate(lines) if line.startswith(">>>>>>>"))
    lines[begin:end + 1] = ["line 20 resolved by hand\n"]
    shared.write("code.txt", "".join(lines))
    git(shared.repo, "add", "code.txt")
    git(shared.repo, "-c", "core.editor=true", "cherry-pick", "--continue")
    person(shared, 25)
    look(shared)
    owners = who(shared, "code.txt")
    assert owners[4] == "P1"
    assert owners[19] == owners[24] == "outside"


@pytest.mark.parametrize("colleague_changes", ["the same file", "another file"])
@pytest.mark.parametrize("command", [
    "{sed} && git commit -qam Ours && git pull -q --rebase",
    "{sed} && git commit -qam Ours && git pull -q --no-rebase --no-edit",
    "git pull -q --rebase && {sed} && git commit -qam Ours",
    "{sed} && git stash -q && git pull -q --rebase && git stash pop -q && git commit -qam Ours",
    "git pull -q && {sed} && git commit -qam Ours && git checkout -q -b other && git checkout -q -",
])
def test_a_command_that_changes_commits_and_pulls(shared, command, colleague_changes):
    """What agents do to land their work, in one command."""
    if colleague_changes == "another file":
        (shared.origin / "other.txt").write_text("theirs\n")
        git(shared.origin, "add", "-A")
        git(shared.origin, "commit", "-qm", "Theirs")
    else:
        colleague(shared, 5, 15)
    git(shared.repo, "config", "user.name", "Robin")
    git(shared.repo, "config", "user.email", "robin@example.invalid")
    shared.agent.bash(command.format(sed="sed -i '10s/.*/by the command/' code.txt"))
    assert who(shared, "code.txt")[9] == "P1"
    assert who(shared, "code.txt", "HEAD")[9] == "P1"
    theirs(shared, *([5, 15] if colleague_changes == "the same file" else []))


PULL = "git pull -q --no-rebase --no-edit"
CHANGE = "sed -i '10s/.*/by the command/' code.txt && git commit -qam Ours"
THEN = "sed -i '12s/.*/by the command too/' code.txt"


def names(world, *repos):
    for repo in repos or (world.repo,):
        git(repo, "config", "user.name", "Robin")
        git(repo, "config", "user.email", "robin@example.invalid")


@pytest.mark.parametrize("end", ["true", "git commit -qam More"])
@pytest.mark.parametrize("landing", [PULL, "git pull -q --rebase", "git fetch -q && git cherry-pick origin/main"])
def test_a_command_that_goes_on_behind_a_pull(shared, landing, end):
    """What it committed and what was pulled cannot be told apart then: nothing of a colleague's is its own."""
    names(shared)
    colleague(shared, 5)
    shared.agent.bash(f"{CHANGE} && {landing} && {THEN} && {end}")
    theirs(shared, 5)
    assert who(shared, "code.txt")[11] == "P1"


@pytest.mark.parametrize("again", ["git commit -qam More", "git commit -qa --amend --no-edit"])
def test_a_command_that_pulls_and_commits_twice(shared, again):
    names(shared)
    colleague(shared, 5)
    shared.agent.bash(f"{PULL} && {CHANGE} && {THEN} && {again}")
    theirs(shared, 5)
    owners = who(shared, "code.txt")
    assert owners[9] == owners[11] == "P1"


@pytest.mark.parametrize("pulls", [["--no-rebase", "--no-edit"], ["--rebase"]])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_typed_and_committed_before_a_pull(shared, after, pulls, elsewhere):
    """The very words of an agent's line on another branch, too short to be known for a copy."""
    words = "x = five + 7;"
    git(shared.repo, "checkout", "-qb", "topic")
    shared.agent.edit("code.txt", "line number 5 of the file", words)
    shared.commit("Topic")
    git(shared.repo, "checkout", "-q", "main")
    look(shared)
    change(shared, 5, words)
    person(shared, 28)
    shared.commit("By hand")
    if elsewhere:
        (shared.origin / "other.txt").write_text("theirs\n")
        git(shared.origin, "add", "-A")
        git(shared.origin, "commit", "-qm", "Theirs")
    else:
        colleague(shared, 15)
    git(shared.repo, "pull", "-q", *pulls)
    if after:
        person(shared, 9)
    look(shared)
    owners = who(shared, "code.txt")
    assert owners[4] in ("before", "outside") and owners[27] in ("before", "outside"), owners
