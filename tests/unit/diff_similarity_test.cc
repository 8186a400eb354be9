#include "diff/similarity.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "diff_random.h"
#include "git_scratch.h"

namespace baton::diff {
namespace {

TEST(Similarity, Ends) {
  EXPECT_EQ(similarity("", ""), 100);
  EXPECT_EQ(similarity("a\n", "a\n"), 100);
  EXPECT_EQ(similarity("", "a\n"), 0);
  EXPECT_EQ(similarity("a\n", "b\n"), 0);
  EXPECT_EQ(similarity("a\nb\nc\nd\n", "a\nb\nc\nx\n"), 75);
  EXPECT_EQ(similarity("a\r\nb\r\n", "a\nb\n"), 66);
  const std::string line(6400, 'x');
  EXPECT_EQ(similarity(line, line.substr(0, 3200) + std::string(3200, 'y')), 50);
}

// The figure that git prints for a renamed and edited file.
TEST(Similarity, IsGits) {
  git::Scratch scratch;
  scratch.git("", {"init", "-q", "r"});
  std::vector<std::pair<std::string, std::string>> files;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    RandomText random(seed);
    auto lines = random.program(40 + random.below(60));
    // A name of its own in most lines, so that no other file is nearer.
    for (size_t i = 0; i < lines.size(); i += 2) lines[i] += " // file " + std::to_string(seed);
    files.emplace_back(RandomText::join(lines),
                       RandomText::join(random.edited(lines, 1 + random.below(8))));
    scratch.write("r/old/" + std::to_string(seed), files.back().first);
  }
  scratch.git("r", {"add", "-A"});
  scratch.git("r", {"commit", "-q", "-m", "before"});
  scratch.git("r", {"mv", "old", "new"});
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    scratch.write("r/new/" + std::to_string(seed), files[seed - 1].second);
  }
  scratch.git("r", {"add", "-A"});
  std::string status = scratch.git("r", {"diff", "--cached", "-M30", "--name-status"});
  size_t seen = 0;
  for (std::string_view line : split(status, '\n')) {
    auto words = split(line, '\t');
    ASSERT_EQ(words.size(), 3u) << line;
    ASSERT_EQ(words[1].substr(4), words[2].substr(4));
    auto number = static_cast<size_t>(*parse_int(words[2].substr(4)));
    EXPECT_EQ(parse_int(words[0].substr(1)),
              similarity(files[number - 1].first, files[number - 1].second));
    ++seen;
  }
  EXPECT_EQ(seen, 40u);
}

}  // namespace
}  // namespace baton::diff
