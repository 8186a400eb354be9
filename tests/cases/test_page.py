"""The page of a review, as Chromium shows it."""
import re
import sys

import pytest

from support.browser import Browser
from support.scratch import ROOT, git

sys.path.insert(0, str(ROOT / "bench" / "handoff"))

from facts import Facts  # noqa: E402
from scripts import STORIES  # noqa: E402
from story import Story  # noqa: E402

EVIL = ("</pre></code></details><script>document.title='owned'</script>"
        "<img src=x onerror=\"document.title='owned'\"><a href=\"javascript:alert(1)\">x</a>"
        "<style>*{display:none}</style><!-- --><iframe src=https://evil.example></iframe>"
        "`` ` ``**bold** [x](javascript:alert(1)) ' \" & \x1b[31m \u202e")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


def page_of(world, *words):
    file = world.base / "review.html"
    body = world.baton("pr", *words, "--html", str(file), check=True).out
    assert body == world.baton("pr", *words, check=True).out
    return file


@pytest.fixture
def story(tmp_path):
    made = Story(tmp_path, "two-agents", Facts("two-agents/5"))
    STORIES["two-agents"](made)
    return made


def test_page_holds_the_review_and_the_trace(story, browser):
    file = page_of(story.world)
    tab = browser.open(file)
    text = tab.value("document.body.innerText")
    headings = tab.value("[...document.querySelectorAll('h2')].map(h => h.textContent)")
    assert headings == ["Summary", "Timeline", "Plan", "Changes by prompt", "Trace"]
    for _, _, prompt in story.prompts:
        assert text.count(prompt) >= 3  # summary, timeline, differences, trace
    assert "Tried and dropped" in text and "Going back" in text
    # Each step has its place, its command and its answer.
    everything = tab.value("document.body.textContent")
    for step in story.steps:
        place = f"at-{step.session.address()}-{step.number}"
        assert tab.value(f"document.getElementById('{place}') !== null"), place
        if step.command:
            assert step.command in everything
        for line in step.output.splitlines():
            assert line.strip() in everything
    # Citations lead there, and open what is folded.
    links = tab.value("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert links and all(link.startswith("#") for link in links)
    assert tab.value("[...document.querySelectorAll('a')].every("
                     "a => document.getElementById(a.getAttribute('href').slice(1)))")
    # The difference of each prompt, in colours.
    for path, (before, after) in story.net_changes().items():
        assert f"diff --git a/{path} b/{path}" in everything
        added = [line for line in after.splitlines() if line not in before.splitlines()]
        for line in added:
            assert tab.value("[...document.querySelectorAll('.add')].some("
                             f"e => e.textContent.includes({line!r}))")
    assert tab.value("[...document.querySelectorAll('details')].length") > len(story.steps) - 1
    # The same bytes again.
    first = file.read_bytes()
    assert page_of(story.world).read_bytes() == first
    assert story.world.baton("handoff", "--format", "html", check=True).out.encode() == first


@pytest.mark.parametrize("width", [320, 360, 1000])
@pytest.mark.parametrize("dark", [False, True])
def test_layout(story, browser, width, dark, tmp_path):
    agent = story.claude()
    agent.prompt("wide " + "w" * 400)
    agent.shell("echo " + "x" * 500, "y" * 2000 + "\n")
    agent.write("src/" + "long" * 40 + ".txt", "z" * 900 + "\n")
    agent.stop("done")
    tab = browser.open(page_of(story.world), width=width, dark=dark)
    tab.value("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert tab.value("document.documentElement.scrollWidth") <= width
    colours = tab.value("[getComputedStyle(document.body).color, "
                        "getComputedStyle(document.body).backgroundColor]")
    ink, back = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert (ink > 500 and back < 200) if dark else (ink < 200 and back > 700)
    tab.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 10_000


def test_recorded_text_runs_nothing_and_loads_nothing(world, browser):
    git(world.repo, "checkout", "-q", "-b", "evil<b>")
    agent = world.claude().start()
    agent.prompt(EVIL)
    agent.write("a<img src=x onerror=alert(1)>&'\".txt", EVIL + "\n")
    agent.bash("echo '</details><script>document.title=1</script>'; exit 3")
    agent.bash("pytest '<b>' || true")
    agent.stop(EVIL)
    file = page_of(world)
    html = file.read_text()
    assert "<script" not in html and "\x1b" not in html and "\u202e" not in html
    tab = browser.open(file)
    assert tab.value("document.title").startswith("Recorded work")
    for tag in ("script", "img", "iframe", "object", "form", "link", "base"):
        assert tab.value(f"document.querySelectorAll('{tag}').length") == 0, tag
    assert tab.value("document.querySelectorAll('style').length") == 1
    assert tab.value("[...document.querySelectorAll('*')].every(e => [...e.attributes].every("
                     "a => !a.name.startsWith('on') && a.name !== 'style'))")
    assert tab.value("[...document.querySelectorAll('a')].every("
                     "a => a.getAttribute('href').startsWith('#'))")
    # The text is there as text, and the page is whole behind it.
    assert "document.title='owned'" in tab.value("document.body.innerText")
    assert tab.value("document.getElementById('trace').parentElement.tagName") == "MAIN"
    asked = [each["request"]["url"] for each in tab.events("Network.requestWillBeSent")]
    assert asked == [file.resolve().as_uri()]
    # Its policy holds even against a script that got in, and its own style passes.
    assert not tab.events("Log.entryAdded")
    tab.value("(() => { const s = document.createElement('script'); "
              "s.textContent = 'document.title = \"ran\"'; document.body.append(s); })()")
    assert tab.value("document.title") != "ran"
    assert tab.value("getComputedStyle(document.querySelector('main')).maxWidth") == "1120px"


def test_no_secrets_and_no_places_of_this_machine(world):
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"[:36]
    agent = world.claude().start()
    agent.prompt(f"use {secret} in {world.repo}/README.md")
    agent.bash(f"echo {secret} > {world.repo}/token.txt; cat {world.repo}/token.txt")
    agent.stop(f"It is {secret}.")
    html = page_of(world).read_text()
    assert secret not in html and str(world.repo) not in html and str(world.home) not in html


def test_a_page_of_another_moment_is_not_made_in_silence(world):
    world.claude().start().prompt("x").stop("y")
    done = world.baton("handoff", "--format", "html", "--at", "@")
    assert done.returncode == 2 and done.out == "" and "do not go together" in done.err
