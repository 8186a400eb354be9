#include "shell/sources.h"

#include <fnmatch.h>

#include <algorithm>
#include <optional>

#include "os/file.h"
#include "shell/word_list.h"

namespace baton::shell {
namespace {

constexpr size_t kMaxSources = 16;
constexpr size_t kMaxBraceWords = 64;
constexpr std::string_view kGlob = "*?[";

// `a.{c,h}` as the two words it stands for; a word without such braces as it is.
std::vector<std::string> expand_braces(const std::string& word) {
  size_t open = word.find('{'), close = word.find('}', open == word.npos ? 0 : open);
  if (open == word.npos || close == word.npos || word.find(',', open) > close) return {word};
  std::vector<std::string> words;
  for (size_t begin = open + 1; begin <= close && words.size() < kMaxBraceWords;) {
    size_t end = std::min(word.find(',', begin), close);
    words.push_back(word.substr(0, open) + word.substr(begin, end - begin) +
                    word.substr(close + 1));
    begin = end + 1;
  }
  return words;
}

// A program that puts the files it is given at a place that it is given last.
struct Copier {
  std::string_view name;
  std::string_view with_word;  // options with a value of their own
};
constexpr Copier kCopiers[] = {
    {"cp", "-S --suffix"},
    {"mv", "-S --suffix"},
    {"install", "-m -o -g -S --mode --owner --group --suffix"},
    {"rsync", "-e -f --rsh --exclude --include --filter --chmod --backup-dir --suffix"},
    {"ln", "-S --suffix"},
    {"ditto", ""},
};

struct Operands {
  std::vector<std::string> words;
  std::optional<std::string> into;  // -t FOLDER
};

Operands operands_of(const std::vector<std::string>& program, size_t from,
                     std::string_view with_word) {
  constexpr std::string_view kInto = "--target-directory=";
  Operands found;
  bool only_operands = false;
  for (size_t i = from; i < program.size(); ++i) {
    const std::string& word = program[i];
    if (only_operands || word.size() < 2 || word[0] != '-') {
      for (std::string& each : expand_braces(word)) found.words.push_back(std::move(each));
    } else if (word == "--") {
      only_operands = true;
    } else if ((word == "-t" || word == "--target-directory") && i + 1 < program.size()) {
      found.into = program[++i];
    } else if (word.starts_with(kInto)) {
      found.into = word.substr(kInto.size());
    } else if (has_word(with_word, word)) {
      ++i;
    }
  }
  return found;
}

class Search {
 public:
  Search(std::string_view directory, std::string_view path) : directory_(directory), path_(path) {}

  void look_at(const ShellLine& line) {
    for (size_t at = 0; at < line.commands.size(); ++at) {
      const ShellCommand& command = line.commands[at];
      if (!command.directory_known) continue;
      stand_at(command);
      bool writes = std::ranges::any_of(
          command.outputs, [&](const std::string& output) { return absolute(output) == path_; });
      if (!command.program.empty()) {
        copied(command);
        writes |= tees(command);
      }
      if (!writes) continue;
      for (size_t i = 0; i <= at; ++i) {
        // Words that stand alone are those of a group: `(cat a; cat b) > c`.
        bool feeds = command.program.empty() || line.commands[i].pipeline == command.pipeline;
        if (feeds) read_by(line.commands[i]);
      }
    }
  }

  std::vector<std::string> take() { return std::move(found_); }

 private:
  void stand_at(const ShellCommand& command) {
    here_ = os::normalize(directory_, command.directory);
  }
  std::string absolute(std::string_view word) const { return os::normalize(here_, word); }

  void add(std::string source) {
    if (source == path_ || found_.size() == kMaxSources) return;
    if (std::ranges::find(found_, source) == found_.end()) found_.push_back(std::move(source));
  }

  // What is copied or moved to the path.
  void copied(const ShellCommand& command) {
    std::string_view name = program_name(command.program[0]);
    size_t from = 1;
    if (name == "git" && command.program.size() > 1 && command.program[1] == "mv") {
      name = "mv";
      from = 2;
    }
    const Copier* copier = std::ranges::find(kCopiers, name, &Copier::name);
    if (copier == std::end(kCopiers)) return;
    Operands operands = operands_of(command.program, from, copier->with_word);
    if (!operands.into) {
      if (operands.words.size() < 2) return;
      operands.into = std::move(operands.words.back());
      operands.words.pop_back();
    }
    for (const std::string& source : operands.words) put_at(source, absolute(*operands.into));
  }

  void put_at(const std::string& word, const std::string& target) {
    if (path_ == target) return add(absolute(word));
    if (!path_.starts_with(target + "/")) return;
    std::string_view below = path_.substr(target.size() + 1);
    std::string source = absolute(word);
    std::string_view name = os::basename(source);
    if (name.find_first_of(kGlob) != name.npos) {
      std::string_view first = below.substr(0, below.find('/'));
      std::string pattern(name), met(first);
      if (::fnmatch(pattern.c_str(), met.c_str(), FNM_PERIOD) == 0) {
        add(os::join(os::dirname(source), below));
      }
      return;
    }
    if (below == name) return add(std::move(source));
    // A folder, copied into the target or as the target.
    if (below.starts_with(name) && below[name.size()] == '/') {
      add(os::join(source, below.substr(name.size() + 1)));
    }
    add(os::join(source, below));
  }

  bool tees(const ShellCommand& command) const {
    std::string_view name = program_name(command.program[0]);
    if (name != "tee" && name != "dd" && name != "sponge") return false;
    return std::ranges::any_of(command.program, [&](std::string_view word) {
      return absolute(word.starts_with("of=") ? word.substr(3) : word) == path_;
    });
  }

  // Whatever a command is given may be a file that it reads.
  void read_by(const ShellCommand& command) {
    if (!command.directory_known) return;
    stand_at(command);
    for (const std::string& input : command.inputs) add(absolute(input));
    for (size_t i = 1; i < command.program.size(); ++i) {
      std::string_view word = command.program[i];
      if (word.starts_with("if=")) word.remove_prefix(3);
      if (word.empty() || word[0] == '-') continue;
      // `git show HEAD:a`
      if (program_name(command.program[0]) == "git") word = word.substr(word.find(':') + 1);
      for (const std::string& each : expand_braces(std::string(word))) add(absolute(each));
    }
  }

  std::string_view directory_, path_;
  std::string here_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> sources_named(const ShellLine& line, std::string_view directory,
                                       std::string_view path) {
  Search search(directory, path);
  search.look_at(line);
  return search.take();
}

}  // namespace baton::shell
