"""A terminal that a person sits at: a pseudo terminal with a program in it, what its screen shows, and keys."""
import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

UP, DOWN, RIGHT, LEFT = "\033[A", "\033[B", "\033[C", "\033[D"
PAGE_UP, PAGE_DOWN, HOME, END = "\033[5~", "\033[6~", "\033[H", "\033[F"
ENTER, ESCAPE, BACKSPACE, INTERRUPT = "\r", "\033", "\x7f", "\x03"
FRAME_BEGINS, FRAME_ENDS = b"\033[?2026h", b"\033[?2026l"
PATIENCE = 20  # seconds


class Terminal:
    def __init__(self, words, cwd, env, columns=100, rows=30):
        self.controller, self.line = os.openpty()
        self.sent = b""         # all that the program wrote
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.resize(columns, rows, tell=False)
        self.modes_before = termios.tcgetattr(self.line)
        env = {k: v for k, v in env.items() if k not in ("COLUMNS", "LINES")}
        env.setdefault("TERM", "xterm-256color")

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.program = subprocess.Popen(words, cwd=cwd, env=env, stdin=self.line, stdout=self.line,
                                        stderr=self.line, preexec_fn=own_terminal)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        os.close(self.controller)
        os.close(self.line)

    def resize(self, columns, rows, tell=True):
        fcntl.ioctl(self.line, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)
        self.screen.erase_in_display(2)
        if tell:
            self.program.send_signal(signal.SIGWINCH)

    def press(self, keys):
        os.write(self.controller, keys if isinstance(keys, bytes) else keys.encode())

    def take(self, seconds):
        """Takes what the program writes within that time; whether there was any."""
        if not select.select([self.controller], [], [], seconds)[0]:
            return False
        try:
            some = os.read(self.controller, 1 << 16)
        except OSError:
            return False
        self.sent += some
        self.stream.feed(some)
        return bool(some)

    @property
    def rows(self):
        return [row.rstrip() for row in self.screen.display]

    @property
    def text(self):
        return "\n".join(self.rows)

    def until(self, shown, what=None):
        """Waits until the screen holds the text, or the condition holds."""
        def holds():
            # Not in the middle of a frame.
            if self.sent.rfind(FRAME_BEGINS) > self.sent.rfind(FRAME_ENDS):
                return False
            return shown() if callable(shown) else shown in self.text
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"{what or shown!r} never came:\n{self.text}"
            if not self.take(0.05) and self.program.poll() is not None and not self.take(0.05):
                assert holds(), f"ended with {self.program.returncode} before {shown!r}:\n{self.text}"
        return self

    def row(self, part):
        found = [row for row in self.rows if part in row]
        assert len(found) == 1, (part, self.text)
        return found[0]

    def end(self):
        """Waits for the program's end; its exit status."""
        end = time.monotonic() + PATIENCE
        while self.program.poll() is None:
            assert time.monotonic() < end, f"it does not end:\n{self.text}"
            self.take(0.05)
        while self.take(0.05):
            pass
        return self.program.returncode

    def end_after(self, keys):
        self.press(keys)
        return self.end()

    def hang_up(self):
        os.close(self.controller)
        self.controller = os.open("/dev/null", os.O_RDONLY)

    @property
    def modes_are_as_before(self):
        return termios.tcgetattr(self.line) == self.modes_before
