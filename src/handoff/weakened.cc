#include "handoff/weakened.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::handoff {
namespace {

bool is_comment(std::string_view line) {
  line = trim(line);
  return line.empty() || line.starts_with("//") || line.starts_with("#!") ||
         (line.starts_with("# ") || line == "#") || line.starts_with("/*") ||
         line.starts_with("* ");
}

bool has_one(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return contains(text, part); });
}

bool asserts(std::string_view path, std::string_view line) {
  if (is_comment(line)) return false;
  if (has_one(line, {"assert",        "Assert",     "ASSERT_",   "EXPECT_",  "expect(",
                     "expect ",       ".should",    "should(",   "t.Error",  "t.Fatal",
                     "require.",      "verify(",    "XCTAssert", "CHECK(",   "REQUIRE(",
                     "pytest.raises", "assertThat", "toBe(",     "toEqual(", "ok("})) {
    return true;
  }
  bool shell = path.ends_with(".sh") || path.ends_with(".bats") || path.ends_with(".bash") ||
               path.find('.') == path.npos;
  if (!shell) return false;
  return has_one(line, {"[ ", "[[ ", "|| exit", "|| fail", "exit 1", "not ok", "diff ", "cmp ",
                        "grep -q", "test "});
}

bool skips(std::string_view line) {
  return has_one(line, {"@skip",      "skip(",    ".skip",    "xit(",
                        "xdescribe(", "xtest(",   "xfail",    "@Ignore",
                        "@Disabled",  "t.Skip",   "#[ignore", "GTEST_SKIP",
                        "DISABLED_",  "skipTest", "skipIf",   "pytest.mark.skip",
                        "pending(",   "# SKIP",   "# TODO",   "return 77",
                        "exit 77",    ".todo("}) ||
         trim(line) == "exit 0" || trim(line).starts_with("skip ");
}

size_t count_if(const std::vector<std::string>& lines, auto&& matches) {
  return static_cast<size_t>(std::ranges::count_if(lines, matches));
}

}  // namespace

std::string weakening(std::string_view path, const Hunk& hunk) {
  auto assertion = [&](std::string_view line) { return asserts(path, line); };
  if (count_if(hunk.added, skips) > count_if(hunk.removed, skips)) return "test-skipped";
  size_t removed = count_if(hunk.removed, assertion), added = count_if(hunk.added, assertion);
  // An assertion that was commented out is gone too.
  if (removed > added) return "test-assertion-removed";
  if (removed > 0) return "test-expectation-changed";
  bool anything =
      std::ranges::any_of(hunk.removed, [](const auto& line) { return !is_comment(line); });
  return anything ? "test-changed" : "";
}

}  // namespace baton::handoff
