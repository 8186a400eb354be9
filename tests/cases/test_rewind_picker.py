"""`baton rewind` without a target, at a terminal: the prompts to choose from, and what is done about one."""
import re
import signal
import termios

import pytest
from support.scratch import BATON, git
from support.terminal import (BACKSPACE, DOWN, END, ENTER, ESCAPE, HOME, INTERRUPT, LEFT, PAGE_DOWN, PAGE_UP, RIGHT,
                              UP, Terminal)

FIRST = "11111111-2222-4333-8444-555555555555"
SECOND = "99999999-2222-4333-8444-555555555555"
TEXT = "".join(f"line {i}\n" for i in range(1, 21))
WAYS = "enter do it"    # of the second screen
NOTHING = "nothing was changed"
ALL_BEFORE, ALL_AFTER, SESSION, TURN, LOOK = "12345"


@pytest.fixture
def world(make_world):
    """Two sessions: the first with two prompts, the second with one between them."""
    world = make_world()
    world.write("src/a.txt", TEXT)
    world.write("src/b.txt", TEXT)
    world.write("test.sh", "grep -q 'LINE 2' src/a.txt && echo 1 passed\n")
    world.commit("Files")
    first = world.claude(FIRST).start().prompt("shout the second line")
    first.edit("src/a.txt", "line 2\n", "LINE 2\nLINE 2a\n")
    first.bash("sh test.sh")
    first.stop()
    between = world.claude(SECOND).start().prompt("shout in the other file")
    between.edit("src/b.txt", "line 5\n", "LINE 5\n")
    between.stop()
    first.prompt("now the ninth, 第九行")
    first.edit("src/a.txt", "line 9\n", "LINE 9\n")
    first.write("src/new.txt", "made\n")
    first.stop()
    world.first = first
    return world


def files(world):
    return {str(f.relative_to(world.repo)): f.read_bytes()
            for f in sorted(world.repo.rglob("*")) if f.is_file() and ".git" not in f.parts}


def picker(world, *words, columns=110, rows=30, env=None):
    return Terminal([BATON, "rewind", *words], cwd=world.repo, env=dict(world.env, **(env or {})),
                    columns=columns, rows=rows)


def prompts(terminal):
    """The rows of the list, as (chosen, address, rest)."""
    found = []
    for row in terminal.rows:
        match = re.match(r"([> ]) ([0-9a-f]{4,}:\d+) +(.*)", row)
        if match:
            found.append((match[1] == ">", match[2], re.sub("  +", "  ", match[3])))
    return found


def chosen(terminal):
    return [rest for mark, _, rest in prompts(terminal) if mark][0]


def choose(terminal, way, prompt=None):
    if prompt:
        terminal.press(prompt)
        terminal.until(lambda: len(prompts(terminal)) == 1)
    terminal.press(ENTER)
    terminal.until(WAYS)
    terminal.press(way)
    terminal.until(lambda: re.search(f"^> {way} ", terminal.text, re.M))


def command_told(terminal):
    return re.search(r"as a command: baton (.*?)\r", terminal.sent.decode())[1].split()


# --- the list

def test_the_list_tells_of_each_prompt_what_came_of_it(world):
    with picker(world) as terminal:
        terminal.until("+LINE 9")  # the difference comes when all rows are counted
        rows = prompts(terminal)
        assert [mark for mark, _, _ in rows] == [True, False, False], "newest first"
        assert "now the ninth, 第九行" in rows[0][2] and rows[0][2].endswith("2 files  +2 -1")
        assert "shout in the other file" in rows[1][2] and rows[1][2].endswith("1 file  +1 -1")
        assert "shout the second line" in rows[2][2] and rows[2][2].endswith("+2 -1  tests passed")
        assert all(re.match(r"\d+s ago ", rest) for _, _, rest in rows)
        assert terminal.rows[0].endswith("3 prompts")
        assert "claude-code" in terminal.row("──"), "whose it is"


