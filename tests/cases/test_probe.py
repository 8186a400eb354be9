"""The probe of bench/handoff in small: what it measures holds, and it would notice if it did not."""
import re
import sys

import pytest

from support.scratch import ROOT

sys.path.insert(0, str(ROOT / "bench" / "handoff"))

from facts import Facts  # noqa: E402
from run import handoff, holds, tokens  # noqa: E402
from scripts import STORIES  # noqa: E402
from statements import check_statements  # noqa: E402
from story import Story  # noqa: E402

NAMES = ["bug-fix", "two-agents", "undone-edits", "denied-calls", "beyond-the-scope"]


@pytest.fixture(scope="module", params=NAMES)
def story(request, tmp_path_factory):
    made = Story(tmp_path_factory.mktemp(request.param), request.param, Facts(f"{request.param}/21"))
    STORIES[request.param](made)
    return made


@pytest.mark.parametrize("budget", [400, 1500])
def test_handoff_answers_and_says_nothing_false(story, budget):
    text = handoff(story, budget)
    assert tokens(text) <= budget
    assert check_statements(story, text) == ([], [])
    answered = sum(holds(question, text) for question in story.questions)
    assert answered >= (0.95 if budget == 1500 else 0.7) * len(story.questions)


ALTERED = [
    ("another exit status", r"exit (\d+)", lambda m: f"exit {int(m[1]) + 1}"),
    ("another step", r"\[([0-9a-f]{4})\.(\d+)\]", lambda m: f"[{m[1]}.{int(m[2]) % 4 + 1}]"),
    ("a step that is not there", r"\[([0-9a-f]{4})\.(\d+)\]", lambda m: f"[{m[1]}.{int(m[2]) + 700}]"),
    ("other numbers of lines", r"\+(\d+) -(\d+)", lambda m: f"+{int(m[1]) + 1} -{m[2]}"),
    ("another verdict", r"^- passed,", lambda m: "- failed,"),
    ("another state of the tests", r"^- fresh:", lambda m: "- stale:"),
    ("another agent", r": (claude-code|codex)", lambda m: ": codex" if m[1] != "codex" else ": claude-code"),
    ("a file that was not changed", r"(## Changed\n- `)([^`]+)`", lambda m: f"{m[1]}README.md`"),
]


@pytest.mark.parametrize("what, pattern, change", ALTERED, ids=[each[0] for each in ALTERED])
def test_an_altered_statement_is_found(story, what, pattern, change):
    text = handoff(story, 1500)
    places = list(re.finditer(pattern, text, re.M))
    noticed = 0
    for place in places:
        altered = text[:place.start()] + change(place) + text[place.end():]
        if altered == text:
            continue
        wrong, unread = check_statements(story, altered)
        noticed += bool(wrong or unread)
        if what != "another step":  # a later step of the same file may say the same
            assert wrong or unread, (what, place[0])
    assert noticed or not places
