"""A recorded session of a real agent, played into a scratch repository: what readers are looked at
with. Sessions, calls and contents are those of the fixture, so addresses and ids never change; times
and folders do, and `steady` writes them as words."""
import datetime
import os
import pathlib
import re
import subprocess
import sys

from .scratch import BATON, ROOT

sys.path.insert(0, str(ROOT / "tests" / "agents"))

from replay import Replay  # noqa: E402

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"

TIMES = [
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"), "TIME"),
    (re.compile(r"took [0-9.]+ (ms|s)\b"), "took DURATION"),
]


def days_of_run():
    """Days that a session played just now can have: as wide as what they are replaced by."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return [(now - datetime.timedelta(days=back)).strftime("%Y-%m-%d") for back in (0, 1)]


class Played:
    def __init__(self, base, *fixtures):
        self.base = pathlib.Path(base)
        self.repo = self.base / "repo"
        self.home = self.base / "home"
        (self.home / ".claude").mkdir(parents=True)
        (self.home / ".codex").mkdir()
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("BATON_", "CLAUDE", "CODEX", "GIT_", "XDG_"))}
        self.env.update(HOME=str(self.home), GIT_CONFIG_NOSYSTEM="1", LC_ALL="C", PAGER="cat")
        self.env.pop("NO_COLOR", None)
        for number, fixture in enumerate(fixtures):
            play = Replay(fixture, self.repo, self.home, None)
            if number == 0:
                self.baton("init", check=True)
            play.command = [BATON, "hook", play.agent]
            for step in play:
                assert step.status == 0 and not step.stderr, step

    def baton(self, *words, cwd=None, check=False, env=None, stdin=b""):
        done = subprocess.run([BATON, *map(str, words)], cwd=cwd or self.repo, input=stdin,
                              env=dict(self.env, **(env or {})), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        done.out = done.stdout.decode(errors="replace")
        done.err = done.stderr.decode(errors="replace")
        if check:
            assert done.returncode == 0, (words, done.returncode, done.out, done.err)
        return done

    def steady(self, text):
        """`text` without what differs from run to run."""
        text = text.replace(str(self.repo.resolve()), "REPO").replace(str(self.home), "HOME")
        for day in days_of_run():
            text = re.sub(rf"\b{day}\b(?!T)(?! \d\d:)", "DAY-OF-RUN", text)
        lines = []
        for line in text.split("\n"):
            before = line
            for pattern, word in TIMES:
                line = pattern.sub(word, line)
            if line != before or "REPO" in line or "HOME" in line:
                # Columns are as wide as what was replaced.
                indent = len(line) - len(line.lstrip(" "))
                line = line[:indent] + re.sub(r" {2,}", "  ", line[indent:])
            lines.append(line)
        return "\n".join(lines)


def check_golden(name, text):
    """Compares with golden/NAME; UPDATE_GOLDEN=1 writes it instead."""
    file = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert file.exists(), f"{file} is missing: run with UPDATE_GOLDEN=1 and look at it"
    assert text == file.read_text()