def test_moving_changes_the_preview(world):
    with picker(world) as terminal:
        terminal.until("+LINE 9")
        terminal.press(DOWN)
        terminal.until("+LINE 5").press(DOWN)
        terminal.until("+LINE 2a")
        assert "shout the second line" in chosen(terminal)
        terminal.press(DOWN)
        terminal.press(UP)
        terminal.until("+LINE 5").press(HOME)
        terminal.until("+LINE 9").press(END)
        terminal.until("+LINE 2a").press(ESCAPE)
        assert terminal.end() == 1


@pytest.mark.parametrize("key", ["\x12", "\x1b[15~"])
def test_listing_what_came_since(world, key):
    with picker(world) as terminal:
        terminal.until("+LINE 9")
        terminal.press(DOWN)
        terminal.until("+LINE 5")
        world.first.prompt("the newest one")
        world.first.edit("src/a.txt", "line 12\n", "LINE 12\n")
        world.first.stop()
        terminal.press(key)
        terminal.until("4 prompts")
        terminal.until(lambda: len(prompts(terminal)) == 4 and "1 file" in prompts(terminal)[0][2])
        assert "the newest one" in prompts(terminal)[0][2]
        assert "shout in the other file" in chosen(terminal)
        terminal.until("+LINE 5").press(UP)
        terminal.press(UP)
        terminal.until("+LINE 12").press(ESCAPE)
        assert terminal.end() == 1


def test_typing_filters(world):
    with picker(world) as terminal:
        terminal.until("3 prompts").press("SHOUT")
        terminal.until("2 of 3 prompts")
        assert [mark for mark, _, _ in prompts(terminal)] == [True, False]
        terminal.press(" other")
        terminal.until("1 of 3 prompts")
        assert "shout in the other file" in chosen(terminal)
        terminal.until("+LINE 5")
        for _ in " other":
            terminal.press(BACKSPACE)
        terminal.until("2 of 3 prompts")
        assert "shout in the other file" in chosen(terminal), "the chosen one stays chosen"
        terminal.press("\x15第九")
        terminal.until("1 of 3 prompts").press("\x15src/new")
        terminal.until("1 of 3 prompts")
        assert "ninth" in chosen(terminal), "by a path that was changed"
        terminal.press("zzz")
        terminal.until("no such prompt").press(ENTER)
        terminal.press(BACKSPACE * 3)
        terminal.until("1 of 3 prompts")


def test_pasted_lines_choose_nothing(world):
    before = files(world)
    with picker(world) as terminal:
        terminal.until("3 prompts").press("\033[200~shout\nother\n\n1\n\033[201~")
        terminal.until("rewind: shout other 1")
        assert WAYS not in terminal.text
    assert files(world) == before


def test_scrolling_the_difference(world):
    session = world.first.prompt("write much")
    session.write("much.txt", "".join(f"row {i}\n" for i in range(200)))
    session.stop()
    with picker(world, rows=24) as terminal:
        terminal.until("+row 0")
        assert "+row 50" not in terminal.text
        for _ in range(6):
            terminal.press(RIGHT)
        terminal.until("+row 50")
        for _ in range(6):
            terminal.press(LEFT)
        terminal.until("+row 0")


# --- what is done

def test_all_files_as_before(world):
    before_last = dict(files(world), **{"src/a.txt": TEXT.replace("line 2\n", "LINE 2\nLINE 2a\n").encode()})
    del before_last["src/new.txt"]
    with picker(world) as terminal:
        terminal.until("3 prompts").press("ninth")
        terminal.until("1 of 3")
        choose(terminal, ALL_BEFORE)
        terminal.until("2 files would change")
        assert terminal.end_after(ENTER) == 0
        assert "rewind to the files before turn" in terminal.text and "baton undo" in terminal.text
        words = command_told(terminal)
        assert words[0] == "rewind" and words[1].endswith(":2^") and len(words) == 2
    assert files(world) == before_last
    after = files(world)
    world.baton("undo", check=True)
    assert files(world) != after
    world.baton(*words, check=True)
    assert files(world) == after, "the command does the same"


def test_all_files_as_after(world):
    with picker(world) as terminal:
        terminal.until("3 prompts")
        choose(terminal, ALL_AFTER, "second")
        terminal.until("3 files would change")
        assert terminal.end_after(ENTER) == 0
        assert command_told(terminal)[1].endswith(":1")
    assert world.read("src/a.txt").decode() == TEXT.replace("line 2\n", "LINE 2\nLINE 2a\n")
    assert world.read("src/b.txt").decode() == TEXT
    assert "src/new.txt" not in files(world)


