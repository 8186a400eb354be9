#pragma once

// A shell command taken apart, as far as recognising what it runs needs it: words without quotes,
// pipelines, `&&`, `||`, `;`, subshells, `cd`, scripts given to `sh -c`. No expansion: `$x` and
// `$(...)` stay as they are written. It never fails; what it cannot read it says (`whole` false).

#include <string>
#include <string_view>
#include <vector>

namespace baton::shell {

constexpr size_t kMaxCommandParsed = 256 * 1024;  // bytes of a command that are looked at
constexpr int kMaxShellDepth = 8;                 // `sh -c` in `sh -c`

struct ShellCommand {
  // What follows the command.
  enum class Next : uint8_t { end, pipe, both, either, next, background };  // "", |, &&, ||, ;, &

  std::vector<std::string> words;  // as written, quotes removed, without assignments before them
  std::vector<std::string> assignments;  // NAME=value before the words
  // `words` without what only runs another program: env, sudo, timeout, npx, `uv run`, ...
  std::vector<std::string> program;
  std::vector<std::string> inputs;   // files of `<`
  std::vector<std::string> outputs;  // files of `>`, `>>`, `&>`; "&1" and the like left out
  bool output_away = false;          // its standard output goes into a file
  bool errors_away = false;          // ... its standard error
  std::string directory;        // after `cd`s before it, relative to where the command began; ""
  bool directory_known = true;  // false after `cd $x`
  Next next = Next::end;
  int pipeline = 0;  // number of its pipeline
  bool last_of_pipeline = true;
  bool negated = false;   // `! command`
  bool compound = false;  // inside if, for, while, case, or a function
  bool pipefail = false;  // `set -o pipefail` was given before
};

struct ShellLine {
  std::vector<ShellCommand> commands;  // in the order in which they are written
  bool whole = true;
  // Whether something goes on running after the command has answered: `&`, nohup, setsid, disown,
  // `docker run -d`.
  bool leaves_running = false;
  // Whether a word leads out of the directory that the command began in: an absolute path or `..`.
  bool leaves_directory = false;
};

ShellLine parse_shell(std::string_view command);

// The last part of a program's path: "pytest" of ".venv/bin/pytest".
std::string_view program_name(std::string_view word);

// Whether the exit status of the whole command line is that of `commands[at]`: `zero` if a status 0
// says that it ended with 0, `failure` if another status says that it was this one that failed.
struct StatusMeaning {
  bool zero = false;
  bool failure = false;
};
StatusMeaning status_meaning(const ShellLine& line, size_t at);

// Files that the command line reads to show them: operands of cat, head, tail, `sed -n`, less,
// more, nl, bat. Relative to where the command began, unless absolute. `last`: in the last
// pipeline, so that its failure is the line's failure.
struct ShellRead {
  std::string path;
  bool last = false;
};
std::vector<ShellRead> files_read(const ShellLine& line);

// Whether the line does nothing but show files and say things: `cat a | head`, `cd x && sed -n 1,5p
// b`.
bool only_shows(const ShellLine& line);

// Whether every command of the line is one of git's that bring content of commits or stashes into
// the working tree (checkout, switch, merge, pull, rebase, stash, reset, restore, cherry-pick,
// revert, am), or does not change files at all.
bool only_git_content(const ShellLine& line);
// Whether any command of the line is such a one.
bool some_git_content(const ShellLine& line);

}  // namespace baton::shell
