#include "handoff/assumptions.h"

#include <gtest/gtest.h>

namespace baton::handoff {
namespace {

TEST(Assumptions, AreReadOutOfTheSpeakersOwnWords) {
  for (std::string_view sentence : {
           "I assume the port is free.",
           "I'm assuming you want the old behaviour for empty input.",
           "I\u2019m assuming that the tests run on Linux.",
           "I am simply assuming a single writer.",
           "So I will assume UTF-8.",
           "We assume that `id` is unique.",
           "I've assumed the column is never null.",
           "I assumed every caller holds the lock.",
           "I have therefore assumed 64-bit integers.",
           "Since the docs do not say, I presume it is in seconds.",
           "Assuming the config is loaded first, the fix is safe.",
           "Assuming that you use bash, the script needs no change.",
           "My assumption is that nobody calls it from outside.",
           "Assumption: the database is reachable.",
           "Assumptions: one writer, many readers.",
           "This works on the assumption that the clock is monotonic.",
           "I wrote it under the assumption that names are short.",
       }) {
    EXPECT_TRUE(is_assumption(sentence)) << sentence;
  }
}

TEST(Assumptions, AreNotReadOutOfAnythingElse) {
  for (std::string_view sentence : {
           "",
           "The code assumes a single writer.",
           "Never assume that the file is there.",
           "I don't assume anything about the order.",
           "I won't assume that.",
           "I can't assume the port is free.",
           "If I assume it is not, nothing works.",
           "Should I assume the port is free?",
           "Can I assume UTF-8?",
           "I initially assumed the file was CSV.",
           "I assumed the file was CSV, but that was wrong.",
           "I wrongly assumed one writer.",
           "I assumed a typo, but it turned out to be intended.",
           "The assumption that names are short was dropped.",
           "Assuming it works, I'll push tomorrow.",
           "Assuming tests pass, this is ready.",
           "Assuming all goes well.",
           "What I assumed is no longer true.",
           "You assumed that the port is free.",
           "I removed the assumption of one writer.",
           "Please tell me if we assume too much.",
           "The function `assume_role` is unchanged.",
           "I renamed `assume` to `suppose`.",
       }) {
    EXPECT_FALSE(is_assumption(sentence)) << sentence;
  }
}

}  // namespace
}  // namespace baton::handoff