def test_only_what_the_session_did(world):
    with picker(world) as terminal:
        terminal.until("3 prompts")
        choose(terminal, SESSION, "second")
        terminal.until("2 files would change")
        assert terminal.end_after(ENTER) == 0
        words = command_told(terminal)
        assert words[1].endswith(":1^") and words[2] == "--session"
    assert world.read("src/a.txt").decode() == TEXT
    assert world.read("src/b.txt").decode() == TEXT.replace("line 5", "LINE 5"), "the other session's stays"
    assert "src/new.txt" not in files(world)


def test_only_what_the_prompt_did(world):
    with picker(world) as terminal:
        terminal.until("3 prompts")
        choose(terminal, TURN, "second")
        terminal.until("1 file would change")
        assert terminal.end_after(ENTER) == 0
        words = command_told(terminal)
        assert words[1] == "--turn" and words[2].endswith(":1")
    assert world.read("src/a.txt").decode() == TEXT.replace("line 9", "LINE 9")
    assert world.read("src/new.txt") == b"made\n"


def test_looking_changes_nothing(world):
    before = files(world)
    with picker(world) as terminal:
        terminal.until("3 prompts")
        choose(terminal, LOOK, "second")
        assert terminal.end_after(ENTER) == 0
        sent = terminal.sent.decode()
        assert re.search(r"baton show [0-9a-f]+:1\r", sent) and "shout the second line" in terminal.text
    assert files(world) == before
    assert not [a for a in world.json("checkpoint")["checkpoints"] if "rewind" in str(a)]


def test_the_arrows_choose_a_way_too(world):
    with picker(world) as terminal:
        terminal.until("3 prompts").press(ENTER)
        terminal.until(WAYS).press(DOWN + DOWN + DOWN)
        terminal.until(lambda: re.search("^> 4 ", terminal.text, re.M)).press(UP)
        terminal.until(lambda: re.search("^> 3 ", terminal.text, re.M)).press(ESCAPE)
        terminal.until("3 prompts").press(ESCAPE)
        assert terminal.end() == 1


def test_what_was_typed_before_the_ways_were_seen_is_no_answer(world):
    before = files(world)
    with picker(world) as terminal:
        terminal.until("3 prompts").press(ENTER + ENTER + "\n\n")
        terminal.until("would change")
        assert terminal.program.poll() is None
    assert files(world) == before


# --- refusals and options are those of the command

def test_unowned_work_is_refused_in_the_same_words(world):
    world.write("mine.txt", "a person's\n")
    before = files(world)
    with picker(world, env={"NO_COLOR": "1"}) as terminal:
        terminal.until("3 prompts")
        choose(terminal, ALL_BEFORE, "ninth")
        terminal.until("work that no step owns would be overwritten or removed")
        assert "hint: --force goes on" in terminal.text, "told before it is tried"
        assert terminal.end_after(ENTER) == 1
        words = command_told(terminal)
        told = terminal.sent.decode().split("\033[?1049l")[1].replace("\r", "")
    assert files(world) == before
    same = world.baton(*words)
    assert same.returncode == 1
    assert same.out in told and same.err in told


def test_force_goes_with_the_choice(world):
    world.write("mine.txt", "a person's\n")
    with picker(world, "--force") as terminal:
        terminal.until("3 prompts")
        choose(terminal, ALL_BEFORE, "ninth")
        terminal.until("would change")
        assert "--force goes on" not in terminal.text
        assert terminal.end_after(ENTER) == 0
        assert command_told(terminal)[2:] == ["--force"]
    assert "mine.txt" not in files(world)


def test_dry_run_changes_nothing_and_paths_narrow(world):
    before = files(world)
    with picker(world, "--dry-run", "--", "src/b.txt") as terminal:
        terminal.until("3 prompts")
        choose(terminal, ALL_BEFORE, "second")
        terminal.until("1 file would change")
        assert terminal.end_after(ENTER) == 0
        words = command_told(terminal)
        assert words[2:] == ["--dry-run", "--", "src/b.txt"]
    assert files(world) == before


