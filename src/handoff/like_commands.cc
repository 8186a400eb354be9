#include "handoff/like_commands.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"
#include "handoff/sentences.h"
#include "shell/words.h"

namespace baton::handoff {
namespace {

using Texts = std::vector<std::string>;

std::string_view base_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

// "python" of "python3.11", "gradle" of "./gradlew".
std::string plain_name(std::string_view word) {
  std::string name(shell::program_name(word));
  if (name == "gradlew" || name == "mvnw") name.pop_back();
  if (name == "nodejs") return "node";
  for (std::string_view plain : {"python", "pip"}) {
    if (!name.starts_with(plain)) continue;
    bool version = name.find_first_not_of("0123456789.", plain.size()) == name.npos;
    if (version) return std::string(plain);
  }
  return name;
}

bool only_prepares(std::string_view program) {
  return one_of(program, {"cd", "pushd", "export", "set", "source", ".", "true", ":", "sleep",
                          "echo", "unset", "umask"});
}

bool runs_scripts(std::string_view program) {
  return one_of(program, {"python", "node", "ruby", "perl", "php", "deno", "bun", "Rscript", "lua",
                          "tsx", "ts-node"});
}

bool has_parts(std::string_view program) {
  return one_of(program, {"git",    "npm",       "yarn",     "pnpm",   "cargo",   "go",    "docker",
                          "podman", "kubectl",   "pip",      "apt",    "apt-get", "brew",  "dnf",
                          "yum",    "systemctl", "gh",       "uv",     "poetry",  "conda", "helm",
                          "bundle", "gem",       "composer", "aws",    "gcloud",  "az",    "dotnet",
                          "rustup", "terraform", "make",     "gradle", "mvn",     "mix",   "zig"});
}

bool is_shell(std::string_view program) {
  return one_of(program, {"sh", "bash", "zsh", "dash", "ksh"});
}

const shell::ShellCommand* subject(const shell::ShellLine& line, std::string_view named) {
  for (const auto& command : line.commands) {
    bool is_it = !command.program.empty() && contains(named, plain_name(command.program[0]));
    if (is_it) return &command;
  }
  for (const auto& command : line.commands) {
    if (!command.program.empty() && !only_prepares(command.program[0])) return &command;
  }
  return line.commands.empty() ? nullptr : &line.commands.front();
}

bool has_same(const Texts& list, std::string_view word) {
  return std::ranges::any_of(list, [&](const std::string& each) {
    return each == word || (base_name(each) == base_name(word) && base_name(word).size() > 2);
  });
}

size_t common(const Texts& left, const Texts& right) {
  return static_cast<size_t>(
      std::ranges::count_if(left, [&](const auto& word) { return has_same(right, word); }));
}

// Half of the words that the texts have, as they are written.
bool half_in_common(std::string_view left, std::string_view right) {
  auto words_of = [](std::string_view text) {
    Texts words;
    std::string word;
    for (char c : std::string(text) + " ") {
      if (!std::isspace(static_cast<unsigned char>(c))) {
        word += c;
      } else if (!word.empty()) {
        words.push_back(std::move(word));
        word.clear();
      }
    }
    std::ranges::sort(words);
    words.erase(std::ranges::unique(words).begin(), words.end());
    return words;
  };
  Texts a = words_of(left), b = words_of(right);
  auto both =
      std::ranges::count_if(a, [&](const auto& w) { return std::ranges::binary_search(b, w); });
  return 2 * static_cast<size_t>(both) >= std::max(a.size(), b.size());
}

}  // namespace

CommandForm form_of(std::string_view command, std::string_view named) {
  CommandForm form;
  shell::ShellLine line = shell::parse_shell(command);
  const shell::ShellCommand* first = subject(line, named);
  if (!first || first->program.empty()) return form;
  form.directory = first->directory_known ? first->directory : "?";
  Texts words = first->program;
  if (is_shell(shell::program_name(words[0])) && words.size() > 1 && !words[1].starts_with('-')) {
    words.erase(words.begin());
  }
  form.program = plain_name(words[0]);
  bool message = false;  // the next word is one
  for (size_t i = 1; i < words.size(); ++i) {
    std::string& word = words[i];
    if (message) {
      message = false;
    } else if (word.size() > 1 && word.starts_with('-')) {
      message = word == "-m" || word == "--message" || word == "-am";
      form.options.push_back(std::move(word));
    } else {
      form.operands.push_back(std::move(word));
    }
  }
  auto take = [&] {
    if (form.operands.empty()) return;
    form.part.push_back(std::move(form.operands.front()));
    form.operands.erase(form.operands.begin());
  };
  if (runs_scripts(form.program)) {
    take();
    if (!form.part.empty()) form.part[0] = base_name(form.part[0]);
  } else if (has_parts(form.program)) {
    take();
    if (!form.part.empty() &&
        one_of(form.part[0], {"run", "exec", "compose", "remote", "stash", "pr", "issue", "get"})) {
      take();
    }
  }
  return form;
}

bool are_like(std::string_view left, std::string_view right) {
  if (left == right) return true;
  CommandForm a = form_of(left), b = form_of(right);
  if (a.program.empty() || a.program != b.program || a.part != b.part) return false;
  // Code in the command itself is more than its words.
  auto has_code = [](std::string_view text) {
    return contains(text, "<<") || contains(text, " -c ") || contains(text, " -e ");
  };
  if (has_code(left) || has_code(right)) return half_in_common(left, right);
  size_t left_words = a.operands.size() + a.options.size();
  size_t right_words = b.operands.size() + b.options.size();
  size_t operands = common(a.operands, b.operands), options = common(a.options, b.options);
  if (operands == 0 && !a.operands.empty() && !b.operands.empty()) return false;
  if (operands + options == std::min(left_words, right_words)) return true;  // only more words
  size_t words = 1 + a.part.size();
  return 2 * (words + operands + options) >= words + std::max(left_words, right_words);
}

bool is_answer(std::string_view command, std::optional<int> status, std::string_view output) {
  if (status != 1) return false;
  for (std::string_view line : split(output, '\n')) {
    if (line.find_first_of("<>+-") == 0) continue;  // of a difference
    if (contains(line, "No such file or directory") || contains(line, "ermission denied"))
      return false;
  }
  shell::ShellLine line = shell::parse_shell(command);
  if (line.commands.empty() || line.commands.back().program.empty()) return false;
  const Texts& words = line.commands.back().program;
  std::string_view program = shell::program_name(words[0]);
  if (program == "git") {
    return words.size() > 1 && one_of(words[1], {"diff", "grep", "merge-base", "show-ref",
                                                 "check-ignore", "diff-index", "diff-files"});
  }
  return one_of(program, {"grep", "egrep", "fgrep", "rg", "ag", "ack", "diff", "cmp", "test", "[",
                          "[[", "which", "type", "command", "pgrep", "hash"});
}

}  // namespace baton::handoff
