"""Files that somebody moved or deleted after an agent had changed them: what is said of whom."""
import pytest

from support.handoffs import handoff
from support.library import RUN, work_on
from support.scratch import git


@pytest.fixture
def work(world):
    return work_on(world)


def mend(agent):
    agent.read("lib.sh")
    agent.edit("lib.sh", "41", "42")
    agent.bash(RUN)
    agent.stop("Fixed `lib.sh`. All tests pass.")


def rename(agent, old, new):
    (agent.world.repo / old).rename(agent.world.repo / new)


def steps(line):
    return [step.split(".")[1] for step in line["steps"]]


def nothing_is_deleted(made):
    assert "deletion" not in [each["kind"] for each in made["scope"]["surprises"]]
    assert not {"deletion", "test-deleted"} & {each["rule"] for each in made["risks"]}


def test_a_person_who_moves_it_deletes_nothing(work):
    mend(work)
    rename(work, "lib.sh", "core.sh")
    made = handoff(work)
    (change,) = made["changes"]
    assert (change["path"], change["status"], change["moved_from"], change["moved_by"]) == (
        "core.sh", "M", "lib.sh", "outside")
    assert (change["added"], change["removed"], steps(change)) == (1, 1, ["2"])
    assert [hunk["lines"] for hunk in change["hunks"]] == [[1, 1]]
    assert (change["at_head"], change["head_path"]) == ("absent", "lib.sh")
    assert "others" not in made or made["others"] == []
    nothing_is_deleted(made)
    assert {each["verdict"] for each in made["claims"]} == {"supported"}
    assert "- `core.sh` moved from `lib.sh` by nobody's step (outside) +1 -1 [" in \
        work.world.baton("handoff", check=True).out


def test_a_move_that_changes_the_content_is_followed(work):
    work.world.write("list.txt", "".join(f"line {number}\n" for number in range(20)))
    work.edit("list.txt", "line 3\n", "line three\n")
    work.stop()
    rename(work, "list.txt", "names.txt")
    with open(work.world.repo / "names.txt", "a") as out:
        out.write("by hand\n")
    (change,) = handoff(work)["changes"]
    assert (change["path"], change["moved_from"], change["moved_by"]) == (
        "names.txt", "list.txt", "outside")
    assert (change["added"], change["removed"]) == (2, 1)
    assert [("step" in hunk, hunk["lines"]) for hunk in change["hunks"]] == [
        (True, [4, 4]), (False, [21, 21])]


def test_another_new_file_is_no_move(work):
    mend(work)
    (work.world.repo / "lib.sh").unlink()
    work.world.write("notes.txt", "quite another text\n")
    made = handoff(work)
    (change,) = made["changes"]
    assert (change["path"], change["status"], change["deleted_by"]) == ("lib.sh", "D", "outside")
    assert [each["path"] for each in made["others"]] == ["notes.txt"]


def test_an_agents_own_move_is_one_change(work):
    work.read("lib.sh")
    work.bash("git mv lib.sh core.sh")
    work.edit("core.sh", "41", "42")
    work.stop("Renamed.")
    made = handoff(work)
    (change,) = made["changes"]
    assert (change["path"], change["moved_from"], change["moved_by"]) == ("core.sh", "lib.sh", "step")
    assert (change["added"], change["removed"], steps(change)) == (1, 1, ["2", "3"])
    (hunk,) = change["hunks"]
    assert hunk["step"].split(".")[1] == "3"
    nothing_is_deleted(made)
    assert not [each for each in made["risks"] if each["rule"] == "unread"]


def test_a_folder_that_a_person_renames(work):
    for number in range(3):
        work.world.write(f"src/m{number}.py", f"value = {number}\n")
        work.world.write(f"src/p{number}/__init__.py", "# same\n")
    work.world.commit("Modules")
    work.prompt("change them")
    for number in range(3):
        work.edit(f"src/m{number}.py", f"value = {number}", f"value = {number + 10}")
    work.stop()
    rename(work, "src", "lib")
    made = handoff(work)
    assert [(each["path"], each["moved_from"]) for each in made["changes"]] == [
        (f"lib/m{number}.py", f"src/m{number}.py") for number in range(3)]
    nothing_is_deleted(made)


def test_it_is_followed_from_name_to_name(work):
    mend(work)
    rename(work, "lib.sh", "core.sh")
    work.prompt("go on")
    rename(work, "core.sh", "base.sh")
    work.prompt("and on")
    work.edit("base.sh", "42", "43")
    work.stop()
    (change,) = handoff(work)["changes"]
    assert (change["path"], change["moved_from"], steps(change)) == ("base.sh", "lib.sh", ["2", "4"])


def test_a_new_file_that_a_person_moved_was_not_taken_back(work):
    work.write("new.sh", "echo 1\n")
    work.stop("Created `new.sh`.")
    rename(work, "new.sh", "bin.sh")
    made = handoff(work)
    assert made["attempts"] == []
    (change,) = made["changes"]
    assert (change["path"], change["status"], change["moved_from"]) == ("bin.sh", "A", "new.sh")
    assert [each["verdict"] for each in made["claims"]] == ["supported"]


def test_a_person_who_deletes_it_is_named(work):
    mend(work)
    (work.world.repo / "lib.sh").unlink()
    made = handoff(work)
    (change,) = made["changes"]
    assert (change["status"], change["deleted_by"], steps(change)) == ("D", "outside", ["2"])
    nothing_is_deleted(made)
    # At once after the turn's end: what its own look still saw there was not deleted before it.
    assert made["verification"]["state"] == "stale"
    assert made["verification"]["changed_since"] == [{"path": "lib.sh", "owner": "outside"}]
    assert "- `lib.sh` deleted by nobody's step (outside) +0 -1; changed before [" in \
        work.world.baton("handoff", check=True).out
    assert work.world.baton("check").returncode == 0


def test_an_agent_that_deletes_it_is_named_too(work):
    work.bash("rm lib.sh")
    work.stop()
    made = handoff(work)
    (change,) = made["changes"]
    assert change["status"] == "D" and "deleted_by" not in change
    assert [each["kind"] for each in made["scope"]["surprises"]] == ["deletion"]


def test_a_test_that_was_moved_out_of_the_way_is_a_risk(work):
    work.bash("mkdir old && git mv tests/lib_test.sh old/lib.txt")
    work.stop()
    risk = [each for each in handoff(work)["risks"] if each["rule"] == "test-deleted"]
    assert [each["path"] for each in risk] == ["old/lib.txt"]


def test_the_move_alone_is_the_persons_matter(work):
    work.edit("lib.sh", "41", "42")
    work.edit("lib.sh", "42", "41")
    work.stop()
    git(work.world.repo, "mv", "lib.sh", "core.sh")
    assert handoff(work)["changes"] == []
