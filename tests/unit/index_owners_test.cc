#include "index_support.h"

namespace baton::index::testing {
namespace {

using model::Evidence;
using model::Owner;
using model::OwnerKind;

class OwnersTest : public IndexTest {
 protected:
  // The owner of the newest version of the path.
  Owner owner(Index& index, const std::string& path, const std::string& worktree = "wt1") {
    auto list = value_of(versions(index, path, worktree));
    if (list.empty()) {
      ADD_FAILURE() << "no version of " << path;
      return {};
    }
    return list.back().change.owner;
  }
  static std::string told(const Owner& owner) {
    std::string text(model::to_string(owner.kind));
    if (owner.evidence != Evidence::none)
      text += " " + std::string(model::to_string(owner.evidence));
    text += ": " + owner.rule;
    return text;
  }
  static std::vector<int> numbers(const std::vector<model::StepRef>& refs) {
    std::vector<int> list;
    for (const auto& ref : refs) list.push_back(ref.step);
    return list;
  }
  // A session that has begun, with a complete look at everything.
  void begin(const std::string& session, double t, const std::string& base = {}) {
    event(session, t, R"({"m":"session_start","source":"startup"})",
          {.looks = {{.base = base}}, .head = base});
  }
  static Header looked(std::vector<Tr> transitions, double began = -1, bool complete = true) {
    return {
        .looks = {{.transitions = std::move(transitions), .complete = complete, .began = began}}};
  }
};

TEST_F(OwnersTest, AToolsResultIsItsOwn) {
  begin("s1", 0);
  prompt("s1", 1, "edit", looked({}));
  edit_before("s1", 2, "c1", "/repo/a");
  edit_after(
      "s1", 3, "c1", "/repo/a",
      {.looks = {{.transitions = {{1, "a", "", "mine", 2.9, "tool", "c1"}}, .whole = false}}});
  Index index = open();
  Owner one = owner(index, "a");
  EXPECT_EQ(told(one), "step exact: tool result");
  EXPECT_EQ(one.step.step, 1);
}

TEST_F(OwnersTest, ChangesBetweenTurnsAreOutside) {
  begin("s1", 0);
  prompt("s1", 1, "one", looked({}));
  turn_end("s1", 2, "", looked({}));
  prompt("s1", 60, "two", looked({{1, "a", "old", "new", 30}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "outside: no agent ran");
}

TEST_F(OwnersTest, WhatACommandChangedIsItsOwn) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "sed -i s/a/b/ a", looked({}));
  shell_after("s1", 4, "c1", "sed -i s/a/b/ a",
              looked({{1, "a", "old", "new", 3}, {2, "b", "x", ""}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "step during: one command ran");
  EXPECT_EQ(told(owner(index, "b")),
            "step during: one command ran");  // deleted: no time of its own
}

TEST_F(OwnersTest, QuickCommandsOneAfterAnotherAreToldApart) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  double t = 2;
  for (int i = 0; i < 4; ++i) {
    std::string id = "c" + std::to_string(i);
    shell_before("s1", t, id, "x", looked({}, t));
    // The stamp lags up to a tick behind the write.
    shell_after("s1", t + 0.006, id, "x",
                looked({{i + 1, "f" + std::to_string(i), "", "new", t - 0.004}}, t + 0.005));
    t += 0.008;
  }
  Index index = open();
  for (int i = 0; i < 4; ++i) {
    Owner one = owner(index, "f" + std::to_string(i));
    EXPECT_EQ(told(one), "step during: one command ran") << i;
    EXPECT_EQ(one.step.step, i + 1);
  }
}

TEST_F(OwnersTest, APersonsSaveDuringApprovalIsNotTheCommands) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "make", looked({}));
  // It waited for 58 seconds; the person saved at 20, it ran for 1 second.
  shell_after("s1", 61, "c1", "make",
              looked({{1, "a", "old", "person", 20}, {2, "b", "", "made", 60.5}}),
              R"({"kind":"ok","exit":0,"ms":1000})");
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "outside: no agent ran");
  EXPECT_EQ(told(owner(index, "b")), "step during: one command ran");
}

