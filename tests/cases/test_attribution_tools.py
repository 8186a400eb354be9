"""Whose the lines are that the edit tools of agents write: several edits in one call, calls that fail."""
import time

import pytest

from test_attribution import SETTLE, code, person, rows, who  # noqa: F401


def multi_edit(session, path, *pairs, **told):
    """The tool with several edits that older versions had; `told` is what its answer says besides."""
    file = session.path(path)
    edits = [{"old_string": old, "new_string": new, "replace_all": False} for old, new in pairs]
    given = {"file_path": file, "edits": edits}
    call = session.before("MultiEdit", given)
    text = session.world.read(path).decode()
    for old, new in pairs:
        assert text.count(old) == 1
        text = text.replace(old, new)
    session.world.write(path, text)
    yield
    session.after(call, "MultiEdit", given, {"filePath": file, "edits": edits, "userModified": False,
                                             "structuredPatch": [], **told})


@pytest.mark.parametrize("tells_before", [True, False])
def test_several_edits_in_one_call(code, tells_before):  # noqa: F811
    session = code.claude().start().prompt("P1")
    person(code, "code.txt", lambda text: text.replace("line number 9 of", "typed nine of"))
    told = {"originalFileContents": code.read("code.txt").decode()} if tells_before else {}
    for _ in multi_edit(session, "code.txt", ("line number 3 of", "three of"),
                        ("line number 20 of the file\n", "twenty\nand more\n"), ("and more", "and the rest"), **told):
        pass
    owner = who(code, "code.txt")
    assert [i + 1 for i, each in enumerate(owner) if each == "P1"] == [3, 20, 21]
    assert owner[8] == "outside"
    assert {rows(code, "code.txt")[i]["owner"]["evidence"] for i in (2, 19, 20)} == {"exact"}


def test_several_edits_in_one_call_and_a_formatter(code):  # noqa: F811
    code.write("a.py", "x=1\ny=2\n")
    code.commit("a")
    session = code.claude().start().prompt("P1")
    for _ in multi_edit(session, "a.py", ("x=1\n", "x=1\ncall(a,b)\n"), ("y=2\n", "y=2\nz=3\n"),
                        originalFileContents="x=1\ny=2\n"):
        time.sleep(SETTLE)
        code.write("a.py", "x = 1\ncall(a, b)\ny = 2\nz = 3\n")
    assert who(code, "a.py") == ["before", "P1", "before", "P1"]


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_a_call_that_failed_before_it_wrote_is_no_suspect(code, agent):  # noqa: F811
    """A person saves while the call waits for its approval, so that it fails."""
    session = (code.claude() if agent == "claude-code" else code.codex()).start().prompt("P1")
    old, new = "line number 5 of the file", "five, typed"
    if agent == "codex":
        tool, given = "apply_patch", session.patch("code.txt", old + "\n", new + "\n")
    else:
        tool, given = "Edit", {"file_path": session.path("code.txt"), "old_string": old, "new_string": new,
                               "replace_all": False}
    call = session.before(tool, given)
    person(code, "code.txt", lambda text: text.replace(old, new))
    if agent == "codex":
        session.after(call, tool, given, "apply_patch verification failed: Failed to find expected lines in "
                      f"{session.path('code.txt')}:\n{old}")
    else:
        session.failed(call, tool, given,
                       "File has been unexpectedly modified. Read it again before attempting to write it.")
    session.edit("code.txt", "line number 7 of the file\n", "seven\n")
    session.stop()
    owner = who(code, "code.txt")
    assert owner[4] == "outside" and owner[6] == "P1"
