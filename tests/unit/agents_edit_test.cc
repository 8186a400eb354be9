// Edits applied as the agents' own tools apply them, and taken back. The expectations for patches
// were observed with Codex's own apply_patch (0.169.0).

#include <gtest/gtest.h>

#include <random>

#include "agents/agent.h"
#include "agents/patch.h"

namespace baton::agents {
namespace {

constexpr std::string_view kNo = "(negative)";

std::string value(const Result<std::string>& result) {
  if (result) return *result;
  EXPECT_EQ(result.error().kind, ErrorKind::negative) << result.error().message;
  return std::string(kNo);
}

FileEdit replacing(std::string_view old_text, std::string_view new_text, bool all = false) {
  FileEdit edit;
  TextEdit& text = edit.edits.emplace_back();
  text.old_text = old_text;
  text.new_text = new_text;
  text.all = all;
  return edit;
}

std::string apply(std::string_view before, std::string_view old_text, std::string_view new_text,
                  bool all = false) {
  return value(apply_edit(replacing(old_text, new_text, all), before));
}

std::string revert(std::string_view after, std::string_view old_text, std::string_view new_text,
                   bool all = false) {
  return value(revert_edit(replacing(old_text, new_text, all), after));
}

// "begin-removed+added" of each run.
std::string places(const FileEdit& edit, std::string_view before) {
  auto runs = places_of(edit, before);
  if (!runs) return value(std::unexpected(runs.error()));
  std::string text;
  for (const PlacedRun& run : *runs) {
    text += (text.empty() ? "" : " ") + std::to_string(run.begin) + "-" +
            std::to_string(run.removed) + "+" + std::to_string(run.added);
  }
  return text;
}

TEST(Edit, TellsWhichLinesItMeans) {
  EXPECT_EQ(places(replacing("a\n}\n", "a\n}\nb\n}\n"), "x\na\n}\n"), "3-0+2");
  EXPECT_EQ(places(replacing("}\nz\n", "}\nb\n}\nz\n"), "x\n}\nz\n"), "1-0+2");
  EXPECT_EQ(places(replacing("z", "b\nz"), "x\nz\n"), "1-0+1");
  EXPECT_EQ(places(replacing("a\nb\n}\n", "a\n"), "x\na\nb\n}\n"), "2-2+0");
  // Before or behind, and neither.
  EXPECT_EQ(places(replacing("}\n", "}\nb\n}\n"), "x\n}\n"), kNo);
  EXPECT_EQ(places(replacing("a\nb\n", "a\nc\nb\n"), "a\nb\n"), kNo);
  EXPECT_EQ(places(replacing("a\n", "a\nb\n"), "a\na\n"), kNo);
  FileEdit patch = parse_patch(
                       "*** Begin Patch\n*** Update File: f\n@@\n a\n+}\n+b\n }\n-c\n"
                       "*** End Patch")
                       .files.at(0);
  EXPECT_EQ(places(patch, "x\na\n}\nc\n"), "2-0+2 3-1+0");
  EXPECT_EQ(places(patch, "x\n"), kNo);
}

TEST(Edit, ReplacesWhatOccursOnce) {
  EXPECT_EQ(apply("a\nb\n", "b", "c"), "a\nc\n");
  EXPECT_EQ(apply("a\nb\n", "x", "c"), kNo);
  EXPECT_EQ(apply("b\nb\n", "b", "c"), kNo);
  EXPECT_EQ(apply("b\nb\n", "b", "c", true), "c\nc\n");
  EXPECT_EQ(apply("aaa", "aa", "b"), kNo);  // found twice, if overlapping
  EXPECT_EQ(apply("x", "x", "$&\\1"), "$&\\1");
}

TEST(Edit, WritesAnEmptyFile) {
  EXPECT_EQ(apply("", "", "new\n"), "new\n");
  EXPECT_EQ(apply(" \n", "", "new\n"), "new\n");
  EXPECT_EQ(apply("old", "", "new\n"), kNo);
}

TEST(Edit, ADeletionTakesItsLineEndAlong) {
  EXPECT_EQ(apply("a\nb\nc\n", "b", ""), "a\nc\n");
  EXPECT_EQ(apply("a\nb\nc\n", "b\n", ""), "a\nc\n");
  EXPECT_EQ(apply("a\nb", "b", ""), "a\n");
  EXPECT_EQ(apply("a b c", "b ", ""), "a c");
  // Where it stands before a line end, only those go.
  EXPECT_EQ(apply("b x\nb\n", "b", "", true), "b x\n");
}

TEST(Edit, KeepsCrlf) {
  EXPECT_EQ(apply("a\r\nb\r\nc\r\n", "a\nb", "x\ny"), "x\r\ny\r\nc\r\n");
  EXPECT_EQ(apply("a\r\nb\r\n", "b", "x\ny"), "a\r\nx\r\ny\r\n");
  EXPECT_EQ(apply("a\r\nb\r\n", "a\r\nb", "c"), "c\r\n");
  EXPECT_EQ(apply("a\r\nb\r\n", "a", ""), "b\r\n");
  EXPECT_EQ(apply("a\r\nb\n", "b", "c"), kNo);  // mixed
}

TEST(Edit, SeveralInOrder) {
  FileEdit edit = replacing("a", "b");
  edit.edits.push_back(replacing("b", "c").edits[0]);
  EXPECT_EQ(value(apply_edit(edit, "a")), "c");
  EXPECT_EQ(value(apply_edit(edit, "a b")), kNo);
  EXPECT_EQ(value(apply_edit(FileEdit{}, "a")), kNo);
}

TEST(Edit, OtherKinds) {
  FileEdit edit;
  edit.kind = FileEdit::Kind::write;
  edit.content = "new";
  EXPECT_EQ(value(apply_edit(edit, "old")), "new");
  EXPECT_EQ(value(revert_edit(edit, "new")), kNo);
  edit.created = true;
  EXPECT_EQ(value(revert_edit(edit, "new")), "");
  EXPECT_EQ(value(revert_edit(edit, "other")), kNo);
  edit.kind = FileEdit::Kind::remove;
  EXPECT_EQ(value(apply_edit(edit, "old")), "");
  EXPECT_EQ(value(revert_edit(edit, "")), kNo);
  edit.original = "old";
  EXPECT_EQ(value(revert_edit(edit, "")), "old");
  edit.kind = FileEdit::Kind::move;
  EXPECT_EQ(value(apply_edit(edit, "same")), "same");
}

TEST(Revert, OnlyWithCertainty) {
  EXPECT_EQ(revert("a\nc\n", "b", "c"), "a\nb\n");
  EXPECT_EQ(revert("a\n", "b", "c"), kNo);
  EXPECT_EQ(revert("c\nc\n", "b", "c"), kNo);        // which one was it
  EXPECT_EQ(revert("c\nc\n", "b", "c", true), kNo);  // one may have been there
  EXPECT_EQ(revert("a c\n", "b", "c", true), "a b\n");
  EXPECT_EQ(revert("b c\n", "b", "c", true), kNo);  // a "b" would not have been left
  EXPECT_EQ(revert("bc", "b", "c"), kNo);           // two "b" before
  EXPECT_EQ(revert("a\n", "b\n", ""), kNo);
  EXPECT_EQ(revert("new", "", "new"), kNo);
  EXPECT_EQ(revert("xaaax", "b", "aa"), kNo);  // overlapping finds
  EXPECT_EQ(revert("a\r\nx\r\ny\r\n", "b", "x\ny"), "a\r\nb\r\n");
}

TEST(Revert, PatchesWithLineNumbersOnly) {
  FileEdit edit;
  edit.kind = FileEdit::Kind::patch;
  edit.edits = parse_unified_diff(
      "--- a\n+++ b\n@@ -1,2 +1,3 @@\n+zero\n one\n-two\n+2\n@@ -9 +10 @@\n-nine\n"
      "\\ No newline at end of file\n+9\n");
  ASSERT_EQ(edit.edits.size(), 2u);
  std::string before = "one\ntwo\n3\n4\n5\n6\n7\n8\nnine";
  std::string after = "zero\none\n2\n3\n4\n5\n6\n7\n8\n9\n";
  EXPECT_EQ(value(apply_edit(edit, before)), after);
  EXPECT_EQ(value(revert_edit(edit, after)), before);
  EXPECT_EQ(value(revert_edit(edit, before)), kNo);
  for (TextEdit& hunk : edit.edits) hunk.line = 0;
  EXPECT_EQ(value(revert_edit(edit, after)), kNo);
}

TEST(UnifiedDiff, AdditionsWithoutOldLines) {
  FileEdit edit;
  edit.kind = FileEdit::Kind::patch;
  edit.edits = parse_unified_diff("@@ -0,0 +1,2 @@\n+a\n+b\n");
  EXPECT_EQ(value(apply_edit(edit, "")), "a\nb\n");
  edit.edits = parse_unified_diff("@@ -2,0 +3 @@\n+c\n");
  EXPECT_EQ(value(apply_edit(edit, "a\nb\nd\n")), "a\nb\nc\nd\n");
  EXPECT_EQ(value(apply_edit(edit, "a\n")), kNo);
}

std::string patched(std::string_view before, std::string_view hunks) {
  Patch patch =
      parse_patch("*** Begin Patch\n*** Update File: f\n" + std::string(hunks) + "\n*** End Patch");
  if (!patch.complete) return "(malformed)";
  EXPECT_EQ(patch.files.size(), 1u);
  return value(apply_edit(patch.files[0], before));
}

TEST(Patch, FindsHunksInOrder) {
  EXPECT_EQ(patched("a\nb\nc\nd\n", "@@\n a\n-b\n+B\n@@\n-d\n+D"), "a\nB\nc\nD\n");
  EXPECT_EQ(patched("a\nb\nc\nd\n", "@@\n-c\n+C\n@@\n-a\n+A"), kNo);
  EXPECT_EQ(patched("x\na\nx\na\n", "@@ x\n-a\n+b"), "x\nb\nx\na\n");
  EXPECT_EQ(patched("x\na\ny\na\n", "@@ y\n-a\n+b"), "x\na\ny\nb\n");
  EXPECT_EQ(patched("x\na\n", "@@ z\n-a\n+b"), kNo);
}

TEST(Patch, MatchesLooselyAndKeepsTheFilesContext) {
  EXPECT_EQ(patched("a  \nb\n", "@@\n a\n-b\n+B"), "a  \nB\n");
  EXPECT_EQ(patched("  a\nb\n", "@@\n a\n-b\n+B"), "  a\nB\n");
  EXPECT_EQ(patched("say “hi” – now\nb\n", "@@\n say \"hi\" - now\n-b\n+B"), "say “hi” – now\nB\n");
  EXPECT_EQ(patched("p\na  \nq\n", "@@\n p\n-a\n+a\n q"), "p\na\nq\n");
}

TEST(Patch, EndsOfFiles) {
  EXPECT_EQ(patched("a\nb", "@@\n-a"), "b\n");
  EXPECT_EQ(patched("a\nb\nb\n", "@@\n-b\n+B\n*** End of File"), "a\nb\nB\n");
  EXPECT_EQ(patched("a\nb\n", "@@ b\n b\n+c\n*** End of File"), kNo);
  EXPECT_EQ(patched("a\nb\n", "@@\n+c"), "a\nb\nc\n");
  EXPECT_EQ(patched("", "@@\n+c"), "c\n");
  EXPECT_EQ(patched("x\na\n", "@@\n a\n+z\n "), "x\na\nz\n");
  EXPECT_EQ(patched("x\na\n", "@@\n a\n \n+z"), "x\na\n\nz\n");
  EXPECT_EQ(patched("", "@@\n-\n+c"), "c\n");
}

TEST(Patch, LineEnds) {
  EXPECT_EQ(patched("a\r\nb\r\nc", "@@\n a\n-b\n+B"), "a\r\nB\r\nc\r\n");
  EXPECT_EQ(patched("a\nb\r\nc\n", "@@\n-c\n+C\n+D"), "a\nb\r\nC\nD\n");
  EXPECT_EQ(patched("a\rb\n", "@@\n-b\n+B"), "a\rB\r");
}

TEST(Patch, MalformedText) {
  EXPECT_EQ(patched("a\n", "@@"), "(malformed)");
  EXPECT_EQ(patched("a\n", "@@\n@@\n-a"), "(malformed)");
  EXPECT_EQ(patched("a\n", "@@\n-a\n*** End of File\n b"), "(malformed)");
  EXPECT_EQ(patched("a\n", "no mark"), "(malformed)");
  EXPECT_FALSE(parse_patch("").complete);
  EXPECT_FALSE(parse_patch("*** Begin Patch\n*** Add File: a\n+x").complete);
  EXPECT_TRUE(
      parse_patch("<<'EOF'\n*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\nEOF\n").complete);
  EXPECT_EQ(parse_patch("  *** Begin Patch  \r\n *** Add File: a b \r\n+x\r\n*** End Patch")
                .files[0]
                .path,
            "a b");
}

TEST(Patch, StopsWhenMatchingTakesTooLong) {
  std::string before;
  for (int i = 0; i < 1'000'000; ++i) before += "same\n";
  Patch patch =
      parse_patch("*** Begin Patch\n*** Update File: f\n@@\n same\n-other\n*** End Patch");
  ASSERT_TRUE(patch.complete);
  auto result = apply_edit(patch.files[0], before);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::limit);
}

// Whenever an edit can be taken back, what comes out is what was there.
TEST(Revert, GivesTheOriginalOrNothing) {
  unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  auto below = [&](unsigned limit) { return random() % limit; };
  auto text = [&](unsigned length) {
    static constexpr std::string_view kParts[] = {"a", "b", "ab", "\n", "\n\n", " ", "\r\n"};
    bool crlf = below(4) == 0;
    std::string out;
    for (unsigned i = below(length + 1); i > 0; --i) {
      std::string_view part = kParts[below(crlf ? 7 : 6)];
      out += crlf && part == "\n" ? "\r\n" : part;
    }
    return out;
  };
  int certain = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string before = text(12);
    FileEdit edit;
    std::string now = before;
    for (unsigned i = 0; i <= below(2); ++i) {
      size_t from = below(static_cast<unsigned>(now.size() + 1));
      std::string old_text = now.substr(from, 1 + below(4));
      edit.edits.push_back(replacing(old_text, text(4), below(3) == 0).edits[0]);
    }
    auto after = apply_edit(edit, before);
    if (!after) continue;
    auto reverted = revert_edit(edit, *after);
    if (!reverted) continue;
    ++certain;
    std::string said;
    for (const TextEdit& part : edit.edits) {
      json::quote(said, part.old_text);
      json::quote(said, part.new_text);
      said += part.all ? " all\n" : "\n";
    }
    ASSERT_EQ(*reverted, before) << "after: " << *after << "\n" << said;
  }
  EXPECT_GT(certain, 500);
}

