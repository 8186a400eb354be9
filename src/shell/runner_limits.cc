#include "shell/runner_limits.h"

#include <algorithm>

#include "base/bytes.h"
#include "shell/summary_parts.h"
#include "shell/word_list.h"
#include "shell/words.h"

namespace baton::shell {
namespace {

// Options with which no runner checks anything, by whatever name it is called.
constexpr std::string_view kShowsOnly =
    "--help --version --collect-only --co --list-tests --listTests --list --show-only "
    "--gtest_list_tests --showConfig --show-config --print-config --dry-run --dryrun";

// A line a program: the options, and the subcommands, with which it checks nothing. "nextest/list"
// is the subcommand behind another. One text, since each pointer of a table is a relocation at
// start.
constexpr std::string_view kShowing =
    "pytest -h -V --fixtures --fixtures-per-test --markers --setup-plan --setup-only --cache-show\n"
    "tox -h -l --listenvs -a --listenvs-all -n --notest --showconfig list l config c devenv d "
    "quickstart q schema depends de exec e\n"
    "nox -h -l --list-sessions --install-only\n"
    "ctest -h -H -N --print-labels\n"
    "dotnet -h -? -t\n"
    "phpunit -h --list-suites --list-groups --list-test-files --list-tests-xml --check-version "
    "--generate-configuration --migrate-configuration --warm-coverage-cache\n"
    "pest -h --list-suites --list-groups --init\n"
    "rspec -h -v --init\n"
    "deno -h --no-run\n"
    "swift -h -l test/list\n"
    "cargo -h nextest/list nextest/show-config nextest/archive nextest/help\n"
    "vitest -h -v list bench init\n"
    "jest -h -v --init --clearCache\n"
    "mocha -h -V --list-files --list-reporters --list-interfaces\n"
    "playwright -h\n"
    "bats -h -v -c --count\n"
    "prove -h -H -V -D --dry --man\n"
    "go -h -n -list -c\n"
    "unittest -h\n"
    "robot -h -?\n"
    "behave -d -h\n"
    "cucumber -d -h\n"
    "gradle -h -? -v -m\n"
    "gradlew -h -? -v -m\n"
    "mvn -h -v\n"
    "mvnw -h -v\n"
    "bazel --nobuild\n"
    "make -h -v --touch --question\n"
    "gmake -h -v --touch --question\n";

constexpr std::string_view kValueOptions = "-e -c --conf --config -x -f -m --workdir --root";

bool is_make(std::string_view program) {
  return program == "make" || program == "gmake";
}

// Whether one of make's letters is given, alone or in a cluster: "-ki". What takes a value ends it.
bool has_letter(const Words& words, std::string_view letters) {
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word.size() < 2 || word[0] != '-' || word[1] == '-') continue;
    for (char c : word.substr(1)) {
      if (contains("CfIjloW", std::string_view(&c, 1))) break;
      if (letters.find(c) != letters.npos) return true;
    }
  }
  return false;
}

bool has_value(const Words& words, std::string_view option, std::string_view value) {
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == option) return i + 1 < words.size() && words[i + 1] == value;
    if (option_name(word) == option) return word.substr(option.size() + 1) == value;
  }
  return false;
}

bool has_subcommand(const Words& words, std::string_view list) {
  size_t at = first_operand(words, 1, kValueOptions);
  if (at >= words.size()) return false;
  if (has_word(list, words[at])) return true;
  size_t behind = first_operand(words, at + 1, kValueOptions);
  return behind < words.size() && has_word(list, words[at] + "/" + words[behind]);
}

bool quotes(std::string_view line, std::string_view name) {
  for (std::string_view marks : {"''", "\"\"", "`'"}) {
    if (contains(line, marks[0] + std::string(name) + marks[1])) return true;
  }
  return false;
}

// "bash: NAME: No such file or directory", as a shell says of what it was to run.
bool not_found(std::string_view line, const Words& words) {
  for (std::string_view ending :
       {": command not found", ": not found", ": No such file or directory", ": Permission denied",
        ": cannot execute: required file not found"}) {
    if (!line.ends_with(ending)) continue;
    std::string_view name = line.substr(0, line.size() - ending.size());
    if (size_t blank = name.rfind(' '); blank != name.npos) name.remove_prefix(blank + 1);
    if (name == words[0] || name == program_name(words[0])) return true;
  }
  return line.ends_with(" No module named " + std::string(program_name(words[0])));
}

// "make: *** No rule to make target 'test'.", as a program says of a target or script.
bool target_not_found(std::string_view line, std::string_view word) {
  if (contains(line, "No rule to make target ") || contains(line, "issing script: ") ||
      contains(line, "Don't know how to build task ") || line.ends_with(" not found.")) {
    return quotes(line, word);
  }
  std::string name(word);
  if (contains(line, "can't open file '") && contains(line, name + "': ")) return true;
  size_t colon = line.find(": ");
  if (colon == line.npos || contains(line.substr(0, colon), " ")) return false;
  return contains(line, "annot open " + name) ||
         line.ends_with(" " + name + ": No such file or directory");
}

}  // namespace