// A person takes a file away between two commands of two agents, which tells no time of its own.
// Looks tell by the number of the next transition which of them was settled first, and without it
// by the time at which they were noted, if the other one began later.
TEST_F(OwnersTest, ADeletionBetweenQuickCommandsIsNoCommands) {
  struct Case {
    int next;      // of the look behind the first command
    double noted;  // when it was over
    const char* expected;
  };
  for (const Case& each :
       {Case{1, 5.65, "outside: no agent ran"}, Case{2, 5.65, "unknown: after a gap"},
        Case{0, 5.65, "unknown: after a gap"}, Case{0, 5.25, "outside: no agent ran"}}) {
    std::string path = "a" + std::to_string(each.next);
    SetUp();
    begin("s1", 0);
    begin("s2", 0.1);
    prompt("s1", 1, "go", looked({}));
    prompt("s2", 1.1, "go", looked({}));
    shell_before("s1", 5, "a1", "make", {.looks = {{.next = 1}}});
    shell_after("s1", each.noted, "a1", "make", {.looks = {{.began = 5.21, .next = each.next}}});
    shell_before("s2", 5.6, "b1", "make",
                 {.looks = {{.transitions = {{1, path, "old", ""}}, .next = 2}}});
    shell_after("s2", 5.8, "b1", "make", {.looks = {{.next = 2}}});
    Index index = open();
    EXPECT_EQ(told(owner(index, path)), each.expected) << each.next;
  }
}

TEST_F(OwnersTest, ADeletionThatAnotherSessionsLookSawWhileTheCommandRanIsTheCommands) {
  begin("s1", 0);
  begin("s2", 0.1);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 5, "a1", "make", looked({}));
  prompt("s2", 5.6, "go", looked({{1, "a", "old", ""}}));
  shell_after("s1", 6, "a1", "make", looked({}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "step during: one command ran");
}

// The look behind a command was cut by its budget; the next one saw the rest of what it had done.
TEST_F(OwnersTest, TheStateAfterACommandHoldsWhatALaterLookSaw) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "make", looked({}));
  shell_after("s1", 4, "c1", "make", looked({{1, "a", "", "made", 2.5}}, 3, false));
  turn_end("s1", 9, "",
           looked({{2, "b", "", "made too", 2.6},
                   {3, "c", "", "a person's", 7},
                   {4, "d", "", "more", 2.7}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "b")), "step during: one command ran");
  auto address = resolve(index, "@", false);
  ASSERT_TRUE(address);
  auto span = baton::index::span(index, *address);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->before.q, 0);
  EXPECT_EQ(span->after.q, 2) << "c was not there yet";
}

TEST_F(OwnersTest, ARefusedCommandChangedNothing) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "make", looked({}));
  event("s1", 30, calls("tool_batch", shell_call("c1", "make", R"({"kind":"refused"})")));
  turn_end("s1", 31, "", looked({{1, "a", "old", "person", 20}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "outside: no agent ran");
}

TEST_F(OwnersTest, AClaimBeatsTheLookThatSawItFirst) {
  begin("s1", 0);
  begin("s2", 0.1);
  prompt("s1", 1, "go", looked({}));
  prompt("s2", 1.1, "go", looked({}));
  shell_before("s1", 2, "a1", "make", looked({}));
  edit_before("s2", 3, "b1", "/repo/f");
  // s1's command ends and its look sees what s2's tool has just written.
  shell_after("s1", 4, "a1", "make",
              looked({{1, "f", "old", "edited", 3.5}, {2, "g", "", "made", 3}}));
  edit_after("s2", 4.2, "b1", "/repo/f",
             {.looks = {{.transitions = {{3, "f", "edited", "edited", 3.5, "tool", "b1"}},
                         .whole = false}}});
  Index index = open();
  Owner f = owner(index, "f");
  EXPECT_EQ(told(f), "step exact: claimed result");
  EXPECT_EQ(f.step.agent, "one");
  EXPECT_EQ(f.step.session_key, key_of(index, "s2"));
  EXPECT_EQ(told(owner(index, "g")), "step during: one command ran");
  EXPECT_EQ(value_of(versions(index, "f", "wt1")).size(), 1u);
}

TEST_F(OwnersTest, AHalfWrittenFileSeenBeforeAnEditIsTheCommands) {
  begin("s1", 0);
  begin("s2", 0.1);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "a1", "generate", looked({}));
  // s2's look before its edit sees what s1's command is writing.
  edit_before("s2", 3, "b1", "/repo/f",
              {.looks = {{.transitions = {{1, "f", "old", "half", 2.9}}, .whole = false}}});
  edit_after("s2", 3.5, "b1", "/repo/f",
             {.looks = {{.transitions = {{2, "f", "half", "edited", 3.4, "tool", "b1"}},
                         .whole = false}}});
  shell_after("s1", 5, "a1", "generate", looked({}));
  Index index = open();
  auto list = value_of(versions(index, "f", "wt1"));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(told(list[0].change.owner), "step during: one command ran");
  EXPECT_EQ(list[0].change.owner.step.session_key, key_of(index, "s1"));
  EXPECT_EQ(told(list[1].change.owner), "step exact: tool result");
}

