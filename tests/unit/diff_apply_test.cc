#include "diff/apply.h"

#include <gtest/gtest.h>

namespace baton::diff {
namespace {

ErrorKind kind_of(const Result<std::string>& result) {
  return result ? ErrorKind::usage : result.error().kind;
}

constexpr std::string_view kContent = "1\n2\n3\n4\n5\n";

TEST(Apply, ChosenEditsMakeAMix) {
  const std::string after = "1\nB\n3\n4\nE\n";
  std::vector<Edit> edits = diff_lines(kContent, after);
  ASSERT_EQ(edits.size(), 2u);
  EXPECT_EQ(apply_edits(kContent, after, edits), after);
  EXPECT_EQ(apply_edits(kContent, after, std::span(edits).first(1)), "1\nB\n3\n4\n5\n");
  EXPECT_EQ(apply_edits(kContent, after, std::span(edits).last(1)), "1\n2\n3\n4\nE\n");
  EXPECT_EQ(apply_edits(kContent, after, {}), kContent);
}

TEST(Apply, EditsThatDoNotFit) {
  for (Edit edit : {Edit{6, 6, 0, 1}, Edit{2, 1, 0, 1}, Edit{0, 1, 0, 2}, Edit{0, 9, 0, 1}}) {
    EXPECT_EQ(kind_of(apply_edits(kContent, "x\n", std::vector<Edit>{edit})), ErrorKind::damage);
  }
  EXPECT_EQ(kind_of(apply_edits(kContent, "x\ny\n", std::vector<Edit>{{2, 3, 0, 1}, {0, 1, 1, 2}})),
            ErrorKind::damage);
}

TEST(Apply, HunksMustMatchWhereTheySay) {
  EXPECT_EQ(apply_unified(kContent, "--- a\n+++ b\n@@ -2,2 +2,2 @@ heading\n 2\n-3\n+x\n"),
            "1\n2\nx\n4\n5\n");
  EXPECT_EQ(apply_unified(kContent, "no hunk here\n"), kContent);
  EXPECT_EQ(apply_unified(kContent, "@@ -0,0 +1 @@\n+0\n"), "0\n1\n2\n3\n4\n5\n");
  EXPECT_EQ(apply_unified("", "@@ -0,0 +1 @@\n+0\n\\ No newline at end of file\n"), "0");
  EXPECT_EQ(apply_unified("a", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"), "a\n");
  EXPECT_EQ(apply_unified("\n\n", "@@ -1,2 +1,3 @@\n\n+x\n \n"), "\nx\n\n");
  for (std::string_view patch : {
           "@@ -1,2 +1,2 @@\n 2\n-3\n+x\n",         // one line off
           "@@ -2,2 +3,2 @@\n 2\n-3\n+x\n",         // says another place in the new content
           "@@ -5,2 +5,2 @@\n 5\n-6\n+x\n",         // beyond the end
           "@@ -9,0 +10 @@\n+x\n",                  //
           "@@ -5 +5 @@\n-5\n\\ No newline\n+x\n",  // the line has an end
           "@@ -4 +4 @@\n-4\n+x\n@@ -2 +2 @@\n-2\n+x\n",
           "@@ -1 +1 @@\n-1\n+x\n\\ No newline at end of file\n",  // lines follow it
       }) {
    EXPECT_EQ(kind_of(apply_unified(kContent, patch)), ErrorKind::negative) << patch;
  }
  for (std::string_view patch : {
           "@@ -2,2 +2,2 @@\n 2\n",                // cut off
           "@@ -2,2 +2,2 @@\n 2\n-3\n+x\njunk\n",  //
           "@@ -2 +2 @@\n 2\n*3\n",                //
           "@@ -1 +1,2 @@\n-1\n-2\n+x\n+x\n",      // more than it says
           "@@ -x +1 @@\n-1\n",                    //
           "@@ -0 +1 @@\n-1\n",                    //
           "@@ -1,99999999999999999999 +1 @@\n-1\n",
       }) {
    EXPECT_EQ(kind_of(apply_unified(kContent, patch)), ErrorKind::damage) << patch;
  }
}

}  // namespace
}  // namespace baton::diff
