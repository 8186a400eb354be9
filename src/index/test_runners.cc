#include "index/test_runners.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "index/word_list.h"

namespace baton::index {
namespace {

using model::TestKind;
using Words = std::vector<std::string>;

// --- The table ---

enum class Operands : uint8_t {
  ignored,  // say nothing about what is run
  part,     // choose a part of the suite, unless they are its usual folder
  files,    // choose a part if they are files
};

struct Runner {
  std::string_view program;
  std::string_view subcommand;  // "" if none is needed
  TestKind kind = TestKind::test;
  SummaryReader summary = nullptr;
  Operands operands = Operands::part;
  std::string_view part_options;   // choose a part
  std::string_view value_options;  // take a word of their own, without choosing
  std::string_view needs;          // one of these options must be there
};

constexpr TestKind kTest = TestKind::test;
constexpr TestKind kLint = TestKind::lint;
constexpr TestKind kBuild = TestKind::build;

constexpr std::string_view kJestParts =
    "-t --testNamePattern -o --onlyChanged --findRelatedTests --testPathPattern --testPathPatterns "
    "--changedSince --selectProjects --shard --onlyFailures -f";
constexpr std::string_view kCargoParts =
    "-p --package --lib --bin --bins --test --tests --example --examples --doc --exclude --exact "
    "--ignored --skip --benches";
constexpr std::string_view kCargoValues =
    "--features -F --target --profile -j --jobs --manifest-path --target-dir --color --config -Z "
    "--message-format --test-threads";
constexpr std::string_view kGoValues =
    "-count -timeout -p -parallel -tags -coverprofile -covermode -coverpkg -cpu -o -mod -ldflags "
    "-gcflags -shuffle -exec -vet -C -bench -benchtime";

constexpr Runner kRunners[] = {
    // Python
    {"pytest", "", kTest, pytest_summary, Operands::part,
     "-k -m --lf --last-failed --deselect --ignore --ignore-glob --sw --stepwise",
     "-p -n -c -o -W --cov --tb --maxfail --durations --junitxml --rootdir --cov-report --color "
     "--timeout --log-level --confcutdir -r --numprocesses --dist --cov-config --basetemp",
     ""},
    {"py.test", "", kTest, pytest_summary, Operands::part, "-k -m --lf --last-failed --deselect",
     "-p -n -c -o -W --cov --tb --maxfail", ""},
    {"unittest", "discover", kTest, unittest_summary, Operands::ignored, "-k -p --pattern",
     "-s --start-directory -t --top-level-directory", ""},
    {"unittest", "", kTest, unittest_summary, Operands::part, "-k", "", ""},
    {"nosetests", "", kTest, unittest_summary, Operands::part, "-m -a", "-c -w", ""},
    {"nose2", "", kTest, unittest_summary, Operands::part, "", "-s -t -c", ""},
    {"stestr", "run", kTest, nullptr, Operands::part, "", "", ""},
    {"trial", "", kTest, nullptr, Operands::part, "", "-j", ""},
    {"django-admin", "test", kTest, unittest_summary, Operands::part, "-k --tag --exclude-tag",
     "--settings --parallel -v --verbosity", ""},
    {"tox", "", kTest, nullptr, Operands::ignored, "-e --env -f -m", "-c --conf -p --parallel", ""},
    {"nox", "", kTest, nullptr, Operands::ignored, "-s --session --sessions -k -t -e",
     "-f --noxfile -p --python", ""},
    {"behave", "", kTest, nullptr, Operands::part, "-n --name -t --tags -i", "-f -o", ""},
    {"robot", "", kTest, nullptr, Operands::files, "-t --test -s --suite -i --include", "-d", ""},
    {"mypy", "", kLint, problems_summary, Operands::files, "-m -p",
     "--config-file --python-version", ""},
    {"pyright", "", kLint, problems_summary, Operands::files, "", "-p --project", ""},
    {"basedpyright", "", kLint, problems_summary, Operands::files, "", "-p --project", ""},
    {"pyre", "", kLint, nullptr, Operands::ignored, "", "", ""},
    {"ruff", "check", kLint, problems_summary, Operands::files, "", "--config --select --ignore",
     ""},
    {"ruff", "format", kLint, nullptr, Operands::files, "", "--config", "--check --diff"},
    {"flake8", "", kLint, nullptr, Operands::files, "", "--config --max-line-length", ""},
    {"pylint", "", kLint, nullptr, Operands::files, "", "--rcfile -j", ""},
    {"black", "", kLint, nullptr, Operands::files, "", "-l --line-length", "--check --diff"},
    {"isort", "", kLint, nullptr, Operands::files, "", "", "--check --check-only -c --diff"},
    {"bandit", "", kLint, nullptr, Operands::files, "", "-c -f", ""},
    {"py_compile", "", kLint, nullptr, Operands::files, "", "", ""},
    {"compileall", "", kLint, nullptr, Operands::files, "", "", ""},
    {"pre-commit", "run", kLint, nullptr, Operands::part, "--files", "-c", ""},
    // C and C++
    {"ctest", "", kTest, ctest_summary, Operands::ignored,
     "-R -E -L -LE -I --tests-regex --exclude-regex --label-regex --label-exclude "
     "--tests-information --rerun-failed -U --union",
     "-C --build-config -j --parallel --test-dir --timeout --preset -O --output-log", ""},
    {"meson", "test", kTest, meson_summary, Operands::part, "--suite --no-suite --slice",
     "-C -j --timeout-multiplier -t --setup --num-processes", ""},
    {"meson", "compile", kBuild, nullptr, Operands::ignored, "", "-C -j", ""},
    {"cmake", "", kBuild, nullptr, Operands::ignored, "", "", "--build"},
    {"clang-tidy", "", kLint, nullptr, Operands::files, "", "-p", ""},
    {"cppcheck", "", kLint, nullptr, Operands::files, "", "", ""},
    {"clang-format", "", kLint, nullptr, Operands::files, "", "", "-n --dry-run"},
    // Go
    {"go", "test", kTest, go_summary, Operands::part, "-run -skip", kGoValues, ""},
    {"gotestsum", "", kTest, go_summary, Operands::part, "-run", "--format -f --junitfile", ""},
    {"go", "vet", kLint, nullptr, Operands::part, "", "", ""},
    {"go", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"go", "install", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"golangci-lint", "", kLint, problems_summary, Operands::part, "", "-c --config --timeout", ""},
    {"staticcheck", "", kLint, nullptr, Operands::part, "", "", ""},
    {"gofmt", "", kLint, nullptr, Operands::files, "", "", "-l -d"},
    // Rust
    {"cargo", "test", kTest, cargo_summary, Operands::part, kCargoParts, kCargoValues, ""},
    {"cargo", "t", kTest, cargo_summary, Operands::part, kCargoParts, kCargoValues, ""},
    {"cargo", "nextest", kTest, nextest_summary, Operands::part,
     "-E --filter-expr --filterset -p "
     "--package --lib --bin --test --exclude",
     kCargoValues, ""},
    {"cargo", "llvm-cov", kTest, cargo_summary, Operands::part, kCargoParts, kCargoValues, ""},
    {"cargo", "check", kLint, nullptr, Operands::ignored, "-p --package", kCargoValues, ""},
    {"cargo", "c", kLint, nullptr, Operands::ignored, "-p --package", kCargoValues, ""},
    {"cargo", "clippy", kLint, nullptr, Operands::ignored, "-p --package", kCargoValues, ""},
    {"cargo", "fmt", kLint, nullptr, Operands::ignored, "-p --package", "", "--check"},
    {"cargo", "build", kBuild, nullptr, Operands::ignored, "", kCargoValues, ""},
    {"cargo", "b", kBuild, nullptr, Operands::ignored, "", kCargoValues, ""},
    {"rustfmt", "", kLint, nullptr, Operands::files, "", "", "--check"},
    // JavaScript
    {"jest", "", kTest, jest_summary, Operands::part, kJestParts,
     "-c --config --coverageReporters -w --maxWorkers --reporters --testTimeout --rootDir --env",
     ""},
    {"react-scripts", "test", kTest, jest_summary, Operands::part, kJestParts, "", ""},
    {"vitest", "", kTest, vitest_summary, Operands::part,
     "-t --testNamePattern --project --changed --shard",
     "-c --config --reporter --pool --environment -r --root --dir --maxWorkers --testTimeout", ""},
    {"mocha", "", kTest, mocha_summary, Operands::part, "-g --grep -f --fgrep",
     "-r --require -t --timeout -R --reporter --config --ui -u --ext --extension --spec -s", ""},
    {"ava", "", kTest, nullptr, Operands::part, "-m --match", "-c --timeout", ""},
    {"tap", "", kTest, tap_summary, Operands::part, "-g --grep", "-R --reporter", ""},
    {"uvu", "", kTest, nullptr, Operands::part, "", "-r -i", ""},
    {"jasmine", "", kTest, nullptr, Operands::part, "--filter", "--config", ""},
    {"karma", "start", kTest, nullptr, Operands::ignored, "", "", ""},
    {"cypress", "run", kTest, nullptr, Operands::part, "--spec -s", "--browser -b --config", ""},
    {"playwright", "test", kTest, nullptr, Operands::part,
     "-g --grep --project --shard --last-failed --only-changed",
     "-c --config --reporter --workers -j --retries --timeout", ""},
    {"bun", "test", kTest, bun_summary, Operands::part, "-t --test-name-pattern", "--timeout", ""},
    {"deno", "test", kTest, deno_summary, Operands::part, "--filter", "-c --config", ""},
    {"deno", "lint", kLint, nullptr, Operands::files, "", "", ""},
    {"deno", "check", kLint, nullptr, Operands::files, "", "", ""},
    {"deno", "fmt", kLint, nullptr, Operands::files, "", "", "--check"},
    {"eslint", "", kLint, problems_summary, Operands::files, "",
     "-c --config --ext --format -f --max-warnings --rule --plugin --parser", ""},
    {"oxlint", "", kLint, problems_summary, Operands::files, "", "-c", ""},
    {"biome", "check", kLint, problems_summary, Operands::files, "", "", ""},
    {"biome", "lint", kLint, problems_summary, Operands::files, "", "", ""},
    {"biome", "ci", kLint, problems_summary, Operands::files, "", "", ""},
    {"prettier", "", kLint, problems_summary, Operands::files, "", "",
     "--check -c -l --list-different"},
    {"stylelint", "", kLint, nullptr, Operands::files, "", "", ""},
    {"standard", "", kLint, nullptr, Operands::files, "", "", ""},
    {"xo", "", kLint, nullptr, Operands::files, "", "", ""},
    {"tslint", "", kLint, nullptr, Operands::files, "", "", ""},
    {"svelte-check", "", kLint, nullptr, Operands::ignored, "", "", ""},
    {"flow", "check", kLint, problems_summary, Operands::ignored, "", "", ""},
    {"webpack", "", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"rollup", "", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"esbuild", "", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"tsup", "", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"vite", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"next", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"next", "lint", kLint, nullptr, Operands::ignored, "", "", ""},
    {"nuxt", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"astro", "check", kLint, nullptr, Operands::ignored, "", "", ""},
    {"astro", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"ng", "test", kTest, nullptr, Operands::ignored, "--include", "", ""},
    {"ng", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    // .NET, Ruby, PHP, Elixir, Swift, Dart, and others
    {"dotnet", "test", kTest, dotnet_summary, Operands::files, "--filter",
     "-c --configuration -f --framework --logger -l -v --verbosity --results-directory", ""},
    {"dotnet", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"dotnet", "format", kLint, nullptr, Operands::ignored, "", "", "--verify-no-changes"},
    {"rspec", "", kTest, rspec_summary, Operands::part,
     "-e --example -t --tag --only-failures -n --next-failure -E --example-matches",
     "-f --format -r --require -o --out -O --options -I --seed", ""},
    {"rails", "test", kTest, minitest_summary, Operands::part, "-n --name", "-s --seed -e", ""},
    {"rails", "spec", kTest, rspec_summary, Operands::part, "", "", ""},
    {"cucumber", "", kTest, nullptr, Operands::part, "-n --name -t --tags", "-f -o -r", ""},
    {"rubocop", "", kLint, problems_summary, Operands::files, "", "-c", ""},
    {"standardrb", "", kLint, nullptr, Operands::files, "", "", ""},
    {"srb", "tc", kLint, nullptr, Operands::ignored, "", "", ""},
    {"phpunit", "", kTest, phpunit_summary, Operands::part,
     "--filter --group --testsuite --exclude-group --covers",
     "-c --configuration --bootstrap --coverage-html --coverage-text --log-junit", ""},
    {"paratest", "", kTest, phpunit_summary, Operands::part, "--filter --group --testsuite",
     "-c -p", ""},
    {"pest", "", kTest, phpunit_summary, Operands::part, "--filter --group --testsuite --dirty",
     "-c", ""},
    {"codecept", "run", kTest, phpunit_summary, Operands::part, "-g", "", ""},
    {"behat", "", kTest, nullptr, Operands::part, "--name --tags", "-c", ""},
    {"phpstan", "", kLint, problems_summary, Operands::files, "", "-c -l --level --memory-limit",
     ""},
    {"psalm", "", kLint, nullptr, Operands::files, "", "-c", ""},
    {"phpcs", "", kLint, nullptr, Operands::files, "", "--standard", ""},
    {"mix", "test", kTest, exunit_summary, Operands::part, "--only --failed --stale --exclude",
     "--seed", ""},
    {"mix", "compile", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"mix", "format", kLint, nullptr, Operands::files, "", "", "--check-formatted"},
    {"mix", "credo", kLint, nullptr, Operands::files, "", "", ""},
    {"mix", "dialyzer", kLint, nullptr, Operands::ignored, "", "", ""},
    {"swift", "test", kTest, swift_summary, Operands::ignored, "--filter --skip", "", ""},
    {"swift", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"xcodebuild", "test", kTest, swift_summary, Operands::ignored, "-only-testing", "", ""},
    {"xcodebuild", "", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"swiftlint", "", kLint, nullptr, Operands::files, "", "", ""},
    {"flutter", "test", kTest, nullptr, Operands::part, "--name --plain-name -t --tags", "", ""},
    {"dart", "test", kTest, nullptr, Operands::part, "-n --name -N --plain-name -t --tags", "", ""},
    {"flutter", "analyze", kLint, nullptr, Operands::files, "", "", ""},
    {"dart", "analyze", kLint, nullptr, Operands::files, "", "", ""},
    {"sbt", "test", kTest, nullptr, Operands::ignored, "", "", ""},
    {"lein", "test", kTest, nullptr, Operands::part, ":only", "", ""},
    {"stack", "test", kTest, nullptr, Operands::part, "", "--ta", ""},
    {"stack", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"cabal", "test", kTest, nullptr, Operands::part, "", "", ""},
    {"cabal", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"dune", "test", kTest, nullptr, Operands::part, "", "", ""},
    {"dune", "runtest", kTest, nullptr, Operands::part, "", "", ""},
    {"dune", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"zig", "test", kTest, nullptr, Operands::ignored, "--test-filter", "", ""},
    {"bazel", "test", kTest, nullptr, Operands::part, "--test_filter", "", ""},
    {"bazelisk", "test", kTest, nullptr, Operands::part, "--test_filter", "", ""},
    {"bazel", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"forge", "test", kTest, nullptr, Operands::ignored, "--match-test --match-contract --mt --mc",
     "", ""},
    {"hardhat", "test", kTest, mocha_summary, Operands::part, "--grep", "--network", ""},
    {"bats", "", kTest, bats_summary, Operands::files, "-f --filter --filter-tags --filter-status",
     "-j --jobs -F --formatter -o --output", ""},
    {"prove", "", kTest, prove_summary, Operands::part, "", "-j -I -e --exec -P -s", ""},
    {"shellspec", "", kTest, nullptr, Operands::part, "-e --example", "-s --shell", ""},
    {"shellcheck", "", kLint, nullptr, Operands::files, "", "-s -e -f -S", ""},
    {"shfmt", "", kLint, nullptr, Operands::files, "", "-i", "-d -l"},
    {"hadolint", "", kLint, nullptr, Operands::ignored, "", "", ""},
    {"yamllint", "", kLint, nullptr, Operands::files, "", "-c", ""},
    {"actionlint", "", kLint, nullptr, Operands::files, "", "", ""},
    {"markdownlint", "", kLint, nullptr, Operands::files, "", "-c", ""},
    {"ktlint", "", kLint, nullptr, Operands::files, "", "", ""},
    {"terraform", "validate", kLint, nullptr, Operands::ignored, "", "", ""},
    {"terraform", "fmt", kLint, nullptr, Operands::ignored, "", "", "-check"},
    {"helm", "lint", kLint, nullptr, Operands::ignored, "", "", ""},
    {"buf", "lint", kLint, nullptr, Operands::ignored, "", "", ""},
    {"docker", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"docker-compose", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"poetry", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
    {"uv", "build", kBuild, nullptr, Operands::ignored, "", "", ""},
};

// Arguments with which a runner checks nothing.
constexpr std::string_view kShowsOnly =
    "--help --version --collect-only --co --list-tests --listTests --list --show-only "
    "--gtest_list_tests --showConfig --show-config --print-config --dry-run -N";

// Folders that hold the whole suite.
constexpr std::string_view kWholeFolders =
    ". ./ ./... ... all tests tests/ test test/ spec spec/ t t/ ./tests ./tests/ ./test ./test/ "
    "src "
    "src/ ./src lib/ app/ //...";

bool looks_like_file(std::string_view word) {
  std::string_view name = program_name(word);
  if (word.ends_with('/')) return false;
  size_t dot = name.rfind('.');
  return dot != name.npos && dot > 0 && dot + 1 < name.size() && !name.ends_with(".sln") &&
         !contains(name, "*");
}

std::string_view option_name(std::string_view word) {
  return word.substr(0, word.find('='));
}

// Whether the arguments from `at` on choose a part of the suite.
bool chooses_part(const Runner& runner, const Words& words, size_t at) {
  for (size_t i = at; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "--") continue;
    if (word.size() > 1 && word[0] == '-') {
      std::string_view name = option_name(word);
      if (has_word(runner.part_options, name)) return true;
      // "-kname" of "-k"
      if (word.size() > 2 && word[1] != '-' && name.size() == word.size() &&
          has_word(runner.part_options, word.substr(0, 2)) && runner.program != "go" &&
          runner.program != "xcodebuild" && word.find_first_of("0123456789") == word.npos &&
          (word[1] == 'k' || word[1] == 'g')) {
        return true;
      }
      if (name.size() == word.size() && has_word(runner.value_options, name)) ++i;
      continue;
    }
    if (word.starts_with('+') && runner.program == "cargo") continue;
    if (runner.operands == Operands::ignored) continue;
    if (has_word(kWholeFolders, word) || contains(word, "**")) continue;
    if (runner.operands == Operands::files && !looks_like_file(word)) continue;
    return true;
  }
  return false;
}

// The first word that is no option, after `from`; options with values of their own are passed over.
size_t first_operand(const Words& words, size_t from, std::string_view value_options) {
  for (size_t i = from; i < words.size(); ++i) {
    if (words[i].starts_with('-')) {
      if (has_word(value_options, words[i])) ++i;
    } else if (!words[i].starts_with('+')) {
      return i;
    }
  }
  return words.size();
}

bool has_option(const Words& words, std::string_view list) {
  for (size_t i = 1; i < words.size(); ++i) {
    if (has_word(list, option_name(words[i]))) return true;
  }
  return false;
}

bool shows_only(const Words& words, const Runner& runner) {
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view name = option_name(words[i]);
    if (name == "-N" && runner.program != "ctest") continue;
    if (name == "--list" && runner.program == "nox") return true;
    if (name == "--dry-run" && runner.program == "clang-format") continue;
    if (has_word(kShowsOnly, name)) return true;
    if (name == "-list" && runner.program == "go") return true;
    if (name == "-c" && runner.program == "go") return true;  // compiles the test program
  }
  return false;
}

std::optional<RunnerMatch> match_table(const Words& words) {
  std::string_view program = program_name(words[0]);
  for (const Runner& runner : kRunners) {
    if (runner.program != program) continue;
    size_t at = 1;
    if (!runner.subcommand.empty()) {
      at = first_operand(words, 1, runner.value_options);
      if (at >= words.size() || words[at] != runner.subcommand) continue;
      ++at;
    }
    if (!runner.needs.empty() && !has_option(words, runner.needs)) continue;
    RunnerMatch match;
    match.name = runner.program;
    if (!runner.subcommand.empty() && runner.subcommand != "run" &&
        runner.subcommand != "discover") {
      match.name += " " + std::string(runner.subcommand);
    }
    match.kind = runner.kind;
    match.summary = runner.summary;
    match.never_runs = shows_only(words, runner);
    if (program == "cargo" && has_option(words, "--no-run")) match.kind = kBuild;
    if ((program == "vitest" || runner.subcommand == "nextest") && at < words.size() &&
        has_word("run watch dev", words[at])) {
      ++at;
    }
    if (runner.program == "golangci-lint" && at < words.size() && words[at] == "run") ++at;
    if (runner.program == "phpstan" && at < words.size() && words[at].starts_with("analy")) ++at;
    match.partial = chooses_part(runner, words, at);
    return match;
  }
  return std::nullopt;
}

// --- Java ---

std::optional<RunnerMatch> match_maven(const Words& words) {
  RunnerMatch match;
  match.name = "maven";
  match.summary = maven_summary;
  bool tests = false, builds = false, skips = false;
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (has_word(
            "test verify package install deploy integration-test surefire:test failsafe:verify",
            word)) {
      tests = true;
    } else if (has_word("compile test-compile", word)) {
      builds = true;
    } else if (word.starts_with("-DskipTests") || word.starts_with("-Dmaven.test.skip")) {
      skips = !word.ends_with("=false");
    } else if (word.starts_with("-Dtest=") || word.starts_with("-Dit.test=") || word == "-pl" ||
               word == "--projects" || word.starts_with("-Dgroups=")) {
      match.partial = true;
    }
  }
  if (!tests && !builds) return std::nullopt;
  if (!tests || skips) {
    match.kind = kBuild;
    match.summary = nullptr;
    match.partial = false;
  }
  return match;
}

std::optional<RunnerMatch> match_gradle(const Words& words) {
  RunnerMatch match;
  match.name = "gradle";
  match.summary = gradle_summary;
  bool tests = false, builds = false;
  bool excludes = false;
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "-x" || word == "--exclude-task") {
      excludes = excludes || (i + 1 < words.size() && words[i + 1] == "test");
      ++i;
      continue;
    }
    if (word == "--tests") match.partial = true;
    if (has_word("--tests -p --project-dir -b -c --console -P -D", word)) {
      ++i;
      continue;
    }
    if (word.starts_with('-')) continue;
    std::string_view task = word.substr(word.rfind(':') == word.npos ? 0 : word.rfind(':') + 1);
    std::string lower = lower_ascii(task);
    if (lower.ends_with("test") || lower.ends_with("tests") || task == "check" || task == "build") {
      tests = true;
      if (contains(word.substr(std::min<size_t>(1, word.size())), ":")) match.partial = true;
    } else if (has_word("assemble classes compileJava compileKotlin testClasses jar", task) ||
               task.starts_with("assemble") || task.starts_with("compile")) {
      builds = true;
    }
  }
  if (!tests && !builds) return std::nullopt;
  if (!tests || excludes) {
    match.kind = kBuild;
    match.summary = nullptr;
    match.partial = false;
  }
  return match;
}