TEST_F(OwnersTest, WhatAToolFoundIsThePersons) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  edit_before("s1", 2, "c1", "/repo/a");
  edit_after("s1", 30, "c1", "/repo/a",
             {.looks = {{.transitions = {{1, "a", "old", "person", 29.9, "pre", "c1"},
                                         {2, "a", "person", "edited", 29.9, "tool", "c1"}},
                         .whole = false}}});
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(told(list[0].change.owner), "outside: found by a tool");
  EXPECT_EQ(told(list[1].change.owner), "step exact: tool result");
}

TEST_F(OwnersTest, WhatAFormatterMadeOfAResultIsNotTheTools) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  edit_before("s1", 2, "c1", "/repo/a");
  edit_after("s1", 3, "c1", "/repo/a",
             {.looks = {{.transitions = {{1, "a", "old", "edited", 2.9, "tool", "c1"},
                                         {2, "a", "edited", "formatted", 2.95, "post", "c1"}},
                         .whole = false}}});
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(told(list[1].change.owner), "outside: right after a tool");
  EXPECT_EQ(numbers(list[1].change.owner.candidates), std::vector<int>{1});  // named
}

TEST_F(OwnersTest, SeveralCommandsAtOnceAreAllNamed) {
  begin("s1", 0);
  begin("s2", 0.1);
  prompt("s1", 1, "go", looked({}));
  prompt("s2", 1.1, "go", looked({}));
  shell_before("s1", 2, "a1", "make one", looked({}));
  shell_before("s2", 3, "b1", "make two", looked({}));
  shell_after("s1", 6, "a1", "make one",
              looked({{1, "first", "", "x", 2.5}, {2, "both", "", "y", 4}}));
  shell_after("s2", 8, "b1", "make two", looked({{3, "last", "", "z", 7}}));
  Index index = open();
  Owner first = owner(index, "first"), both = owner(index, "both"), last = owner(index, "last");
  EXPECT_EQ(told(first), "step during: one command ran");  // the time tells them apart
  EXPECT_EQ(first.step.session_key, key_of(index, "s1"));
  EXPECT_EQ(told(both), "step contested: several ran");
  EXPECT_EQ(both.candidates.size(), 2u);
  EXPECT_TRUE(both.step.empty());
  EXPECT_EQ(told(last), "step during: one command ran");
  EXPECT_EQ(last.step.session_key, key_of(index, "s2"));
}

TEST_F(OwnersTest, BehindACutLookNothingIsGuessed) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 20, "c1", "make", looked({}, -1, false));  // cut by its budget
  shell_after("s1", 30, "c1", "make", looked({{1, "old", "a", "b", 10}, {2, "new", "", "c", 25}}));
  shell_before("s1", 40, "c2", "make", looked({}));
  shell_after("s1", 50, "c2", "make", looked({{3, "next", "", "d", 45}}));
  Index index = open();
  Owner old = owner(index, "old");
  EXPECT_EQ(old.kind, OwnerKind::outside) << told(old);  // before the cut look, behind a whole one
  Owner made = owner(index, "new");
  EXPECT_EQ(told(made), "unknown: after a gap");
  EXPECT_EQ(numbers(made.candidates), std::vector<int>{1});
  EXPECT_EQ(told(owner(index, "next")), "step during: one command ran");
  EXPECT_EQ(value_of(gaps(index)).size(), 1u);
}

