#include "secrets/shape.h"

#include <gtest/gtest.h>

#include "secrets/rules.h"

namespace baton::secrets {
namespace {

std::optional<size_t> match(std::string_view shape, std::string_view text, size_t at = 0) {
  RunEnds runs;
  return match_shape(shape, text, at, runs);
}

TEST(Shape, PiecesMatchOneAfterTheOther) {
  EXPECT_EQ(match("abc", "abcd"), 3u);
  EXPECT_FALSE(match("abc", "ab"));
  EXPECT_EQ(match(R"(a[b-d]{2}\d+)", "abd42x"), 5u);
  EXPECT_FALSE(match(R"(a[b-d]{2}\d+)", "abdx"));
  EXPECT_EQ(match(R"(x\.y?z)", "x.z"), 3u);
  EXPECT_EQ(match(R"([\w-]{2,3})", "a-bcd"), 3u);
  EXPECT_EQ(match(R"([a-c-]{2,})", "a-cb-x"), 5u);
}

TEST(Shape, AlternativesAreShapes) {
  EXPECT_EQ(match("(sk|pk)_x", "pk_x"), 4u);
  EXPECT_FALSE(match("(sk|pk)_x", "rk_x"));
  EXPECT_EQ(match(R"(a(\.\d{2})?b)", "a.12b"), 5u);
  EXPECT_EQ(match(R"(a(\.\d{2})?b)", "ab"), 2u);
}

TEST(Shape, Borders) {
  EXPECT_TRUE(match(R"(\bab)", " ab", 1));
  EXPECT_FALSE(match(R"(\bab)", "xab", 1));
  EXPECT_TRUE(match(R"(\bab)", "\\nab", 2));     // an escaped newline
  EXPECT_FALSE(match(R"(\bab)", "\\\\nab", 3));  // an escaped backslash, then a letter
  EXPECT_TRUE(match(R"(\bab)", "%3Dab", 3));
  EXPECT_TRUE(match(R"(\bab)", "\\u0022ab", 6));
  EXPECT_TRUE(match(R"(\bab)", "\x1b[31mab", 5));
  EXPECT_TRUE(match(R"(ab\b)", "ab-"));
  EXPECT_FALSE(match(R"(ab\b)", "abc"));
}

TEST(Shape, RunsAreRememberedButNotConfused) {
  RunEnds runs;
  std::string text(1000, 'a');
  text[500] = '.';
  for (size_t at = 0; at < 500; at += 7) {
    EXPECT_EQ(match_shape("[a-z]{1,}", text, at, runs), 500u);
    EXPECT_EQ(match_shape(R"([a-z.]{1,})", text, at, runs), 1000u);
    EXPECT_EQ(match_shape("[a-z]{1,40}", text, at, runs), std::min<size_t>(500, at + 40));
  }
}

TEST(Shape, WhatIsNoShape) {
  static_assert(is_shape(R"(\babc[a-z]{2,})"));
  static_assert(!is_shape(""));
  static_assert(!is_shape("a.b"));
  static_assert(!is_shape("[a"));
  static_assert(!is_shape("a{3,2}"));
  static_assert(!is_shape(R"(a\bc)"));
  static_assert(!is_shape("(a|b"));
}

TEST(Rules, NamesAreMarks) {
  for (const TokenRule& rule : kTokenRules) {
    for (char c : rule.name.view()) {
      EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') << rule.name.view();
    }
  }
}

}  // namespace
}  // namespace baton::secrets
