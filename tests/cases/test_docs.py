"""The documents hold: no dead links, and no command, option or setting that baton does not have."""
import functools
import re
import subprocess

import pytest

from support.scratch import BATON, ROOT, Scratch, git

PAGES = [page for page in git(ROOT, "ls-files", "*.md").split("\n")
         if page and not page.startswith("tests/fixtures/")]
COMMAND = re.compile(r"(?:`|^    |\$ |&& )baton ((?:[a-z][a-z-]*)(?: [^`|)\n]*)?)", re.M)
TEXT_AFTER = re.compile(r"\s+(#|\u2026|\.\.\.).*$")


def text_of(page):
    return (ROOT / page).read_text()


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^(    |```).*$", "", text, flags=re.M))


def anchors(text):
    for heading in re.findall(r"^#+ (.+)$", text, flags=re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text_of(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page} points at {target}"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file.read_text()), f"{page} points at {target}"


@pytest.mark.parametrize("page", PAGES)
def test_named_files_exist(page):
    """Paths of this project in running text: `docs/...`, `src/...`, `scripts/...`."""
    for path in re.findall(r"`((?:docs|src|scripts|tests|bench|cmake)/[\w./*-]*\w)`", text_of(page)):
        assert list(ROOT.glob(path)) or list(ROOT.glob(path + "*")), f"{page} names {path}"


@functools.cache
def helps():
    listed = subprocess.run([BATON, "help", "commands", "--markdown"], stdout=subprocess.PIPE, check=True,
                            text=True).stdout
    names = re.findall(r"^### baton ([a-z-]+)$", listed, flags=re.M)
    assert "log" in names and "blame" in names, names
    return {name: subprocess.run([BATON, "help", name], stdout=subprocess.PIPE, text=True).stdout for name in names}


@pytest.mark.parametrize("page", [page for page in PAGES if page != "docs/commands.md"])
def test_commands_exist_and_have_these_options(page):
    for words in COMMAND.findall(text_of(page)):
        name, *rest = TEXT_AFTER.sub("", words).split()
        if name in ("hook", "help", "version", "completion"):
            continue
        assert name in helps(), f"{page}: baton {words}"
        for option in rest:
            if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", option):
                assert option.partition("=")[0] in helps()[name], f"{page}: baton {words}"


def test_settings_exist():
    known = subprocess.run([BATON, "help", "settings"], stdout=subprocess.PIPE, text=True).stdout
    known_words = set(re.findall(r"baton\.[A-Za-z]+|BATON_[A-Z_]+", known))
    # Those of the tests and the build, which no user sets.
    own = {"BATON_CLOCK", "BATON_AGENTS_DIR", "BATON_SOAK", "BATON_SEED", "BATON_SEED_BASE", "BATON_STATIC",
           "BATON_TESTS", "BATON_FUZZ"}
    for page in PAGES:
        for word in re.findall(r"\bbaton\.[a-z][A-Za-z]+\b|\bBATON_[A-Z_]+\b", text_of(page)):
            if word in own or re.fullmatch(r"baton\.(git|md|json|toml|h|cc|fish|bash)", word):
                continue
            assert word in known_words, f"{page}: {word}"