TEST_F(OwnersTest, AFirstLookThatWasCutKnowsNothing) {
  event("s1", 0, R"({"m":"session_start","source":"startup"})", looked({}, -1, false));
  prompt("s1", 1, "go", looked({{1, "a", "", "x"}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "unknown: after a gap");
}

TEST_F(OwnersTest, AKilledAgentsEditIsSuspected) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  edit_before("s1", 2, "c1", "/repo/a");
  // Nothing more of s1. The next session's first look:
  event("s2", 600, R"({"m":"session_start","source":"startup"})",
        looked({{1, "a", "old", "edited", 2.5}, {2, "b", "", "person", 300}}));
  Index index = open();
  Owner a = owner(index, "a");
  EXPECT_EQ(told(a), "unknown: a call was never answered");
  EXPECT_EQ(numbers(a.candidates), std::vector<int>{1});
  EXPECT_EQ(told(owner(index, "b")), "outside: no agent ran");
}

TEST_F(OwnersTest, AnUnansweredCommandIsSuspectedUntilSomethingEndsIt) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "slow", looked({}));
  begin("s2", 10);
  prompt("s2", 11, "x", looked({{1, "a", "old", "new", 10.5}}));
  {
    Index index = open();
    EXPECT_EQ(told(owner(index, "a")), "unknown: a call was never answered");
  }
  // The next prompt ends it, and nothing tells whether it had run: it may have waited for an
  // approval.
  prompt("s1", 20, "again", looked({{2, "b", "old", "new", 15}}));
  prompt("s1", 40, "more", looked({{3, "c", "old", "new", 30}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "unknown: a call was never answered");
  EXPECT_EQ(told(owner(index, "b")), "unknown: a call was never answered");
  EXPECT_EQ(numbers(owner(index, "b").candidates), std::vector<int>{1});
  EXPECT_EQ(told(owner(index, "c")), "outside: no agent ran");
}

TEST_F(OwnersTest, ABackgroundCommandIsNeverForgotten) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  event("s1", 2,
        calls("tool_before",
              R"({"id":"c1","name":"Bash","class":"shell","command":"watch","background":true})"),
        looked({}));
  event(
      "s1", 3,
      calls(
          "tool_after",
          R"({"id":"c1","name":"Bash","class":"shell","command":"watch","background":true,"out":{"kind":"background","bg":"b7"}})"),
      looked({{1, "at-once", "", "x", 2.5}}));
  shell_before("s1", 10, "c2", "ls", looked({{2, "within", "", "x", 5}}));
  shell_after("s1", 12, "c2", "ls", looked({{3, "beside", "", "x", 11}}));
  turn_end("s1", 20, "", looked({}));
  prompt("s1", 60, "more", looked({{4, "later", "", "x", 40}}));
  // The agent says that it ended.
  event("s1", 70,
        calls("tool_after", R"({"id":"c3","name":"Kill","out":{"kind":"ok","bg":"b7"}})"));
  turn_end("s1", 80, "", looked({}));
  prompt("s1", 100, "and", looked({{5, "after", "", "x", 90}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "at-once")), "step during: one command ran");
  EXPECT_EQ(told(owner(index, "within")), "step during: background command");
  EXPECT_EQ(told(owner(index, "beside")), "step contested: several ran");
  Owner later = owner(index, "later");
  EXPECT_EQ(told(later), "unknown: background command");
  EXPECT_EQ(numbers(later.candidates), std::vector<int>{1});
  EXPECT_EQ(told(owner(index, "after")), "outside: no agent ran");
}

TEST_F(OwnersTest, ACommandThatLeavesSomethingRunningIsABackgroundCommandToo) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "nohup ./serve > log 2>&1 &", looked({}));
  shell_after("s1", 3, "c1", "nohup ./serve > log 2>&1 &", looked({}));
  turn_end("s1", 4, "", looked({}));
  prompt("s1", 60, "more", looked({{1, "log", "", "x", 40}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "log")), "unknown: background command");
}

TEST_F(OwnersTest, AVersionCaughtInTheMiddleOfAWriteIsPassedOver) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  edit_before("s1", 2, "c1", "/repo/a");
  edit_after("s1", 3, "c1", "/repo/a",
             {.looks = {{.transitions = {{1, "a", "old", "edited", 2.9, "tool", "c1"},
                                         {2, "a", "edited", "empty", 2.99, "post", "c1", true}},
                         .whole = false}}});
  turn_end("s1", 4, "", looked({{3, "a", "empty", "formatted", 3.005}}));
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  ASSERT_EQ(list.size(), 3u);
  EXPECT_FALSE(list[0].change.skipped);
  EXPECT_TRUE(list[1].change.skipped);
  EXPECT_FALSE(list[2].change.skipped);
}

TEST_F(OwnersTest, AVersionThatStoodForAWhileCountsThoughItWasReadAtOnce) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "x", looked({}));
  shell_after("s1", 3, "c1", "x", looked({{1, "a", "old", "made", 2.99, "", "", true}}));
  prompt("s1", 9, "more", looked({{2, "a", "made", "person", 5.0}}));
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_FALSE(list[0].change.skipped);
  EXPECT_EQ(list[0].change.owner.kind, OwnerKind::step);
}

TEST_F(OwnersTest, AnUnsettledVersionThatWasSeenAgainCounts) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({{1, "a", "old", "person", 0.99, "", "", true}}));
  shell_before("s1", 2, "c1", "x", looked({}));  // it is still there
  shell_after("s1", 3, "c1", "x", looked({{2, "a", "person", "new", 2.5}}));
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_FALSE(list[0].change.skipped);
}

