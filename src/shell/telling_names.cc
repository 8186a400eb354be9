#include "shell/telling_names.h"

#include <algorithm>
#include <vector>

#include "shell/runner_words.h"
#include "shell/word_list.h"

namespace baton::shell {
namespace {

using model::TestKind;

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

bool any_word(const std::vector<std::string>& parts, std::string_view list) {
  return std::ranges::any_of(parts, [&](const std::string& part) { return has_word(list, part); });
}

}  // namespace

std::optional<TestKind> kind_of_name(std::string_view name) {
  std::vector<std::string> parts = name_parts(name);
  auto any = [&](std::string_view list) { return any_word(parts, list); };
  if (any(kOtherWords)) return std::nullopt;
  bool format = any("format fmt formatting prettier style");
  if (any(kLintWords) || (format && any("check verify"))) return kLint;
  if (any("type") && any("check")) return kLint;
  if (any(kTestWords)) return kTest;
  if (any(kBuildWords)) return kBuild;
  return std::nullopt;
}

bool only_prepares(std::string_view name) {
  return any_word(name_parts(name), kOtherWords);
}

RunnerMatch named(std::string name, TestKind kind) {
  RunnerMatch match;
  match.name = std::move(name);
  match.kind = kind;
  match.by_name = true;
  if (kind == kLint) match.summary = problems_summary;
  return match;
}

}  // namespace baton::shell