def test_the_preview_is_what_dry_run_says(world):
    with picker(world, rows=40) as terminal:
        terminal.until("3 prompts")
        choose(terminal, TURN, "second")
        terminal.until("1 file would change")
        turn = re.search(r"--turn (\S+)", terminal.text)[1]
        shown = terminal.text
    for line in world.baton("rewind", "--turn", turn, "--dry-run", check=True).out.splitlines():
        assert line.expandtabs(4).rstrip() in shown, line


# --- the terminal

@pytest.mark.parametrize("keys", [ESCAPE, INTERRUPT])
@pytest.mark.parametrize("deep", [False, True])
def test_leaving_puts_the_terminal_back(world, keys, deep):
    before = files(world)
    with picker(world) as terminal:
        terminal.until("3 prompts")
        raw = termios.tcgetattr(terminal.line)
        assert not terminal.modes_are_as_before and not raw[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
        if deep:
            terminal.press(ENTER)
            terminal.until("would change")
            if keys == ESCAPE:
                terminal.press(keys)
                terminal.until("3 prompts")
        terminal.press(keys)
        assert terminal.end() == 1
        assert terminal.modes_are_as_before
        assert_put_back(terminal)
        assert terminal.sent.decode().endswith(f"baton: {NOTHING}\r\n")
    assert files(world) == before


def assert_put_back(terminal):
    sent = terminal.sent
    for on, off in ((b"\033[?1049h", b"\033[?1049l"), (b"\033[?25l", b"\033[?25h"), (b"\033[?7l", b"\033[?7h"),
                    (b"\033[?2004h", b"\033[?2004l")):
        assert sent.count(on) == sent.count(off) == 1 and sent.index(on) < sent.index(off)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGSEGV])
def test_signals_that_end_it_put_the_terminal_back(world, number):
    with picker(world) as terminal:
        terminal.until("+LINE 9")
        terminal.program.send_signal(number)
        assert terminal.end() == -number
        assert terminal.modes_are_as_before
        assert_put_back(terminal)


def test_stopped_and_continued(world):
    with picker(world) as terminal:
        terminal.until("+LINE 9")
        terminal.program.send_signal(signal.SIGSTOP)
        termios.tcsetattr(terminal.line, termios.TCSANOW, terminal.modes_before)  # as a shell would
        terminal.screen.reset()
        terminal.program.send_signal(signal.SIGCONT)
        terminal.until("+LINE 9").press(DOWN)
        terminal.until("+LINE 5").press(ESCAPE)
        assert terminal.end() == 1 and terminal.modes_are_as_before


def test_a_terminal_that_goes_away_ends_it(world):
    before = files(world)
    with picker(world) as terminal:
        terminal.until("3 prompts")
        terminal.hang_up()
        assert terminal.program.wait(timeout=10) in (1, -signal.SIGHUP)
    assert files(world) == before


def test_resizing(world):
    with picker(world) as terminal:
        terminal.until("+LINE 9")
        terminal.resize(60, 14)
        terminal.until(lambda: len(terminal.rows) == 14 and terminal.rows[13].startswith("enter go on"))
        assert terminal.rows[0].endswith("3 prompts") and len(terminal.rows[0]) == 60
        terminal.resize(130, 40)
        terminal.until(lambda: terminal.rows[39].startswith("enter go on") and "+LINE 9" in terminal.text)


def test_a_tiny_terminal(world):
    with picker(world, columns=20, rows=5) as terminal:
        terminal.until("enter go on")
        rows = prompts(terminal)
        assert len(rows) == 3 and rows[0][0], terminal.text
        terminal.press(DOWN + DOWN + ENTER)
        terminal.until(lambda: "> 1 all files" in terminal.text)
        terminal.press(TURN)
        terminal.until("> 4 only what")
        assert terminal.end_after(ENTER) == 0
    assert world.read("src/a.txt").decode() == TEXT.replace("line 9", "LINE 9")


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (200, 3)])
def test_terminals_that_hold_next_to_nothing(world, size):
    with picker(world, columns=size[0], rows=size[1]) as terminal:
        terminal.until(lambda: b"\033[?1049h" in terminal.sent and terminal.text.strip())
        terminal.press(ENTER)
        terminal.press(ESCAPE)
        terminal.press(INTERRUPT)
        assert terminal.end() == 1 and terminal.modes_are_as_before