bool checks_nothing(const Words& words) {
  std::string_view program = program_name(words[0]);
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view name = option_name(words[i]);
    if (name == "--dry-run" && program == "clang-format") continue;
    if (has_word(kShowsOnly, name)) return true;
  }
  if (is_make(program) && has_letter(words, "tqn")) return true;
  for (std::string_view row : split(kShowing, '\n')) {
    size_t blank = std::min(row.find(' '), row.size());
    if (row.substr(0, blank) != program) continue;
    return has_option(words, row.substr(blank)) || has_subcommand(words, row.substr(blank));
  }
  return false;
}

bool ends_well_anyway(const Words& words) {
  std::string_view program = program_name(words[0]);
  if (is_make(program)) return has_letter(words, "i") || has_option(words, "--ignore-errors");
  if (program == "mvn" || program == "mvnw" || program == "mvnd") {
    return std::ranges::any_of(words, [](std::string_view word) {
      if (word == "-fn" || word == "--fail-never") return true;
      return (word.starts_with("-Dmaven.test.failure.ignore") ||
              word.starts_with("-DtestFailureIgnore")) &&
             !word.ends_with("=false");
    });
  }
  if (has_option(words,
                 "--if-present --exit-zero --passWithNoTests --pass-with-no-tests --no-bail")) {
    return true;
  }
  return has_value(words, "--failure-exit-code", "0") ||
         has_value(words, "--issues-exit-code", "0") || has_value(words, "--no-tests", "ignore") ||
         has_value(words, "--no-tests", "pass");
}

bool chooses_by_variable(std::string_view assignment) {
  size_t equals = assignment.find('=');
  if (equals == assignment.npos || equals + 1 == assignment.size()) return false;
  std::string_view name = assignment.substr(0, equals);
  if (has_word("T SPEC ONLY FILTER K SUITE CASE PATTERN PYTEST_ADDOPTS JEST_ARGS", name))
    return true;
  for (std::string_view part : split(name, '_')) {
    if (has_word("TEST TESTS TESTARGS TESTFLAGS TESTOPTS TESTCASE TESTNAME", part)) {
      // TEST_DATABASE_URL and the like say where, not what.
      return part == name || name.ends_with("_ARGS") || name.ends_with("_FLAGS") ||
             name.ends_with("_OPTS") || name.ends_with("_FILTER") || name.ends_with("_NAME") ||
             name.ends_with("_CASE") || name.ends_with("_PATTERN") || name.ends_with("_TESTS") ||
             name.ends_with("_TEST");
    }
  }
  return false;
}

bool did_not_start(const Words& words, std::string_view output) {
  constexpr size_t kMostLines = 12;  // what is longer is a program's that ran
  std::vector<std::string_view> lines = lines_of(trim(output));
  if (lines.size() > kMostLines) return false;
  for (std::string_view line : lines) {
    line = trim(line);
    if (not_found(line, words)) return true;
    for (size_t i = 1; i < words.size(); ++i) {
      if (!words[i].starts_with('-') && target_not_found(line, words[i])) return true;
    }
  }
  return false;
}

bool says_it_failed(const Words& words, std::string_view output) {
  std::string_view program = program_name(words[0]);
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (is_make(program)) {
      std::string_view rest = text.substr(0, 5) == "gmake" ? text.substr(1) : text;
      if (!rest.starts_with("make")) continue;
      rest.remove_prefix(4);
      if (rest.starts_with("[")) rest = rest.substr(std::min(rest.size(), rest.find(']') + 1));
      if (rest.starts_with(": *** ") || rest.ends_with("not remade because of errors."))
        return true;
    } else if (program == "npm" || program == "yarn" || program == "pnpm") {
      if (text.starts_with("npm error ") || text.starts_with("npm ERR! ") ||
          contains(text, "ELIFECYCLE") || text.starts_with("error Command failed with exit code")) {
        return true;
      }
    } else if (program == "tox") {
      if (contains(text, "evaluation failed :(") || text.starts_with("ERROR:   ")) return true;
    } else if (program == "nox") {
      if (text.starts_with("nox > ") && text.ends_with(" failed")) return true;
      if (text.starts_with("nox > * ") && text.ends_with(": failed")) return true;
      if (text.starts_with("nox > Session ") && text.ends_with(" failed.")) return true;
    } else if (program == "just") {
      if (text.starts_with("error: Recipe ") && contains(text, " failed")) return true;
    } else if (program == "task") {
      if (text.starts_with("task: Failed to run task")) return true;
    } else if (program == "rake") {
      if (text == "rake aborted!") return true;
    } else if (program == "ninja") {
      if (text.starts_with("ninja: build stopped:")) return true;
    } else if (program == "bazel" || program == "bazelisk") {
      if (text.starts_with("Executed ") && contains(text, " fail")) return true;
    } else {
      return false;
    }
  }
  return false;
}

}  // namespace baton::shell
