#include "shell/runner_targets.h"

#include <algorithm>

#include "base/bytes.h"
#include "shell/runner_table.h"
#include "shell/telling_names.h"
#include "shell/word_list.h"

namespace baton::shell {
namespace {

// Whether the words behind `--` choose something.
bool extra_words_choose(const Words& words, size_t from) {
  for (size_t i = from; i < words.size(); ++i) {
    std::string_view name = option_name(words[i]);
    if (!name.starts_with('-')) return true;
    if (has_word("-t -k -g --grep --filter --testNamePattern --testPathPattern -run --tests",
                 name)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<RunnerMatch> match_package_script(const Words& words) {
  std::string_view program = program_name(words[0]);
  constexpr std::string_view kValues =
      "-w --workspace --prefix -C --dir --cwd -F --filter --loglevel";
  size_t at = first_operand(words, 1, kValues);
  if (at >= words.size()) return std::nullopt;
  bool is_run = words[at] == "run" || words[at] == "run-script";
  if (!is_run && program == "npm") {
    if (!has_word("test t tst", words[at])) return std::nullopt;
    RunnerMatch match = named("npm test", kTest);
    size_t dashes = static_cast<size_t>(std::ranges::find(words, "--") - words.begin());
    // What stands before `--` is handed on too, but for npm's own options.
    bool operand = first_operand(words, at + 1, kValues) < dashes;
    match.partial =
        operand || extra_words_choose(words, dashes + 1) || has_option(words, "-w --workspace");
    return match;
  }
  if (!is_run && program == "yarn" && words[at] == "workspaces") return std::nullopt;
  if (is_run) at = first_operand(words, at + 1, kValues);
  if (at >= words.size()) return std::nullopt;
  Words rest(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
  // A tool of node_modules, run by its own name.
  if (program != "npm") {
    if (auto match = match_table(rest)) return match;
    if (rest[0] == "tsc" || rest[0] == "vue-tsc") {
      ShellCommand tool;
      tool.program = rest;
      return match_runner(tool);
    }
  }
  auto kind = kind_of_name(rest[0]);
  if (!kind) return std::nullopt;
  std::string name(program);
  if (is_run) name += " run";
  RunnerMatch match = named(name + " " + rest[0], *kind);
  size_t from = 1;
  if (from < rest.size() && rest[from] == "--") ++from;
  match.partial = extra_words_choose(rest, from) || has_option(words, "-w --workspace -F --filter");
  return match;
}

std::optional<RunnerMatch> match_targets(const Words& words) {
  std::string_view program = program_name(words[0]);
  struct Maker {
    std::string_view program;
    std::string_view value_options;
    bool builds;  // without a target it builds
  };
  constexpr Maker kMakers[] = {
      {"make", "-C -f -I -j -l -o -W --directory --file --jobs", true},
      {"gmake", "-C -f -I -j -l -o -W --directory --file --jobs", true},
      {"ninja", "-C -f -j -k -l -t", true},
      {"just", "-f --justfile -d --working-directory", false},
      {"task", "-t --taskfile -d --dir", false},
      {"rake", "-f -C -I", false},
      {"invoke", "-c -r", false},
      {"inv", "-c -r", false},
      {"ant", "-f -buildfile", true},
      {"composer", "-d --working-dir", false},
      {"hatch", "-e --env", false},
      {"pdm", "-p --project", false},
      {"pixi", "-e --environment --manifest-path", false},
      {"poe", "-C", false},
      {"mise", "-C", false},
      {"grunt", "", false},
      {"gulp", "", false},
      {"nx", "", false},
      {"turbo", "", false},
      {"lerna", "", false},
      {"deno", "", false},
      {"zig", "", true},
      {"doit", "", false},
      {"mage", "", false},
      {"rush", "", false},
      {"moon", "", false},
  };
  for (const Maker& maker : kMakers) {
    if (maker.program != program) continue;
    if (has_option(words, "-n --dry-run --just-print --help --version --list -l --summary")) {
      return std::nullopt;
    }
    std::vector<std::string_view> targets;
    bool filtered = false;
    for (size_t i = 1; i < words.size(); ++i) {
      std::string_view word = words[i];
      if (word.starts_with('-')) {
        filtered = filtered || option_name(word) == "--filter";
        // -j takes a word only if a number follows.
        bool number_next = i + 1 < words.size() && !words[i + 1].empty() &&
                           words[i + 1].find_first_not_of("0123456789") == std::string::npos;
        if ((word == "-j" || word == "--jobs") && !number_next) continue;
        if (has_word(maker.value_options, word)) ++i;
        continue;
      }
      if (word.find('=') != word.npos) continue;
      targets.push_back(word);
    }
    if (!targets.empty() && has_word("run task run-many", targets[0])) {
      targets.erase(targets.begin());
    }
    if (program == "zig" || program == "deno") {
      if (targets.empty()) return std::nullopt;
      if (program == "zig" && targets[0] == "build") targets.erase(targets.begin());
    }
    std::optional<RunnerMatch> best;
    for (std::string_view target : targets) {
      auto kind = kind_of_name(target);
      if (!kind) continue;
      if (best && (best->kind == kTest || *kind == kBuild)) continue;
      best = named(std::string(program) + " " + std::string(target), *kind);
      best->partial = filtered || (program == "nx" && !has_word("run-many affected", words[1]));
    }
    if (best) return best;
    if (!maker.builds) return std::nullopt;
    if (targets.empty() || targets[0] == "all") {
      RunnerMatch match;
      match.name = program;
      match.kind = kBuild;
      return match;
    }
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace baton::shell