TEST_F(OwnersTest, AnUnsettledVersionIsNotGoneWhenOnlyTheModeChanges) {
  begin("s1", 0);
  prompt("s1", 1, "go");
  shell_before("s1", 2, "c1", "chmod +x a",
               looked({{1, "a", "old", "person", 1.99, "", "", true}}));
  shell_after("s1", 3, "c1", "chmod +x a",
              looked({{2, "a", "person", "person", 2.5, "", "", false, "100755"}}));
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_FALSE(list[0].change.skipped);
}

TEST_F(OwnersTest, TheSameTransitionTwiceInARowCountsOnce) {
  begin("s1", 0);
  prompt("s1", 1, "one", looked({{1, "a", "old", "new", 0.5}}));
  prompt("s1", 2, "two", looked({{2, "a", "old", "new", 0.5}}));  // the manifest was not written
  prompt("s1", 3, "three", looked({{3, "a", "new", "old", 2.5}}));
  prompt("s1", 4, "four", looked({{4, "a", "old", "new", 3.5}}));
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  EXPECT_EQ(list.size(), 3u);
}

// --- git ---

class GitOwnersTest : public OwnersTest {
 protected:
  void SetUp() override {
    OwnersTest::SetUp();
    git_ = std::make_unique<FakeGit>();
    commit('1', {{"a", "one"}, {"b", "one"}});
  }
  void commit(char name, const std::map<std::string, std::string>& files,
              const std::vector<std::string>& parents = {}, double t = 0) {
    FakeGit::Tree tree;
    for (const auto& [path, content] : files) tree.files[path] = content_id(content);
    tree.parents = parents;
    tree.committed = at(t) / kSecond;
    if (!parents.empty()) {
      const auto& before = git_->commits_[parents[0]].files;
      for (const auto& [path, id] : tree.files) {
        auto old = before.find(path);
        if (old == before.end()) {
          tree.changes.push_back({path, {}, id});
        } else if (!(old->second == id)) {
          tree.changes.push_back({path, old->second, id});
        }
      }
    }
    git_->commits_[commit_id(name)] = tree;
  }
  Header moved(std::vector<Tr> transitions, char from, char to, double t,
               const std::string& message, const std::string& op = {}) {
    Header header = looked(std::move(transitions));
    header.head = commit_id(to);
    header.op = op;
    header.reflog = {{commit_id(from), commit_id(to), t, message}};
    return header;
  }
};

TEST_F(GitOwnersTest, APersonsCheckoutIsGits) {
  commit('2', {{"a", "two"}, {"c", "two"}});
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "x", looked({}));
  prompt("s1", 60, "y",
         moved({{1, "a", "one", "two", 30},
                {2, "b", "one", ""},
                {3, "c", "", "two", 30},
                {4, "mine", "", "person", 40}},
               '1', '2', 30, "checkout: moving from main to topic"));
  Index index = open();
  for (const char* path : {"a", "b", "c"}) {
    Owner one = owner(index, path);
    EXPECT_EQ(told(one), "git: commit holds it") << path;
    EXPECT_EQ(one.commit, commit_id('2'));
  }
  EXPECT_EQ(told(owner(index, "mine")), "outside: no agent ran");
}

TEST_F(GitOwnersTest, ColleaguesLinesAreNotTheAgents) {
  commit('2', {{"a", "theirs"}, {"b", "one"}});
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "pull", looked({}));
  shell_before("s1", 2, "c1", "git pull && make", looked({}));
  shell_after("s1", 5, "c1", "git pull && make",
              moved({{1, "a", "one", "theirs", 3}, {2, "out", "", "made", 4}}, '1', '2', 3,
                    "pull: Fast-forward"));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "git: commit holds it");
  EXPECT_EQ(told(owner(index, "out")), "step during: one command ran");
}

// On a busy machine its end is heard late, so that by its duration it began after the change.
TEST_F(GitOwnersTest, ACommandHeardLateThatCommitsWhatItWroteIsNotGit) {
  commit('2', {{"a", "edited"}, {"b", "one"}}, {commit_id('1')}, 3);
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "commit", looked({}));
  shell_before("s1", 2, "c1", "sh gen.sh && git commit -am x", looked({}));
  shell_after("s1", 4.5, "c1", "sh gen.sh && git commit -am x",
              moved({{1, "a", "one", "edited", 2.5}}, '1', '2', 3, "commit: x"),
              R"({"kind":"ok","exit":0,"ms":1000})");
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "unknown: just before a command ran");
}