// --- By name ---

std::vector<std::string> name_parts(std::string_view name) {
  std::vector<std::string> parts;
  std::string part;
  for (size_t i = 0; i < name.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(name[i]);
    bool upper = isupper(c);
    // "runTests", but not "TESTS"
    if (upper && !part.empty() && i > 0 && islower(static_cast<unsigned char>(name[i - 1]))) {
      parts.push_back(std::move(part));
      part.clear();
    }
    if (isalnum(c)) {
      part += static_cast<char>(tolower(c));
    } else if (!part.empty()) {
      parts.push_back(std::move(part));
      part.clear();
    }
  }
  if (!part.empty()) parts.push_back(std::move(part));
  return parts;
}

constexpr std::string_view kTestWords =
    "test tests check checks spec specs unittest unittests testsuite selftest e2e";
constexpr std::string_view kLintWords =
    "lint linter linting typecheck typechecks types tsc eslint mypy clippy vet fmtcheck";
constexpr std::string_view kBuildWords = "build compile bundle";
// With these words it prepares, makes or removes something for tests.
constexpr std::string_view kOtherWords =
    "data fixture fixtures gen generate setup create init clean install mock mocks helper helpers "
    "seed deps dependencies update watch server serve health coverage report";

std::optional<TestKind> kind_of_name(std::string_view name) {
  std::vector<std::string> parts = name_parts(name);
  auto any = [&](std::string_view list) {
    return std::ranges::any_of(parts,
                               [&](const std::string& part) { return has_word(list, part); });
  };
  if (any(kOtherWords)) return std::nullopt;
  bool format = any("format fmt formatting prettier style");
  if (any(kLintWords) || (format && any("check verify"))) return kLint;
  if (any("type") && any("check")) return kLint;
  if (any(kTestWords)) return kTest;
  if (any(kBuildWords)) return kBuild;
  return std::nullopt;
}