def test_hostile_prompts_stay_text(world):
    hostile = ("\033[2J\033]0;owned\a\033[?1049l\x9b31m e\u0301\u0301\u0301 \u202egnp.exe \r overwritten "
               + "世界" * 60 + "👩‍👩‍👧 \t end")
    session = world.first.prompt(hostile)
    session.bash("printf 'x\\033[2Jy\\033]0;t\\007\\n' > 'e\033[31mvil.txt'")
    session.stop()
    for columns in (40, 79, 110):
        with picker(world, columns=columns) as terminal:
            terminal.until("4 prompts")
            terminal.until("+x^[[2Jy")
            terminal.take(0.2)
            sent = terminal.sent.decode()
            allowed = re.compile(r"\033\[(\?(1049|25|7|2004|2026)[hl]|\d+;\d+H|K|[0-9;]*m)")
            assert not re.search(r"[\x00-\x1a\x1c-\x1f\x7f-\x9f\u202e]", sent), "only escapes of the picker's own"
            assert all(allowed.match(sent, at.start()) for at in re.finditer("\033", sent))
            assert terminal.rows[-1].startswith("enter go on") and terminal.rows[0].startswith("rewind")
            assert "^[[2J^[]0;owned^G" in terminal.text


def test_without_colours(world):
    with picker(world) as terminal:
        terminal.until("+LINE 9")
        assert re.search(rb"\033\[[0-9;]*[1-9]m", terminal.sent)
    with picker(world, env={"NO_COLOR": "1"}) as terminal:
        terminal.until("+LINE 9")
        assert not re.search(rb"\033\[[0-9;]*m", terminal.sent)


# --- where there is nothing to choose with, or from

def test_without_a_terminal_it_is_an_error_as_ever(world):
    done = world.baton("rewind")
    assert done.returncode == 2 and done.out == "" and done.err.startswith("baton: back to where?\n")
    with picker(world, "--json") as terminal:
        assert terminal.end() == 2 and "back to where?" in terminal.text and b"\033" not in terminal.sent
    with picker(world, env={"TERM": "dumb"}) as terminal:
        assert terminal.end() == 2 and "back to where?" in terminal.text and b"\033" not in terminal.sent


def test_no_prompts(make_world):
    world = make_world()
    with picker(world) as terminal:
        assert terminal.end() == 1
        assert "no prompt was recorded in this worktree" in terminal.text and b"\033" not in terminal.sent


def test_only_the_prompts_of_this_worktree(world):
    other = world.base / "other"
    git(world.repo, "worktree", "add", "-q", str(other))
    session = world.claude("55555555-2222-4333-8444-555555555555", cwd=other).start().prompt("elsewhere")
    session.write("there.txt", "x\n")
    session.stop()
    with picker(world) as terminal:
        terminal.until("3 prompts")
        assert "elsewhere" not in terminal.text
    with Terminal([BATON, "rewind"], cwd=other, env=world.env) as terminal:
        terminal.until("1 prompt")
        assert "elsewhere" in terminal.text


def test_a_thousand_prompts(world):
    session = world.claude("77777777-2222-4333-8444-555555555555").start()
    for number in range(1000):
        session.prompt(f"prompt number {number}")
        session.stop()
    with picker(world) as terminal:
        terminal.until("1003 prompts")
        assert "prompt number 999" in chosen(terminal)
        terminal.press(PAGE_DOWN)
        terminal.until(lambda: "prompt number 999" not in terminal.text.split("──")[0])
        page = len(prompts(terminal))
        assert f"prompt number {999 - page}" in chosen(terminal)
        terminal.press(PAGE_UP + END)
        terminal.until(lambda: "shout the second line" in chosen(terminal))
        terminal.press("number 77")
        passing = sum("77" in f"{n} {n + 1}" for n in range(1000))  # in the prompt or its address
        terminal.until(f"{passing} of 1003 prompts")