// A new branch at the same commit brings nothing; the look behind the command was cut, so that the
// change was met behind both.
TEST_F(GitOwnersTest, ACheckoutBetweenCommitsThatHoldTheSameBringsNothing) {
  commit('2', {{"a", "edited"}, {"b", "one"}}, {commit_id('1')}, 4);
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "sh gen.sh", looked({}));
  shell_after("s1", 3, "c1", "sh gen.sh", looked({}, 3, false));
  Header later = moved({{1, "a", "one", "edited", 2.5}}, '1', '2', 4, "commit: x");
  later.reflog.push_back(
      {commit_id('2'), commit_id('2'), 4, "checkout: moving from main to topic"});
  prompt("s1", 60, "on", later);
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "step during: one command ran");
}

// Commits were made one by a person and then squashed; the look behind the command was cut.
TEST_F(GitOwnersTest, AResetToACommitThatHeldItAlreadyBringsNothing) {
  commit('2', {{"a", "edited"}, {"b", "one"}}, {commit_id('1')}, 3);
  commit('3', {{"a", "edited"}, {"b", "more"}}, {commit_id('2')}, 5);
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "sh gen.sh", looked({}));
  shell_after("s1", 3, "c1", "sh gen.sh", looked({}, 3, false));
  Header later = moved({{1, "a", "one", "edited", 2.5}}, '1', '2', 3, "commit: x");
  later.reflog.push_back({commit_id('2'), commit_id('3'), 5, "commit: y"});
  later.reflog.push_back({commit_id('3'), commit_id('2'), 6, "reset: moving to HEAD~1"});
  prompt("s1", 60, "on", later);
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "step during: one command ran");
}

TEST_F(GitOwnersTest, ACommitLinksAndOwnsNothing) {
  commit('2', {{"a", "edited"}, {"b", "one"}}, {commit_id('1')}, 3);
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "commit", looked({}));
  shell_before("s1", 2, "c1", "sed -i s/one/edited/ a && git commit -am x", looked({}));
  shell_after("s1", 5, "c1", "sed -i s/one/edited/ a && git commit -am x",
              moved({{1, "a", "one", "edited", 2.5}}, '1', '2', 3, "commit: x"));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "step during: one command ran");
  auto one = value_of(step(index, key_of(index, "s1"), 1));
  EXPECT_EQ(one.commits, std::vector<std::string>{commit_id('2')});
  auto view = value_of(commit_prompts(index, commit_id('2')));
  EXPECT_EQ(view.made_by.step, 1);
  ASSERT_EQ(view.prompts.size(), 1u);
  EXPECT_EQ(view.prompts[0].turn.prompt, "commit");
  EXPECT_EQ(view.paths, std::vector<std::string>{"a"});
  EXPECT_TRUE(view.unexplained.empty());
}

