#include "diff/line_ranges.h"

#include <gtest/gtest.h>

#include "diff/lines.h"

namespace baton::diff {
namespace {

constexpr std::string_view kFile =
    "int one() {\n"    // 1
    "  return 1;\n"    // 2
    "}\n"              // 3
    "\n"               // 4
    "int two() {\r\n"  // 5
    "  return a/b;\n"  // 6
    "}\n"              // 7
    "int three();";    // 8

using Pair = std::pair<size_t, size_t>;
Pair lines(std::string_view words, size_t behind = 0) {
  auto split = split_lines(kFile);
  auto range = parse_line_range(words, split, behind);
  EXPECT_TRUE(range) << words << ": " << range.error().message;
  return range ? Pair(range->first, range->last) : Pair();
}

ErrorKind error(std::string_view words, std::string_view file = kFile) {
  auto split = split_lines(file);
  auto range = parse_line_range(words, split);
  EXPECT_FALSE(range) << words;
  return range ? ErrorKind::io : range.error().kind;
}

TEST(LineRanges, Numbers) {
  EXPECT_EQ(lines("2,5"), (Pair{2, 5}));
  EXPECT_EQ(lines("2"), (Pair{2, 8}));
  EXPECT_EQ(lines("2,"), (Pair{2, 8}));
  EXPECT_EQ(lines(",3"), (Pair{1, 3}));
  EXPECT_EQ(lines("2,+3"), (Pair{2, 4}));
  EXPECT_EQ(lines("5,-3"), (Pair{3, 5}));
  EXPECT_EQ(lines("2,-9"), (Pair{1, 2}));
  EXPECT_EQ(lines("5,2"), (Pair{2, 5}));
  EXPECT_EQ(lines("7,100"), (Pair{7, 8}));
  EXPECT_EQ(lines("7,99999999999999999999"), (Pair{7, 8}));
  EXPECT_EQ(lines("+2,5"), (Pair{2, 5}));
  EXPECT_EQ(lines(""), (Pair{1, 8}));
}

TEST(LineRanges, Expressions) {
  EXPECT_EQ(lines("/^int/,/^}/"), (Pair{1, 3}));
  EXPECT_EQ(lines("/^int/,/^}/", 3), (Pair{5, 7}));
  EXPECT_EQ(lines("^/^int/,+1", 3), (Pair{1, 1}));
  EXPECT_EQ(lines("/a\\/b/,+2"), (Pair{6, 7}));
  EXPECT_EQ(lines("/two() {$/,+1"), (Pair{5, 5}));
  EXPECT_EQ(lines("4,/}/"), (Pair{4, 7}));
}

TEST(LineRanges, Functions) {
  EXPECT_EQ(lines(":one"), (Pair{1, 4}));
  EXPECT_EQ(lines(":t[wx]o"), (Pair{5, 7}));
  EXPECT_EQ(lines(":three"), (Pair{8, 8}));
  EXPECT_TRUE(names_function(":one"));
  EXPECT_TRUE(names_function("^:one"));
  EXPECT_FALSE(names_function("1,2"));
}

TEST(LineRanges, Refused) {
  for (auto words : {"x", "0", "0,3", "3,0", "3,+0", "1,2,3", "1-2", "/open", "//", "/a\\(/", ":",
                     "^3", "-3", "1,x"}) {
    EXPECT_EQ(error(words), ErrorKind::usage) << words;
  }
  for (auto words :
       {"9", "9,12", "99999999999999999999", "/nowhere/", ":nowhere", "/three/,/one/"}) {
    EXPECT_EQ(error(words), ErrorKind::not_found) << words;
  }
  EXPECT_EQ(error("1", ""), ErrorKind::not_found);
}

}  // namespace
}  // namespace baton::diff
