#include "shell/test_runners.h"

#include <algorithm>

#include "base/bytes.h"
#include "shell/runner_builds.h"
#include "shell/runner_limits.h"
#include "shell/runner_scripts.h"
#include "shell/runner_table.h"
#include "shell/runner_targets.h"
#include "shell/runner_words.h"
#include "shell/word_list.h"

namespace baton::shell {
namespace {

std::optional<RunnerMatch> match_tsc(const Words& words) {
  RunnerMatch match;
  match.name = program_name(words[0]);
  match.kind = has_option(words, "--noEmit -noEmit") ? kLint : kBuild;
  match.summary = problems_summary;
  match.never_runs = has_option(words, "--version -v --help --init --showConfig");
  for (size_t i = 1; i < words.size(); ++i) {
    if (!words[i].starts_with('-') && words[i].ends_with(".ts")) match.partial = true;
  }
  return match;
}

std::optional<RunnerMatch> match_node_test(const Words& words) {
  if (!has_option(words, "--test")) return std::nullopt;
  RunnerMatch match;
  match.name = "node --test";
  match.summary = node_summary;
  match.partial =
      has_option(words, "--test-name-pattern --test-only --test-skip-pattern --test-shard");
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (has_word("--import --require -r --loader --test-reporter --test-concurrency", word)) {
      ++i;
    } else if (!word.starts_with('-') && looks_like_file(word) && !contains(word, "*")) {
      match.partial = true;
    }
  }
  return match;
}

std::optional<RunnerMatch> match_words(const Words& words) {
  std::string_view program = program_name(words[0]);
  if (program == "tsc" || program == "vue-tsc") return match_tsc(words);
  if (program == "node") {
    if (auto match = match_node_test(words)) return match;
  }
  if (program == "mvn" || program == "mvnw" || program == "mvnd") return match_maven(words);
  if (program == "gradle" || program == "gradlew" || program == "gradlew.bat") {
    return match_gradle(words);
  }
  if (auto match = match_table(words)) return match;
  if (program == "npm" || program == "yarn" || program == "pnpm" || program == "bun") {
    if (auto match = match_package_script(words)) return match;
  }
  if (auto match = match_targets(words)) return match;
  return match_script(words);
}

// Whether the command answers before what it runs has ended.
bool runs_elsewhere(const Words& words) {
  if (words.empty()) return false;
  std::string_view program = program_name(words[0]);
  if (program == "setsid") return true;
  return (program == "docker" || program == "podman" || program == "docker-compose") &&
         has_option(words, "-d --detach");
}

}  // namespace

std::optional<RunnerMatch> match_runner(const ShellCommand& command) {
  if (command.program.empty()) return std::nullopt;
  auto match = match_words(command.program);
  if (!match) return match;
  if (checks_nothing(command.program)) match->never_runs = true;
  if (ends_well_anyway(command.program)) match->status_tells = false;
  if (std::ranges::find(command.words, "xargs") != command.words.end()) {
    // What it runs them on is not in the command; with -r that may be nothing.
    match->partial = true;
    if (has_option(command.words, "-r --no-run-if-empty")) match->status_tells = false;
  }
  bool chosen = std::ranges::any_of(command.assignments, chooses_by_variable);
  if (match->by_name) chosen |= std::ranges::any_of(command.program, chooses_by_variable);
  if (chosen && match->kind == kTest) match->partial = true;
  if (runs_elsewhere(command.words)) match->status_tells = false;
  return match;
}

std::optional<RunnerMatch> match_output(std::string_view output) {
  if (!contains(output, "[==========] ") ||
      !(contains(output, "[  PASSED  ] ") || contains(output, "[  FAILED  ] ") ||
        contains(output, "[ RUN      ] "))) {
    return std::nullopt;
  }
  RunnerMatch match;
  match.name = "googletest";
  match.summary = gtest_summary;
  return match;
}

bool is_own_program(const ShellCommand& command) {
  if (command.program.empty()) return false;
  std::string_view word = command.program[0];
  if (!contains(word, "/")) return false;
  for (std::string_view system : {"/usr/", "/bin/", "/sbin/", "/opt/"}) {
    if (word.starts_with(system)) return false;
  }
  return true;
}

}  // namespace baton::shell
