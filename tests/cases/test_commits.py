"""The prompts behind a commit: those that wrote what it holds, and no others."""
from support.scratch import git


def prompts(world, revision):
    shown = world.json("show", f"git:{revision}")["commit"]
    return [prompt["turn"]["prompt"] for prompt in shown["prompts"]], shown


def test_what_an_agent_wrote_and_a_person_committed(world):
    session = world.claude().start().prompt("write it")
    session.edit("README.md", "a project\n", "a project of mine\n")
    session.stop()
    world.commit("Say whose")
    assert prompts(world, "HEAD")[0] == ["write it"]
    assert prompts(world, "HEAD~")[0] == []


def test_work_that_was_thrown_away_is_behind_nothing(world):
    session = world.claude().start().prompt("try it")
    session.edit("README.md", "a project\n", "a project of mine\n")
    session.stop()
    git(world.repo, "checkout", "-q", "--", ".")
    session.prompt("look").bash("cat README.md")
    session.stop()
    found, shown = prompts(world, "HEAD")
    assert found == [] and shown["unexplained"] == ["README.md"]
    assert world.json("log", "HEAD")["turns"] == []


def test_work_that_its_agent_took_back_is_behind_nothing(world):
    session = world.claude().start().prompt("try it")
    session.edit("README.md", "a project\n", "a project of mine\n")
    session.edit("README.md", "a project of mine\n", "a project\n")
    session.stop()
    assert prompts(world, "HEAD")[0] == []