// --- Patches without line numbers ---

std::string before_patch(std::string_view after, std::string_view hunks) {
  Patch patch =
      parse_patch("*** Begin Patch\n*** Update File: f\n" + std::string(hunks) + "\n*** End Patch");
  return value(guess_before(patch.files.at(0), after));
}

TEST(GuessBefore, MoreLinesOrFewer) {
  EXPECT_EQ(before_patch("a\nB\nC\nd\n", "@@\n a\n-b\n+B\n+C\n d"), "a\nb\nd\n");
  EXPECT_EQ(before_patch("a\nB\nd\n", "@@\n a\n-b\n-c\n+B\n d"), "a\nb\nc\nd\n");
  EXPECT_EQ(before_patch("a\nd\n", "@@\n a\n-b\n d"), "a\nb\nd\n");
  EXPECT_EQ(before_patch("a\nb\n", "@@\n a\n+b"), "a\n");
}

TEST(GuessBefore, OnlyWhereOnePlaceFits) {
  EXPECT_EQ(before_patch("x\nB\nx\nB\n", "@@\n-b\n+B"), kNo);
  EXPECT_EQ(before_patch("x\nB\ny\nB\n", "@@\n y\n-b\n+B"), "x\nB\ny\nb\n");
  EXPECT_EQ(before_patch("x\ny\n", "@@\n-b"), kNo);      // nothing is left around it
  EXPECT_EQ(before_patch("b\nB\n", "@@\n-b\n+B"), kNo);  // would have been found above it
  EXPECT_EQ(before_patch("x\n", "@@\n-b\n+B"), kNo);
}

