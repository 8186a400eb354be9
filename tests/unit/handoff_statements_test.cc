// What sentences state, against a set that was labelled before there were rules.

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "handoff/sentences.h"
#include "handoff/statements.h"
#include "os/file.h"

namespace baton::handoff {
namespace {

std::string label_of(const Statement& statement) {
  std::string label(to_string(statement.kind));
  if (!statement.path.empty()) label += ":" + statement.path;
  return label;
}

struct Score {
  int sentences = 0, stating = 0, recognised = 0, wrong = 0, found = 0;
};

Score score(const std::string& name) {
  auto text = os::read_file(std::string(BATON_TESTS_DIR) + "/data/" + name);
  EXPECT_TRUE(text);
  if (!text) return {};
  int sentences = 0, stating = 0, recognised = 0, wrong = 0, found = 0;
  for (std::string_view line : split(*text, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    size_t tab = line.find('\t');
    std::string label(line.substr(0, tab));
    std::string_view sentence = line.substr(tab + 1);
    ++sentences;
    stating += label != "none";
    auto statements = statements_of(sentence);
    bool right = false;
    for (const auto& statement : statements) {
      ++recognised;
      if (label_of(statement) == label) {
        right = true;
      } else {
        ++wrong;
        std::printf("wrong: %s, is %s: %s\n", label_of(statement).c_str(), label.c_str(),
                    std::string(sentence).c_str());
      }
    }
    found += right;
    if (!right && label != "none" && statements.empty()) {
      std::printf("missed %s: %s\n", label.c_str(), std::string(sentence).c_str());
    }
  }
  std::printf("%d sentences, %d of %d stating ones found, %d of %d readings wrong\n", sentences,
              found, stating, wrong, recognised);
  return {sentences, stating, recognised, wrong, found};
}

TEST(Statements, AreReadAsTheyWereLabelled) {
  Score made = score("last_messages.tsv");
  EXPECT_GE(made.sentences, 200);
  EXPECT_GE(made.recognised - made.wrong, 0.98 * made.recognised);
  EXPECT_GE(made.found, 0.9 * made.stating);
}

TEST(Statements, HoldForSentencesThatTheRulesNeverSaw) {
  Score third = score("last_messages_third.tsv");
  EXPECT_GE(third.recognised - third.wrong, 0.98 * third.recognised);
  Score made = score("last_messages_unseen.tsv");
  EXPECT_GE(made.recognised - made.wrong, 0.98 * made.recognised);
  EXPECT_GE(made.found, 0.6 * made.stating);
}

TEST(Statements, NameCountsAndWhatTheyAreAbout) {
  auto one = statements_of("All 12 tests pass.");
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].count, 12);
  EXPECT_TRUE(one[0].all);
  auto named = statements_of("`tests/retry_test.sh` passes now.");
  ASSERT_EQ(named.size(), 1u);
  EXPECT_EQ(named[0].of, std::vector<std::string>{"tests/retry_test.sh"});
  auto two = statements_of("I updated `a.c` and `b.c`.");
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[1].path, "b.c");
  auto both = statements_of("I fixed `a.c` and updated `docs/b.md`.");
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(label_of(both[1]), "file-changed:docs/b.md");
  auto mixed = statements_of("I changed `a.c` and `b.c`, and also deleted `c.c`.");
  ASSERT_EQ(mixed.size(), 3u);
  EXPECT_EQ(label_of(mixed[2]), "file-deleted:c.c");
  EXPECT_EQ(statements_of("I updated `a.c` and ran `b.sh`.").size(), 1u);
}

TEST(Statements, MessagesAreCutIntoSentences) {
  EXPECT_EQ(sentences_of("Done. All `a.b c` pass!\n\n- one\n```\nAll tests pass.\n```\n2. two"),
            (std::vector<std::string>{"Done.", "All `a.b c` pass!", "one", "two"}));
  EXPECT_TRUE(sentences_of("").empty());
}

}  // namespace
}  // namespace baton::handoff
