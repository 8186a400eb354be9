#include "diff/merge.h"

#include <gtest/gtest.h>

#include "diff_random.h"
#include "git_scratch.h"
#include "random_seeds.h"

namespace baton::diff {
namespace {

using Lines = RandomText::Lines;

// What `git merge-file` makes of three contents.
class GitMerge {
 public:
  std::string text;
  int conflicts = 0;

  GitMerge(const git::Scratch& scratch, const std::string& base, const std::string& ours,
           const std::string& theirs, bool show_base = false) {
    // Plain writes: a durable one takes longer than the merge.
    write(scratch.path("base"), base);
    write(scratch.path("ours"), ours);
    write(scratch.path("theirs"), theirs);
    std::vector<std::string> argv = {"git",  "merge-file", "-p",     "-L",   "ours", "-L",
                                     "base", "-L",         "theirs", "ours", "base", "theirs"};
    if (show_base) argv.insert(argv.begin() + 2, "--diff3");
    os::RunOptions options;
    options.directory = scratch.dir();
    auto result = os::run(argv, options);
    if (!result || result->exit_status > 127) {
      ADD_FAILURE() << (result ? result->error : result.error().message);
      return;
    }
    text = std::move(result->output);
    conflicts = result->exit_status;
  }

 private:
  static void write(const std::string& path, const std::string& content) {
    FILE* file = ::fopen(path.c_str(), "w");
    ASSERT_TRUE(file);
    ASSERT_EQ(::fwrite(content.data(), 1, content.size(), file), content.size());
    ::fclose(file);
  }
};

TEST(Merge, KeepsBothSides) {
  Merge made = merge("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\n");
  EXPECT_TRUE(made.clean());
  EXPECT_EQ(made.text, "A\nb\nc\nd\n");
  EXPECT_EQ(merge("a\n", "a\n", "b\n").text, "b\n");
  EXPECT_EQ(merge("a\n", "b\n", "a\n").text, "b\n");
  EXPECT_EQ(merge("a\n", "b\n", "b\n").text, "b\n");
  EXPECT_EQ(merge("a\n", "", "").text, "");
}

TEST(Merge, TheSameChangeOnBothSidesIsNone) {
  Merge made = merge("1\n2\n3\n4\n5\n6\n7\n", "1\nx\n3\n4\n5\n6\n7\n", "1\nx\n3\n4\n5\n6\ny\n");
  EXPECT_TRUE(made.clean());
  EXPECT_EQ(made.text, "1\nx\n3\n4\n5\n6\ny\n");
}

TEST(Merge, TheSameChangeFoundInPieces) {
  // The two are paired with the base's blank lines differently, since one goes on differently.
  const std::string both = "}\n\n\nw\n}\n\nf\n";
  EXPECT_EQ(merge(" }\n\n}\n\nc\nf\nv\n", both + " }\ny\n", both + "v\n").text, both + " }\ny\n");
}

TEST(Merge, ConflictsSayWhere) {
  Merge made = merge("1\n2\n3\n4\n", "1\nx\nsame\n4\n", "0\n1\ny\nsame\n4\n");
  EXPECT_EQ(made.text, "0\n1\n<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\nsame\n4\n");
  ASSERT_EQ(made.conflicts.size(), 1u);
  const Conflict& conflict = made.conflicts[0];
  EXPECT_EQ(conflict.base, (LineRange{1, 3}));
  EXPECT_EQ(conflict.ours, (LineRange{1, 2}));
  EXPECT_EQ(conflict.theirs, (LineRange{2, 3}));
  EXPECT_EQ(conflict.merged, (LineRange{2, 7}));

  MergeOptions options;
  options.show_base = true;
  options.ours_label = "now";
  options.theirs_label = "";
  options.base_label = "before";
  options.marker_size = 9;
  EXPECT_EQ(merge("1\n2\n3\n", "1\nx\n3\n", "1\ny\n3\n", options).text,
            "1\n<<<<<<<<< now\nx\n||||||||| before\n2\n=========\ny\n>>>>>>>>>\n3\n");
}

TEST(Merge, ChangesThatTouchAreInConflict) {
  EXPECT_FALSE(merge("1\n2\n3\n", "1\nx\n3\n", "1\n2\ny\n").clean());
  EXPECT_TRUE(merge("1\n2\n3\n", "x\n2\n3\n", "1\n2\ny\n").clean());
  EXPECT_FALSE(merge("1\n2\n", "1\nx\n2\n", "1\ny\n2\n").clean());
  EXPECT_FALSE(merge("1\n2\n3\n", "1\n3\n", "1\nx\n3\n").clean());
}

TEST(Merge, LineEndsAreGits) {
  git::Scratch scratch;
  const std::vector<std::array<std::string, 3>> cases = {
      {"a\r\nb\r\n", "a\r\nx\r\n", "a\r\ny\r\n"},
      {"a\r\nb\r\n", "a\r\nx\r\n", "a\ny\n"},
      {"a\nb\r\n", "a\r\nx\r\n", "a\r\ny\r\n"},
      {"a\nb", "a\nx", "a\ny"},
      {"a\r\nb", "a\r\nx", "a\r\ny"},
      {"a", "x", "y"},
      {"", "x\n", "y"},
      {"a\n", "a", "b\n"},
      {"a", "a\n", "a\nb"},
  };
  for (const auto& [base, ours, theirs] : cases) {
    GitMerge git(scratch, base, ours, theirs);
    Merge made = merge(base, ours, theirs);
    EXPECT_EQ(made.text, git.text) << base;
    EXPECT_EQ(static_cast<int>(made.conflicts.size()), git.conflicts);
  }
}

void expect_as_git(const git::Scratch& scratch, const Lines& base, const Lines& ours,
                   const Lines& theirs, RandomText& random, int& clean, int& same) {
  std::string texts[3] = {random.joined(base), random.joined(ours), random.joined(theirs)};
  GitMerge git(scratch, texts[0], texts[1], texts[2]);
  Merge made = merge(texts[0], texts[1], texts[2]);
  same += made.text == git.text;
  clean += git.conflicts == 0;
  ASSERT_EQ(made.clean(), git.conflicts == 0) << git.text << "ours\n" << made.text;
  if (made.clean()) {
    ASSERT_EQ(made.text, git.text);
  }
  // Each conflict's places hold what the text shows.
  for (const Conflict& conflict : made.conflicts) {
    auto lines = split_lines(made.text);
    ASSERT_LE(conflict.merged.end, lines.size());
    ASSERT_TRUE(lines[conflict.merged.begin].starts_with("<<<<<<< ours"));
    ASSERT_TRUE(lines[conflict.merged.end - 1].starts_with(">>>>>>> theirs"));
    uint32_t inside =
        conflict.ours.end - conflict.ours.begin + conflict.theirs.end - conflict.theirs.begin + 3;
    ASSERT_EQ(conflict.merged.end - conflict.merged.begin, inside);
  }
}

TEST(Merge, RandomProgramsAgainstGit) {
  git::Scratch scratch;
  constexpr int kRounds = 250;
  int clean = 0, same = 0;
  for (uint64_t seed = 1; seed <= kRounds; ++seed) {
    SCOPED_TRACE(seed);
    RandomText random(seed);
    Lines base = random.program(10 + random.below(120));
    Lines ours = random.edited(base, 1 + random.below(5));
    Lines theirs = random.edited(random.one_in(3) ? ours : base, 1 + random.below(5));
    expect_as_git(scratch, base, ours, theirs, random, clean, same);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(clean, kRounds / 4);
  EXPECT_LT(clean, kRounds * 3 / 4);
  EXPECT_GE(same, kRounds * 98 / 100) << "of " << kRounds << " texts are git's";
}

TEST(Merge, RandomNoiseAgainstGit) {
  git::Scratch scratch;
  constexpr int kRounds = 150;
  int clean = 0, same = 0;
  for (uint64_t seed = 1; seed <= kRounds; ++seed) {
    SCOPED_TRACE(seed);
    RandomText random(seed);
    Lines base = random.noise(4 + random.below(30), 8);
    Lines ours = random.edited(base, 1 + random.below(3));
    Lines theirs = random.edited(base, 1 + random.below(3));
    expect_as_git(scratch, base, ours, theirs, random, clean, same);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(same, kRounds * 95 / 100) << "of " << kRounds << " texts are git's";
}

TEST(Merge, WithBaseAgainstGit) {
  git::Scratch scratch;
  MergeOptions options;
  options.show_base = true;
  int same = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    RandomText random(seed);
    Lines lines = random.program(10 + random.below(60));
    std::string base = random.joined(lines);
    std::string ours = random.joined(random.edited(lines, 1 + random.below(4)));
    std::string theirs = random.joined(random.edited(lines, 1 + random.below(4)));
    same +=
        merge(base, ours, theirs, options).text == GitMerge(scratch, base, ours, theirs, true).text;
  }
  EXPECT_GE(same, 95) << "of 100 texts are git's";
}

// One side at rest: the other is the answer. Sides in the other order: the same, but for the order
// inside conflicts.
TEST(Merge, Laws) {
  for (uint64_t seed : baton::testing::seeds(300)) {
    SCOPED_TRACE(seed);
    RandomText random(seed);
    Lines lines = random.program(5 + random.below(60));
    std::string base = random.joined(lines);
    std::string ours = random.joined(random.edited(lines, 1 + random.below(4)));
    std::string theirs = random.joined(random.edited(lines, 1 + random.below(4)));
    EXPECT_EQ(merge(base, ours, base).text, ours);
    EXPECT_EQ(merge(base, base, theirs).text, theirs);
    EXPECT_EQ(merge(base, ours, ours).text, ours);
    Merge forward = merge(base, ours, theirs), backward = merge(base, theirs, ours);
    ASSERT_EQ(forward.clean(), backward.clean());
    if (forward.clean()) {
      EXPECT_EQ(forward.text, backward.text);
    }
  }
}

}  // namespace
}  // namespace baton::diff
