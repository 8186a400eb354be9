#include "handoff/attempts.h"

#include <gtest/gtest.h>

namespace baton::handoff {
namespace {

TEST(TellingLines, AreThoseThatSayWhatWentWrong) {
  EXPECT_EQ(telling_lines("building\nsrc/a.c:3: error: no semicolon\nmake: leaving\n"),
            "src/a.c:3: error: no semicolon");
  EXPECT_EQ(telling_lines("ok 1\nnot ok 2 - two\nnot ok 3\nnot ok 4\nnot ok 5"),
            "not ok 2 - two\nnot ok 3\nnot ok 4");
  EXPECT_EQ(telling_lines("first\n\n  last  \n\n"), "last");
  EXPECT_EQ(telling_lines(""), "");
  EXPECT_EQ(telling_lines("error: " + std::string(1000, 'x')).size(), 400u);
  EXPECT_EQ(telling_lines("Error: ü", 3, 8), "Error: ");
}

}  // namespace
}  // namespace baton::handoff
