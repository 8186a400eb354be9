#include "shell/runner_scripts.h"

#include "base/bytes.h"
#include "shell/telling_names.h"
#include "shell/word_list.h"

namespace baton::shell {
namespace {

constexpr std::string_view kInterpreters =
    "sh bash zsh dash ksh ash python python2 python3 node ruby perl php deno bun tsx ts-node lua "
    "Rscript julia osascript pwsh elixir groovy fish";

bool is_interpreter(std::string_view program) {
  if (has_word(kInterpreters, program)) return true;
  return program.starts_with("python") &&
         program.find_first_not_of("0123456789.", 6) == program.npos;
}

bool one_shell(std::string_view program) {
  return has_word("sh bash zsh dash ksh ash", program);
}

// An interpreter that reads a script without running it.
RunnerMatch syntax_check(std::string name) {
  RunnerMatch match;
  match.name = std::move(name);
  match.kind = kLint;
  match.partial = true;
  return match;
}

}  // namespace

std::optional<RunnerMatch> match_script(const Words& words) {
  std::string_view program = program_name(words[0]);
  std::string_view script;
  size_t at = 0;
  if (is_interpreter(program)) {
    for (at = 1; at < words.size(); ++at) {
      std::string_view word = words[at];
      if (word == "run" && (program == "bun" || program == "deno")) continue;
      if (word == "-m" || word == "-c" || word == "-e" || word == "--eval" || word == "-s") {
        return std::nullopt;
      }
      if (word == "-n" && one_shell(program)) return syntax_check(std::string(program) + " -n");
      if (word == "-l" && program == "php") return syntax_check("php -l");
      if ((word == "--check" || word == "-c") && program == "node") {
        return syntax_check("node --check");
      }
      if (word.starts_with('-')) continue;
      script = word;
      break;
    }
  } else if (contains(words[0], "/") || words[0].ends_with(".sh") || words[0].ends_with(".py")) {
    script = words[0];
  }
  if (script.empty()) return std::nullopt;
  std::string_view name = program_name(script);

  // Django and Laravel: their own script with a command.
  if ((name == "manage.py" || name == "artisan") && at + 1 < words.size() &&
      words[at + 1] == "test") {
    RunnerMatch match;
    match.name = std::string(name) + " test";
    match.summary = name == "artisan" ? phpunit_summary : unittest_summary;
    for (size_t i = at + 2; i < words.size(); ++i) {
      std::string_view option = option_name(words[i]);
      if (!option.starts_with('-')) match.partial = true;
      if (has_word("-k --tag --filter --group --testsuite", option)) match.partial = true;
      if (has_word("--settings -v --verbosity --parallel", words[i])) ++i;
    }
    return match;
  }
  if (has_option(words, "--help --version")) return std::nullopt;
  if (name == "setup.py") {
    if (at + 1 < words.size() && words[at + 1] == "test") return named("setup.py test", kTest);
    if (at + 1 < words.size() && words[at + 1] == "build") return named("setup.py build", kBuild);
    return std::nullopt;
  }

  size_t dot = name.rfind('.');
  std::string_view stem = dot == name.npos || dot == 0 ? name : name.substr(0, dot);
  if (name.ends_with(".t") || name.ends_with(".bats")) return named(std::string(script), kTest);
  auto kind = kind_of_name(stem);
  // "check.sh build" and "ci test": what is asked of it counts.
  if (!kind || *kind == kBuild) {
    bool in_test_folder = false;
    std::string_view folders = script.substr(0, script.size() - name.size());
    for (std::string_view folder : split(folders, '/')) {
      if (has_word("test tests spec specs", folder)) in_test_folder = true;
    }
    if (in_test_folder && !only_prepares(stem)) kind = kTest;
  }
  if (!kind && at + 1 < words.size() && contains(script, "/")) {
    // A project's own script with a target: "./dev.sh test"
    if (has_word("test tests check lint", words[at + 1])) kind = kind_of_name(words[at + 1]);
    if (kind) return named(std::string(script) + " " + words[at + 1], *kind);
  }
  if (!kind) return std::nullopt;
  return named(std::string(script), *kind);
}

}  // namespace baton::shell
