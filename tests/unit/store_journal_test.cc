#include "store/journal.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "os/file.h"

namespace baton::store {
namespace {

struct Scratch {
  Scratch() {
    char name[] = "/tmp/baton-test-XXXXXX";
    path = mkdtemp(name);
    store = *create_store(path + "/baton", HashKind::sha1);
  }
  ~Scratch() { (void)os::remove_tree(path); }
  std::string path;
  Store store;

  std::string journal() const { return store.sessions_dir() + "/codex/s1/events.jsonl"; }
  void add(std::string_view payload, bool durable = false) {
    auto writer = JournalWriter::open(store, "codex", "s1", 0);
    ASSERT_TRUE(writer) << writer.error().message;
    std::string header = "{\"n\":" + std::to_string(writer->next_number()) +
                         ",\"t\":\"2026-01-01T00:00:00.000000Z\"}";
    ASSERT_TRUE(writer->append(header, payload));
    if (durable) {
      ASSERT_TRUE(writer->flush());
    }
  }
  // Payloads of all lines; verifies the chain.
  std::vector<std::string> lines() const {
    std::vector<std::string> payloads;
    std::string chain;
    auto end =
        read_journal(store.sessions_dir() + "/codex/s1", 0, [&](std::string_view line, uint64_t) {
          auto parts = split_journal_line(line);
          EXPECT_TRUE(parts);
          EXPECT_TRUE(verify_journal_line(*parts, chain));
          chain = parts->chain;
          payloads.emplace_back(parts->payload);
          return true;
        });
    EXPECT_TRUE(end);
    return payloads;
  }
};

TEST(Journal, LinesChain) {
  Scratch scratch;
  scratch.add("{\"a\":1}");
  scratch.add("[\"}{\\\"\"]", true);
  scratch.add("{\"a\":{}}");
  EXPECT_EQ(scratch.lines(), (std::vector<std::string>{"{\"a\":1}", "[\"}{\\\"\"]", "{\"a\":{}}"}));
}

TEST(Journal, TornTailsAreCutAndNoted) {
  for (std::string tail :
       {std::string("{\"h\":\"0123"), std::string(5000, '\0'), std::string("x")}) {
    Scratch scratch;
    scratch.add("1");
    scratch.add("2");
    {
      auto file = os::open_file(scratch.journal(), os::Open::append_create);
      ASSERT_TRUE(os::append(*file, tail));
    }
    {
      auto writer = JournalWriter::open(scratch.store, "codex", "s1", 0);
      ASSERT_TRUE(writer);
      EXPECT_EQ(writer->repaired(), tail.size());
      EXPECT_EQ(writer->next_number(), 2);
    }
    scratch.add("3");
    EXPECT_EQ(scratch.lines(), (std::vector<std::string>{"1", "2", "3"}));
  }
}

TEST(Journal, LongLinesAndLongTails) {
  Scratch scratch;
  std::string big = "\"" + std::string(300'000, 'x') + "\"";
  scratch.add(big);
  scratch.add(big);
  {
    auto file = os::open_file(scratch.journal(), os::Open::append_create);
    ASSERT_TRUE(os::append(*file, std::string(200'000, 'y')));
  }
  scratch.add("3");
  EXPECT_EQ(scratch.lines(), (std::vector<std::string>{big, big, "3"}));
}

TEST(Journal, LostLinesAreNoticedAndTheirNumbersNotUsedAgain) {
  Scratch scratch;
  scratch.add("1");
  std::string kept = *os::read_file(scratch.journal());
  scratch.add("2");
  scratch.add("3", true);
  ASSERT_TRUE(os::replace_file(scratch.journal(), kept));
  {
    auto writer = JournalWriter::open(scratch.store, "codex", "s1", 0);
    ASSERT_TRUE(writer);
    EXPECT_EQ(writer->lost_lines(), 2);
    EXPECT_EQ(writer->next_number(), 3);
  }
  scratch.add("4");
  EXPECT_EQ(scratch.lines(), (std::vector<std::string>{"1", "4"}));
  EXPECT_EQ(JournalWriter::open(scratch.store, "codex", "s1", 0)->lost_lines(), 0);
}

TEST(Journal, NoticesARepetition) {
  Scratch scratch;
  scratch.add("{\"a\":1}");
  auto writer = JournalWriter::open(scratch.store, "codex", "s1", 0);
  EXPECT_TRUE(writer->repeats_last("{\"a\":1}"));
  EXPECT_FALSE(writer->repeats_last("{\"a\":2}"));
}

TEST(Journal, AFlippedByteBreaksTheChain) {
  Scratch scratch;
  scratch.add("{\"a\":1}");
  std::string text = *os::read_file(scratch.journal());
  text.pop_back();
  for (size_t i = 0; i < text.size(); ++i) {
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    auto parts = split_journal_line(flipped);
    EXPECT_FALSE(parts && verify_journal_line(*parts, "")) << "byte " << i;
  }
}

TEST(Journal, StrangeSessionIdsStayInside) {
  for (std::string id : {std::string("../../x"), std::string("a/b:c\nd"), std::string(5000, 'a'),
                         std::string("."), std::string("")}) {
    std::string name = session_directory_name(id);
    EXPECT_EQ(name.find('/'), std::string::npos);
    EXPECT_LE(name.size(), 80u);
    EXPECT_NE(name[0], '.');
  }
  EXPECT_EQ(session_directory_name("01a2-b_c.d"), "01a2-b_c.d");
}

TEST(Journal, PathsThatAreNotTextComeBack) {
  for (std::string path : {std::string("a/b"), std::string("a\xff\xfe/b"), std::string("é")}) {
    EXPECT_EQ(path_from_text(path_to_text(path)), path);
  }
}

}  // namespace
}  // namespace baton::store
