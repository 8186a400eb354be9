#include "handoff/weakened.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"
#include "handoff/sentences.h"

namespace baton::handoff {
namespace {

bool is_comment(std::string_view line) {
  line = trim(line);
  // "#assert", but not "#[test]" and "#include"
  bool hash = line.starts_with('#') && !line.starts_with("#[") && !line.starts_with("#include") &&
              !line.starts_with("#if") && !line.starts_with("#e") && !line.starts_with("#define");
  return line.empty() || line.starts_with("//") || hash || line.starts_with("/*") ||
         line.starts_with("* ") || line.starts_with("--") || line.starts_with("<!--");
}

bool has_one(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return contains(text, part); });
}

bool begins_with_one(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return text.starts_with(part); });
}

bool asserts(std::string_view path, std::string_view line) {
  if (is_comment(line)) return false;
  if (has_one(line, {"assert",    "Assert",  "ASSERT_",    "EXPECT_",       "expect(",    "expect ",
                     ".should",   "should(", "t.Error",    "t.Fatal",       "require.",   "verify(",
                     "XCTAssert", "CHECK(",  "REQUIRE(",   "pytest.raises", "assertThat", "toBe(",
                     "toEqual(",  "ok(",     " shouldBe ", "t.Fail"})) {
    return true;
  }
  bool shell = path.ends_with(".sh") || path.ends_with(".bats") || path.ends_with(".bash") ||
               path.find('.') == path.npos;
  if (!shell) return false;
  return has_one(line, {"[ ", "[[ ", "|| exit", "|| fail", "exit 1", "not ok", "diff ", "cmp ",
                        "grep -q", "test "});
}

// The word that ends right before `at`: "it" of "  it.skip(".
std::string_view word_before(std::string_view line, size_t at) {
  size_t begin = at;
  while (begin > 0 &&
         (std::isalnum(static_cast<unsigned char>(line[begin - 1])) || line[begin - 1] == '_')) {
    --begin;
  }
  return line.substr(begin, at - begin);
}

// "it.skip(", "test.only(", "pytest.skip(", "this.skip(", but not "rows.skip(1)".
bool marks_one(std::string_view line) {
  for (std::string_view mark : {".skip", ".only", ".todo", ".fails", ".failing"}) {
    for (size_t at = line.find(mark); at != line.npos; at = line.find(mark, at + 1)) {
      if (one_of(word_before(line, at), {"it", "test", "describe", "context", "suite", "this", "t",
                                         "pytest", "unittest", "concurrent", "bench", "each"})) {
        return true;
      }
    }
  }
  return false;
}

bool skips(std::string_view line) {
  std::string_view text = trim(line);
  // TAP's directives stand behind a test's line.
  bool tap = contains(line, "ok") && has_one(line, {"# SKIP", "# skip", "# TODO"});
  if (tap) return true;
  if (is_comment(line) && !text.starts_with("#[ignore")) return false;
  return marks_one(line) ||
         has_one(line, {"mark.skip",      "xfail",           "expectedFailure",
                        "skipTest(",      "skipIf",          "skipUnless",
                        "@skip",          "SkipTest",        "collect_ignore",
                        "@Ignore",        "@Disabled",       "assumeTrue(",
                        "assumeFalse(",   "t.Skip",          "b.Skip",
                        "#[ignore",       "GTEST_SKIP",      "DISABLED_",
                        "QSKIP(",         "markTestSkipped", "markTestIncomplete",
                        "Skip = \"",      "[Ignore",         "[Explicit",
                        "Assert.Ignore(", "Inconclusive(",   "XCTSkip",
                        "tag :skip",      "tag skip:",       "skip: true",
                        "skip_all",       "return 77",       "exit 77",
                        "local $TODO"}) ||
         begins_with_one(text, {"skip(", "skip ", "xit(", "xit ", "xdescribe(", "xdescribe ",
                                "xtest(", "xcontext ", "xspecify ", "fit(", "fdescribe(",
                                "pending(", "pending ", "SKIP(", "SKIP:"}) ||
         one_of(text, {"exit 0", "skip", "pending", "skip;"});
}

// What makes a function or a block a test.
bool makes_test(std::string_view line) {
  std::string_view text = trim(line);
  return begins_with_one(text, {"def test_", "async def test_", "func Test", "it(", "it '", "it \"",
                                "test(", "test \"", "test '", "TEST(", "TEST_F(", "TEST_P(",
                                "TEST_CASE(", "@test ", "public function test", "specify "}) ||
         has_one(text, {"@Test", "#[test]", "#[tokio::test]", "[Fact]", "[Theory]", "[Test]",
                        "[TestMethod]", "func test"});
}

bool returns_early(std::string_view line) {
  return one_of(trim(line), {"return", "return;", "return nil", "return None", "return 0",
                             "return true", "return True", "return true;", "return 0;"});
}

// What lets a failing assertion pass by.
bool swallows(std::string_view line) {
  std::string_view text = trim(line);
  return begins_with_one(text, {"except ", "except:", "rescue"}) || contains(text, "catch (") ||
         contains(text, ".catch(") || text.ends_with("|| true");
}

using Lines = std::vector<std::string>;

bool has_line(const Lines& lines, std::string_view line) {
  return std::ranges::any_of(lines, [&](const auto& each) { return trim(each) == trim(line); });
}

// Lines that match and of which no equal one, but for blanks, stands on the other side.
size_t count_gone(const Lines& lines, std::span<const Hunk> all, Lines Hunk::* others, auto&& is) {
  return static_cast<size_t>(std::ranges::count_if(lines, [&](const std::string& line) {
    return is(line) && std::ranges::none_of(
                           all, [&](const Hunk& hunk) { return has_line(hunk.*others, line); });
  }));
}

}  // namespace

std::string weakening(std::string_view path, const Hunk& hunk, std::span<const Hunk> all) {
  auto assertion = [&](std::string_view line) { return asserts(path, line); };
  auto came = [&](auto&& is) { return count_gone(hunk.added, all, &Hunk::removed, is); };
  auto went = [&](auto&& is) { return count_gone(hunk.removed, all, &Hunk::added, is); };
  if (came(skips) > went(skips)) return "test-skipped";
  // An assertion that was commented out is gone too.
  size_t removed = went(assertion), added = came(assertion);
  if (removed > added) return "test-assertion-removed";
  if (went(makes_test) > came(makes_test)) return "test-removed";
  if (removed > 0) return "test-expectation-changed";
  bool only_new = came(makes_test) > 0 && hunk.removed.empty();
  if (!only_new && came(returns_early) + came(swallows) > 0) return "test-changed";
  if (came([](std::string_view line) { return trim(line).starts_with("//go:build"); }) > 0) {
    return "test-changed";
  }
  return went([](std::string_view line) { return !is_comment(line); }) > 0 ? "test-changed" : "";
}

}  // namespace baton::handoff
