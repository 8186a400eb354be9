// What a shell command taken apart does: reads files, changes them by git, ends with whose status.

#include <array>

#include "base/bytes.h"
#include "os/file.h"
#include "shell/word_list.h"
#include "shell/words.h"

namespace baton::shell {
namespace {

using Next = ShellCommand::Next;

enum class GitEffect : uint8_t { none, content, other };

GitEffect git_effect(const std::vector<std::string>& words) {
  size_t i = 1;
  while (i < words.size() && words[i].starts_with('-')) {
    bool takes_word = words[i] == "-C" || words[i] == "-c" || words[i] == "--git-dir" ||
                      words[i] == "--work-tree" || words[i] == "--namespace";
    i += takes_word ? 2 : 1;
  }
  if (i >= words.size()) return GitEffect::none;
  static constexpr std::array<std::string_view, 14> kContent = {
      "checkout", "switch", "merge", "pull",   "rebase",      "stash",           "reset",
      "restore",  "revert", "am",    "bisect", "cherry-pick", "sparse-checkout", "read-tree"};
  static constexpr std::array<std::string_view, 26> kQuiet = {
      "status",   "log",      "diff",   "show",       "fetch",    "branch",    "add",
      "commit",   "push",     "config", "remote",     "tag",      "rev-parse", "ls-files",
      "blame",    "describe", "reflog", "grep",       "rev-list", "cat-file",  "ls-tree",
      "shortlog", "notes",    "gc",     "merge-base", "version"};
  if (one_of(words[i], kContent)) return GitEffect::content;
  if (one_of(words[i], kQuiet)) return GitEffect::none;
  return GitEffect::other;
}

constexpr std::array<std::string_view, 24> kQuietPrograms = {
    "cd",  "echo",  "printf", "true", "false",  ":",     "ls",   "pwd",
    "cat", "head",  "tail",   "wc",   "grep",   "rg",    "test", "[",
    "[[",  "sleep", "exit",   "set",  "export", "which", "sort", "uniq"};

// Commands that do not fail in practice, so that they may stand in a chain of `&&` beside the one
// that matters.
constexpr std::array<std::string_view, 26> kTrivialPrograms = {
    "cd",    "echo",  "printf", "true",  ":",     "set",   "export", "source", ".",
    "mkdir", "pwd",   "ls",     "sleep", "date",  "clear", "touch",  "ulimit", "umask",
    "unset", "alias", "rm",     "cat",   "which", "pushd", "popd",   "chmod"};
constexpr std::array<std::string_view, 10> kTrivialFilters = {
    "tail", "head", "tee", "cat", "sed", "awk", "sort", "less", "cut", "column"};

bool is_trivial(const ShellCommand& command) {
  return command.program.empty() || one_of(program_name(command.program[0]), kTrivialPrograms);
}

}  // namespace

StatusMeaning status_meaning(const ShellLine& line, size_t at) {
  StatusMeaning meaning;
  if (!line.whole || at >= line.commands.size()) return meaning;
  const ShellCommand& command = line.commands[at];
  for (size_t i = 0; i < at; ++i) {  // `trap 'exit 0' EXIT`
    const std::vector<std::string>& words = line.commands[i].program;
    if (!words.empty() && words[0] == "trap") return meaning;
  }
  if (command.negated || command.compound) return meaning;
  if (!command.last_of_pipeline && !command.pipefail) return meaning;
  // The other members of its pipeline.
  bool others_trivial = true;
  size_t last = at;
  while (line.commands[last].next == Next::pipe && last + 1 < line.commands.size()) {
    ++last;
    const ShellCommand& member = line.commands[last];
    if (member.program.empty() || !one_of(program_name(member.program[0]), kTrivialFilters)) {
      others_trivial = false;
    }
  }
  if (!command.last_of_pipeline && last == at) return meaning;  // piped behind a group
  // What follows.
  for (size_t i = last; i < line.commands.size(); ++i) {
    Next next = line.commands[i].next;
    if (next == Next::either || next == Next::next || next == Next::background) return meaning;
    if (i > last && !is_trivial(line.commands[i])) others_trivial = false;
  }
  // What stands before it in the same chain.
  bool may_not_have_run = false;
  size_t first = at;
  while (first > 0 && line.commands[first - 1].pipeline == command.pipeline &&
         line.commands[first - 1].next == Next::pipe) {
    --first;
  }
  for (size_t i = first; i > 0; --i) {
    Next next = line.commands[i - 1].next;
    if (next == Next::next || next == Next::background || next == Next::end) break;
    if (next == Next::either) may_not_have_run = true;
    if (next == Next::both && !is_trivial(line.commands[i - 1])) others_trivial = false;
  }
  meaning.zero = !may_not_have_run;
  meaning.failure = others_trivial;
  return meaning;
}

std::vector<ShellRead> files_read(const ShellLine& line) {
  std::vector<ShellRead> reads;
  for (size_t at = 0; at < line.commands.size(); ++at) {
    const ShellCommand& command = line.commands[at];
    if (command.program.empty() || command.output_away) continue;
    std::string_view name = program_name(command.program[0]);
    std::string_view with_word;
    bool is_sed = false;
    if (name == "cat" || name == "more") {
      with_word = "";
    } else if (name == "head" || name == "tail") {
      with_word = "-n -c --lines --bytes";
    } else if (name == "less") {
      with_word = "-p -P -j -b -x -y -z";
    } else if (name == "nl") {
      with_word = "-b -d -f -h -i -l -n -s -v -w";
    } else if (name == "bat" || name == "batcat") {
      with_word =
          "-l -r -H --language --line-range --style --theme --highlight-line --color --paging";
    } else if (name == "sed") {
      is_sed = true;
      with_word = "-e -f -l --expression --file --line-length";
    } else {
      continue;
    }
    std::vector<std::string_view> operands;
    bool quiet = false, in_place = false, has_script = false, only_operands = false;
    for (size_t i = 1; i < command.program.size(); ++i) {
      std::string_view word = command.program[i];
      if (only_operands || word.size() < 2 || word[0] != '-') {
        if (word != "-") operands.push_back(word);
        continue;
      }
      if (word == "--") {
        only_operands = true;
        continue;
      }
      if (is_sed && word[1] != '-') {
        quiet |= word.find('n') != word.npos;
        in_place |= word.find('i') != word.npos;
      }
      if (is_sed && (word == "--quiet" || word == "--silent")) quiet = true;
      if (is_sed && word.starts_with("--in-place")) in_place = true;
      if (is_sed && (word.starts_with("-e") || word.starts_with("-f") ||
                     word.starts_with("--expression") || word.starts_with("--file"))) {
        has_script = true;
      }
      if (has_word(with_word, word)) {
        ++i;
      } else if (is_sed && word[1] != '-' && word.size() > 2 &&
                 (word.back() == 'e' || word.back() == 'f')) {  // -ne SCRIPT
        has_script = true;
        ++i;
      }
    }
    if (is_sed) {
      if (!quiet || in_place) continue;
      if (!has_script && !operands.empty()) operands.erase(operands.begin());
    }
    for (const std::string& input : command.inputs) operands.push_back(input);
    for (std::string_view operand : operands) {
      if (operand.empty() || operand.find_first_of("$*?[{`<>\n") != operand.npos) continue;
      if (operand.starts_with("/dev/") || operand.starts_with('~')) continue;
      if (!operand.starts_with('/') && !command.directory_known) continue;
      ShellRead read;
      read.path = operand.starts_with('/') || command.directory.empty()
                      ? std::string(operand)
                      : os::join(command.directory, operand);
      read.last = command.pipeline == line.commands.back().pipeline ||
                  std::ranges::all_of(line.commands.begin() + static_cast<std::ptrdiff_t>(at),
                                      line.commands.end(), [](const ShellCommand& one) {
                                        return one.next == Next::both || one.next == Next::end ||
                                               one.next == Next::pipe;
                                      });
      if (std::ranges::none_of(reads, [&](const ShellRead& r) { return r.path == read.path; })) {
        reads.push_back(std::move(read));
      }
    }
  }
  return reads;
}

bool some_git_content(const ShellLine& line) {
  return std::ranges::any_of(line.commands, [](const ShellCommand& command) {
    return !command.program.empty() && program_name(command.program[0]) == "git" &&
           git_effect(command.program) == GitEffect::content;
  });
}

bool only_shows(const ShellLine& line) {
  constexpr std::string_view kShowing =
      "nl less more bat batcat cut tr column file stat tree basename dirname";
  for (const ShellCommand& command : line.commands) {
    bool writes = std::ranges::any_of(command.outputs,
                                      [](std::string_view file) { return file != "/dev/null"; });
    if (writes || command.next == Next::background) return false;
    if (command.program.empty()) continue;
    std::string_view name = program_name(command.program[0]);
    if (name == "sed") {
      for (const std::string& word : command.program) {
        bool in_place = word.starts_with("--in-place") || (word.size() > 1 && word[0] == '-' &&
                                                           word[1] != '-' && contains(word, "i"));
        if (in_place) return false;
      }
    } else if (!one_of(name, kQuietPrograms) && !has_word(kShowing, name)) {
      return false;
    }
  }
  return line.whole;
}

bool only_git_content(const ShellLine& line) {
  if (!line.whole || !some_git_content(line)) return false;
  return std::ranges::all_of(line.commands, [](const ShellCommand& command) {
    if (std::ranges::any_of(command.outputs, [](std::string_view o) { return o != "/dev/null"; })) {
      return false;
    }
    if (command.program.empty()) return true;
    std::string_view name = program_name(command.program[0]);
    if (name == "git") return git_effect(command.program) != GitEffect::other;
    return one_of(name, kQuietPrograms);
  });
}

}  // namespace baton::shell