RunnerMatch named(std::string name, TestKind kind) {
  RunnerMatch match;
  match.name = std::move(name);
  match.kind = kind;
  match.by_name = true;
  if (kind == kLint) match.summary = problems_summary;
  return match;
}

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

// npm, yarn, pnpm, bun: `npm test`, `npm run test:unit`, `yarn lint`, `yarn jest`.
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
    match.partial = extra_words_choose(words, dashes + 1) || has_option(words, "-w --workspace");
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

// make, just, task, rake, ninja, ...: targets by their names.
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
      if (word == "-n" && one_shell(program)) {
        // Reads the script without running it.
        RunnerMatch match = named(std::string(program) + " -n", kLint);
        match.by_name = false;
        match.partial = true;
        match.summary = nullptr;
        return match;
      }
      if (word == "-l" && program == "php") {
        RunnerMatch match = named("php -l", kLint);
        match.by_name = false;
        match.partial = true;
        match.summary = nullptr;
        return match;
      }
      if ((word == "--check" || word == "-c") && program == "node") {
        RunnerMatch match = named("node --check", kLint);
        match.by_name = false;
        match.partial = true;
        match.summary = nullptr;
        return match;
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
    std::vector<std::string> parts = name_parts(stem);
    bool other = std::ranges::any_of(
        parts, [](const std::string& part) { return has_word(kOtherWords, part); });
    if (in_test_folder && !other) kind = kTest;
  }
  if (!kind && at + 1 < words.size() && contains(script, "/")) {
    // A project's own script with a target: "./dev.sh test"
    if (has_word("test tests check lint", words[at + 1])) kind = kind_of_name(words[at + 1]);
    if (kind) return named(std::string(script) + " " + words[at + 1], *kind);
  }
  if (!kind) return std::nullopt;
  return named(std::string(script), *kind);
}

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

}  // namespace

std::optional<RunnerMatch> match_runner(const ShellCommand& command) {
  const Words& words = command.program;
  if (words.empty()) return std::nullopt;
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

}  // namespace baton::index