// Whatever a patch does to a random text: taken back it gives that text, or nothing.
TEST(GuessBefore, GivesTheOriginalOrNothing) {
  unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  auto below = [&](unsigned limit) { return random() % limit; };
  auto line = [&] { return std::string(1, static_cast<char>('a' + below(12))) + "\n"; };
  int told = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::string> lines;
    for (unsigned i = 1 + below(8); i > 0; --i) lines.push_back(line());
    size_t from = below(static_cast<unsigned>(lines.size()));
    size_t removed = below(3), context = below(3);
    removed = std::min(removed, lines.size() - from);
    std::string before, hunk = "@@\n";
    for (const std::string& each : lines) before += each;
    for (size_t i = from - std::min(from, context); i < from; ++i) hunk += " " + lines[i];
    for (size_t i = from; i < from + removed; ++i) hunk += "-" + lines[i];
    for (unsigned i = below(3); i > 0; --i) hunk += "+" + line();
    for (size_t i = from + removed; i < std::min(lines.size(), from + removed + context); ++i) {
      hunk += " " + lines[i];
    }
    hunk.pop_back();
    Patch patch = parse_patch("*** Begin Patch\n*** Update File: f\n" + hunk + "\n*** End Patch");
    if (patch.files.empty() || patch.files[0].edits.empty()) continue;
    auto after = apply_edit(patch.files[0], before);
    if (!after) continue;
    auto taken_back = guess_before(patch.files[0], *after);
    if (!taken_back) continue;
    ++told;
    ASSERT_EQ(*taken_back, before) << hunk << "\nafter:\n" << *after;
  }
  EXPECT_GT(told, 2'000);
}