TEST_F(GitOwnersTest, ThePromptsBehindACommitAreThoseBetweenItsParentAndItself) {
  begin("s1", 0, commit_id('1'));
  auto edit = [&](double t, int q, const std::string& path, const std::string& from,
                  const std::string& to) {
    std::string id = "c" + std::to_string(q);
    edit_before("s1", t, id, "/repo/" + path);
    edit_after(
        "s1", t + 1, id, "/repo/" + path,
        {.looks = {{.transitions = {{q, path, from, to, t + 0.9, "tool", id}}, .whole = false}}});
  };
  prompt("s1", 1, "older", looked({}));
  edit(2, 1, "a", "one", "two");
  turn_end("s1", 4, "", looked({}));
  commit('2', {{"a", "two"}, {"b", "one"}}, {commit_id('1')}, 5);
  prompt("s1", 10, "first", moved({}, '1', '2', 5, "commit: older"));
  edit(11, 2, "a", "two", "three");
  turn_end("s1", 13, "", looked({}));
  prompt("s1", 20, "second", looked({}));
  edit(21, 3, "a", "three", "four");
  edit(23, 4, "b", "one", "five");
  turn_end("s1", 25, "", looked({}));
  commit('3', {{"a", "four"}, {"b", "five"}, {"c", "unseen"}}, {commit_id('2')}, 30);
  Index index = open();
  auto view = value_of(commit_prompts(index, commit_id('3')));
  ASSERT_EQ(view.prompts.size(), 2u);
  EXPECT_EQ(view.prompts[0].turn.prompt, "first");
  EXPECT_EQ(view.prompts[0].paths, std::vector<std::string>{"a"});
  EXPECT_EQ(view.prompts[1].turn.prompt, "second");
  EXPECT_EQ(view.prompts[1].paths, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(view.prompts[1].evidence, Evidence::exact);
  EXPECT_EQ(view.unexplained, std::vector<std::string>{"c"});
  auto turns = value_of(log(index, {.commits = {commit_id('3')}}));
  EXPECT_EQ(turns.size(), 2u);
}

TEST_F(GitOwnersTest, AMergeInProgressIsGitsAndItsResolutionTheSteps) {
  commit('2', {{"a", "ours"}, {"b", "one"}}, {commit_id('1')});
  commit('3', {{"a", "theirs"}, {"b", "theirs"}}, {commit_id('1')});
  commit('4', {{"a", "resolved"}, {"b", "theirs"}}, {commit_id('2'), commit_id('3')});
  begin("s1", 0, commit_id('2'));
  prompt("s1", 1, "merge", looked({}));
  shell_before("s1", 2, "c1", "git merge topic", looked({}));
  Header conflict = looked({{1, "a", "ours", "<<<<<<< both", 3}, {2, "b", "one", "theirs", 3}});
  conflict.op = "merge";
  shell_after("s1", 4, "c1", "git merge topic", conflict, R"({"kind":"failed","exit":1})");
  edit_before("s1", 5, "c2", "/repo/a");
  Header resolved{
      .looks = {{.transitions = {{3, "a", "<<<<<<< both", "resolved", 5.9, "tool", "c2"}},
                 .whole = false}}};
  resolved.op = "merge";
  edit_after("s1", 6, "c2", "/repo/a", resolved);
  shell_before("s1", 7, "c3", "git commit -am merged", looked({}));
  shell_after("s1", 8, "c3", "git commit -am merged",
              moved({}, '2', '4', 7, "commit (merge): merged"));
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  ASSERT_EQ(list.size(), 3u);  // with the base
  EXPECT_EQ(told(list[1].change.owner), "git: git command");
  EXPECT_EQ(told(list[2].change.owner), "step exact: tool result");
  EXPECT_EQ(told(owner(index, "b")), "git: commit holds it");
  EXPECT_EQ(value_of(step(index, key_of(index, "s1"), 3)).commits.size(), 1u);
}

TEST_F(GitOwnersTest, StashesAreGitsAlsoInsideACommand) {
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "go", looked({{1, "a", "one", "work", 0.5}}));
  shell_before("s1", 2, "c1", "git stash", looked({}));
  shell_after("s1", 3, "c1", "git stash",
              moved({{2, "a", "work", "one", 2.5}}, '1', '1', 2, "reset: moving to HEAD"));
  shell_before("s1", 4, "c2", "git stash pop", looked({}));
  shell_after("s1", 5, "c2", "git stash pop", looked({{3, "a", "one", "work", 4.5}}));
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(told(list[1].change.owner), "outside: no agent ran");
  EXPECT_EQ(told(list[2].change.owner), "git: commit holds it");
  EXPECT_EQ(told(list[3].change.owner), "git: git command");
}

TEST_F(GitOwnersTest, GitApplyIsTheAgents) {
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "git apply fix.patch", looked({}));
  shell_after("s1", 3, "c1", "git apply fix.patch", looked({{1, "a", "one", "patched", 2.5}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "step during: one command ran");
}

TEST_F(GitOwnersTest, CheckingAPathOutBringsHeadsContent) {
  begin("s1", 0, commit_id('1'));
  Header head = looked({{1, "a", "one", "work", 0.5}});
  head.head = commit_id('1');
  prompt("s1", 1, "go", head);
  Header back = looked({{2, "a", "work", "one", 30}});
  back.head = commit_id('1');
  prompt("s1", 60, "again", back);
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "git: as in HEAD");
}

TEST_F(GitOwnersTest, WithoutGitAMoveOfHeadLeavesOwnersUnknown) {
  commit('2', {{"a", "two"}});
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "x", looked({}));
  prompt("s1", 60, "y", moved({{1, "a", "one", "two", 30}}, '1', '2', 30, "checkout: moving"));
  auto git = std::move(git_);
  {
    Index index = open();
    EXPECT_EQ(told(value_of(changes(index, {"wt1", 0}, {"wt1", 1})).at(0).owner),
              "unknown: git not asked");
  }
  git_ = std::move(git);
  Index index = open();  // now it can be asked
  EXPECT_EQ(told(owner(index, "a")), "git: commit holds it");
}

// --- odd files ---

TEST_F(OwnersTest, AFileThatComesIntoSightIsNotTheCommandsThatShowedIt) {
  event("s1", 1000, R"({"m":"session_start","source":"startup"})", looked({}));
  prompt("s1", 1001, "go", looked({}));
  shell_before("s1", 1002, "c1", "echo > .gitignore", looked({}));
  shell_after("s1", 1003, "c1", "echo > .gitignore",
              looked({{1, ".gitignore", "build", "", 1002.5}, {2, "build/old", "", "x", 10}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "build/old")), "before: came into sight");
}

