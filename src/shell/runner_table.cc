#include "shell/runner_table.h"

#include "base/bytes.h"
#include "shell/word_list.h"

namespace baton::shell {
namespace {

using model::TestKind;

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
    {"go", "test", kTest, go_summary, Operands::part, "-run -skip -short", kGoValues, ""},
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
    {"bazel", "test", kTest, nullptr, Operands::part, "--test_filter --test_tag_filters", "", ""},
    {"bazelisk", "test", kTest, nullptr, Operands::part, "--test_filter --test_tag_filters", "",
     ""},
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

// Folders that hold the whole suite.
constexpr std::string_view kWholeFolders =
    ". ./ ./... ... all tests tests/ test test/ spec spec/ t t/ ./tests ./tests/ ./test ./test/ "
    "src "
    "src/ ./src lib/ app/ //...";

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

}  // namespace

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

}  // namespace baton::shell
