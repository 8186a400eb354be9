#include "os/screen.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "os/env.h"
#include "os/file.h"
#include "os/terminal.h"

namespace baton::os {
namespace {

// Another page, no cursor, no line wrap, pasted text in brackets; and back.
constexpr std::string_view kEnter = "\033[?1049h\033[?25l\033[?7l\033[?2004h";
constexpr std::string_view kLeave = "\033[?2026l\033[?2004l\033[?7h\033[?25h\033[m\033[?1049l";
// What stands between them is shown at once, where a terminal can do that.
constexpr std::string_view kFrameBegins = "\033[?2026h", kFrameEnds = "\033[?2026l";

constexpr int kEnding[] = {SIGHUP,  SIGINT, SIGQUIT, SIGTERM, SIGABRT,
                           SIGSEGV, SIGBUS, SIGFPE,  SIGILL,  SIGXCPU};
constexpr int kWaking[] = {SIGWINCH, SIGCONT};
constexpr size_t kSignals = std::size(kEnding) + std::size(kWaking);

// What a signal handler has to know.
termios found;
termios raw;
volatile sig_atomic_t entered = 0;
volatile sig_atomic_t resized = 0;
volatile sig_atomic_t continued = 0;
struct sigaction old_actions[kSignals];
sigset_t old_mask;

void put(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(1, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

// Only what a signal handler may call.
void put_back() {
  if (!entered) return;
  entered = 0;
  put(kLeave);
  ::tcsetattr(0, TCSAFLUSH, &found);
}

void end_of(int signal) {
  put_back();
  ::signal(signal, SIG_DFL);
  ::raise(signal);  // comes when this returns
}

void note(int signal) {
  if (signal == SIGCONT) continued = 1;
  resized = 1;
}

template <class F>
void each_signal(F f) {
  size_t at = 0;
  for (int signal : kEnding) f(signal, end_of, old_actions[at++]);
  for (int signal : kWaking) f(signal, note, old_actions[at++]);
}

}  // namespace

bool Screen::possible() {
  return is_terminal(0) && is_terminal(1) && env("TERM").value_or("dumb") != "dumb";
}

Result<Screen> Screen::open() {
  if (::tcgetattr(0, &found) != 0) {
    return fail(ErrorKind::io, std::string("cannot read the terminal's settings: ") +
                                   lower_ascii(strerror(errno)));
  }
  raw = found;
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL | INLCR | IGNCR | ISTRIP);
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;

  // Those that wake are let in only while there is nothing to do but to wait.
  sigset_t waking;
  sigemptyset(&waking);
  for (int signal : kWaking) sigaddset(&waking, signal);
  ::sigprocmask(SIG_BLOCK, &waking, &old_mask);
  each_signal([](int signal, void (*handler)(int), struct sigaction& old) {
    struct sigaction action{};
    action.sa_handler = handler;
    sigfillset(&action.sa_mask);
    ::sigaction(signal, &action, &old);
  });
  entered = 1;
  if (::tcsetattr(0, TCSADRAIN, &raw) != 0) {
    Error error{ErrorKind::io,
                std::string("cannot set the terminal up: ") + lower_ascii(strerror(errno)),
                {}};
    Screen().leave();
    return std::unexpected(std::move(error));
  }
  put(kEnter);
  return Screen();
}

void Screen::leave() {
  if (!open_) return;
  open_ = false;
  put_back();
  each_signal(
      [](int signal, void (*)(int), struct sigaction& old) { ::sigaction(signal, &old, nullptr); });
  ::sigprocmask(SIG_SETMASK, &old_mask, nullptr);
}

Screen::Size Screen::size() const {
  winsize size{};
  if (::ioctl(1, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {80, 24};
  return {size.ws_col, size.ws_row};
}

void Screen::draw(const std::vector<std::string>& lines) {
  std::string text(kFrameBegins);
  size_t rows = size().rows;
  for (size_t row = 0; row < rows; ++row) {
    // Cleared before it is written: after a full line the cursor stands on its last character.
    text += "\033[" + std::to_string(row + 1) + ";1H\033[K";
    if (row < lines.size()) text += lines[row];
  }
  text += kFrameEnds;
  if (text == shown_) return;
  shown_ = text;
  (void)write_fd(1, text);
}

Screen::Woken Screen::wait(int milliseconds, std::string& bytes) {
  pollfd input{0, POLLIN, 0};
  timespec span{milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
  int ready = ::ppoll(&input, 1, milliseconds < 0 ? nullptr : &span, &old_mask);
  if (continued) {
    // Who stopped and continues the program may have put its own settings back.
    continued = 0;
    ::tcsetattr(0, TCSADRAIN, &raw);
    put(kEnter);
  }
  if (resized) {
    resized = 0;
    shown_.clear();
    return Woken::changed;
  }
  if (ready == 0) return Woken::quiet;
  if (ready < 0) return errno == EINTR ? Woken::quiet : Woken::closed;
  char buffer[4096];
  ssize_t got = ::read(0, buffer, sizeof buffer);
  if (got < 0 && errno == EINTR) return Woken::quiet;
  if (got <= 0) return Woken::closed;
  bytes.append(buffer, static_cast<size_t>(got));
  return Woken::bytes;
}

}  // namespace baton::os