TEST_F(OwnersTest, AFolderThatWasRenamedIsTheCommands) {
  event("s1", 1000, R"({"m":"session_start","source":"startup"})", looked({}));
  prompt("s1", 1001, "go", looked({}));
  shell_before("s1", 1002, "c1", "mv old new", looked({}));
  shell_after("s1", 1003, "c1", "mv old new",
              looked({{1, "new/f", "", "same", 10}, {2, "old/f", "same", ""}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "new/f")), "step during: one command ran");
  EXPECT_EQ(told(owner(index, "old/f")), "step during: one command ran");
}

TEST_F(OwnersTest, ClocksThatDisagreeAreNotBelieved) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "x", looked({}));
  // The file's clock is a year ahead.
  shell_after("s1", 3, "c1", "x", looked({{1, "a", "", "new", 3e7}}));
  Index index = open();
  EXPECT_EQ(told(owner(index, "a")), "step during: one command ran");
}

TEST_F(OwnersTest, ACommandThatLeavesItsWorktreeIsSuspectedElsewhere) {
  begin("s1", 0);
  Header other{.looks = {{.worktree = "wt2"}}, .worktree = "wt2"};
  event("s2", 0.5, R"({"m":"session_start","source":"startup"})", other);
  prompt("s1", 1, "go", looked({}));
  shell_before("s1", 2, "c1", "sed -i s/a/b/ ../wt2/a", looked({}));
  shell_after("s1", 4, "c1", "sed -i s/a/b/ ../wt2/a", looked({}));
  Header later{.looks = {{.transitions = {{1, "a", "old", "new", 3}, {2, "b", "old", "person", 20}},
                          .worktree = "wt2"}},
               .worktree = "wt2"};
  prompt("s2", 60, "x", later);
  Index index = open();
  Owner a = owner(index, "a", "wt2");
  EXPECT_EQ(told(a), "unknown: command in another worktree");
  EXPECT_EQ(numbers(a.candidates), std::vector<int>{1});
  EXPECT_EQ(told(owner(index, "b", "wt2")), "outside: no agent ran");
}

TEST_F(OwnersTest, AWorktreeThatWasLookedAtForACommandIsItsOwnPlaceToo) {
  begin("s1", 0);
  Header other{.looks = {{.worktree = "wt2"}}, .worktree = "wt2"};
  event("s2", 0.5, R"({"m":"session_start","source":"startup"})", other);
  prompt("s1", 1, "go", looked({}));
  Header both{.looks = {{}, {.worktree = "wt2"}}};
  shell_before("s1", 2, "c1", "sed -i s/a/b/ ../wt2/a", both);
  Header seen{.looks = {{}, {.transitions = {{1, "a", "old", "new", 3}}, .worktree = "wt2"}}};
  shell_after("s1", 4, "c1", "sed -i s/a/b/ ../wt2/a", seen);
  Index index = open();
  EXPECT_EQ(told(owner(index, "a", "wt2")), "step during: one command ran");
}

TEST_F(OwnersTest, RewindsAreBatons) {
  begin("s1", 0);
  prompt("s1", 1, "go", looked({}));
  Header rewound = looked({{1, "a", "new", "old", 5}});
  event("rewind-1", 6, R"({"m":"Rewind","name":"before"})", rewound, "baton");
  Index index = open();
  EXPECT_EQ(owner(index, "a").kind, OwnerKind::outside);
}

TEST_F(OwnersTest, ALostManifestIsAGap) {
  git_ = std::make_unique<FakeGit>();
  FakeGit::Tree tree;
  tree.files["a"] = content_id("one");
  git_->commits_[commit_id('1')] = tree;
  begin("s1", 0, commit_id('1'));
  prompt("s1", 1, "go", looked({{1, "a", "one", "two", 0.5}}));
  // The manifest is gone: everything is looked at anew.
  prompt("s1", 60, "again", {.looks = {{.base = commit_id('1')}}});
  Index index = open();
  auto list = value_of(versions(index, "a", "wt1"));
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].change.owner.kind, OwnerKind::before);
  EXPECT_EQ(list[1].change.owner.kind, OwnerKind::outside);
  EXPECT_TRUE(list[2].base);
  EXPECT_EQ(told(list[2].change.owner), "unknown: after a gap");
}

}  // namespace
}  // namespace baton::index::testing
