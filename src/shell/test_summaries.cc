#include "shell/test_summaries.h"

#include "shell/summary_parts.h"

namespace baton::shell {

using model::TestVerdict;

Summary any_summary(std::string_view output) {
  static constexpr SummaryReader kReaders[] = {
      pytest_summary,  unittest_summary, ctest_summary,  gtest_summary,    cargo_summary,
      nextest_summary, jest_summary,     vitest_summary, mocha_summary,    bun_summary,
      deno_summary,    dotnet_summary,   rspec_summary,  minitest_summary, phpunit_summary,
      exunit_summary,  swift_summary,    meson_summary,  prove_summary,    node_summary,
      maven_summary,   gradle_summary,   go_summary,     tap_summary,
  };
  Summary whole;
  for (SummaryReader reader : kReaders) {
    // TAP lines are what some of the others print on the way.
    if (reader == tap_summary && whole.found) break;
    Summary one = reader(output);
    if (!one.found) continue;
    if (!whole.found) {
      whole = std::move(one);
      continue;
    }
    if (one.verdict == TestVerdict::failed) {
      whole.verdict = TestVerdict::failed;
      for (const std::string& name : one.failing) add_name(whole.failing, name);
    } else if (whole.verdict == TestVerdict::unknown) {
      whole.verdict = one.verdict;
    }
    whole.partial = whole.partial || one.partial;
    whole.in_parts = true;
    whole.nothing_ran = whole.nothing_ran && one.nothing_ran;
  }
  return whole;
}

std::string without_escapes(std::string_view text) {
  if (text.find('\x1b') == text.npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1b') {
      out += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '[') {
      i += 2;
      while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
    } else if (i + 1 < text.size() && text[i + 1] == ']') {
      while (i < text.size() && text[i] != '\x07') ++i;
    } else {
      ++i;
    }
  }
  return out;
}

}  // namespace baton::shell
