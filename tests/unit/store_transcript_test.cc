#include "store/transcript.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "os/file.h"

namespace baton::store {
namespace {

struct Scratch {
  Scratch() {
    char name[] = "/tmp/baton-test-XXXXXX";
    path = mkdtemp(name);
  }
  ~Scratch() { (void)os::remove_tree(path); }
  std::string path;

  void append(std::string_view lines) {
    auto writer = TranscriptWriter::open(path);
    ASSERT_TRUE(writer);
    TranscriptPosition after = writer->position();
    after.offset += lines.size();
    ASSERT_TRUE(writer->append(lines, after));
  }
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    EXPECT_TRUE(
        read_transcript(path, 0, [&](std::string_view line, uint64_t) { all.emplace_back(line); }));
    return all;
  }
};

TEST(Transcript, GoesOnWhereItStopped) {
  Scratch scratch;
  scratch.append("{\"g\":0,\"at\":0,\"l\":1}\n");
  scratch.append("{\"g\":0,\"at\":9,\"l\":2}\n");
  EXPECT_EQ(scratch.lines().size(), 2u);
}

TEST(Transcript, ALostPositionLosesNoLine) {
  for (const char* damage : {"", "{\"offset\":"}) {
    Scratch scratch;
    scratch.append("{\"g\":0,\"at\":0,\"l\":1}\n");
    scratch.append("{\"g\":2,\"at\":9,\"l\":2}\n");
    std::string position = os::join(scratch.path, "transcript.pos");
    if (*damage) {
      ASSERT_TRUE(os::replace_file(position, damage));
    } else {
      ASSERT_TRUE(os::remove_file(position));
    }
    auto writer = TranscriptWriter::open(scratch.path);
    ASSERT_TRUE(writer);
    EXPECT_EQ(writer->position().offset, 0u);
    EXPECT_EQ(writer->position().generation, 3);
    EXPECT_EQ(scratch.lines().size(), 2u);
  }
}

}  // namespace
}  // namespace baton::store