// The same for unified diffs, made here from random changes.
TEST(Revert, GivesTheOriginalOfUnifiedDiffs) {
  unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  auto below = [&](unsigned limit) { return random() % limit; };
  for (int round = 0; round < 5'000; ++round) {
    std::string before, after, diff;
    size_t old_line = 1, new_line = 1;
    for (unsigned i = below(5); i > 0; --i) {
      for (unsigned k = below(3); k > 0; --k, ++old_line, ++new_line) {
        std::string same(1, static_cast<char>('a' + below(3)));
        before += same + "\n";
        after += same + "\n";
      }
      unsigned removed = below(3), added = below(3);
      if (removed + added == 0) continue;
      diff += "@@ -" + std::to_string(removed ? old_line : old_line - 1) + "," +
              std::to_string(removed) + " +" + std::to_string(added ? new_line : new_line - 1) +
              "," + std::to_string(added) + " @@\n";
      for (unsigned k = 0; k < removed; ++k, ++old_line) {
        std::string line(1, static_cast<char>('a' + below(3)));
        before += line + "\n";
        diff += "-" + line + "\n";
      }
      for (unsigned k = 0; k < added; ++k, ++new_line) {
        std::string line(1, static_cast<char>('a' + below(3)));
        after += line + "\n";
        diff += "+" + line + "\n";
      }
    }
    FileEdit edit;
    edit.kind = FileEdit::Kind::patch;
    edit.edits = parse_unified_diff(diff);
    ASSERT_EQ(value(apply_edit(edit, before)), after) << diff;
    ASSERT_EQ(value(revert_edit(edit, after)), before) << diff;
  }
}

}  // namespace
}  // namespace baton::agents
