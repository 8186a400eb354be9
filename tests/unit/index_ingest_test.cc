#include "index_support.h"

namespace baton::index::testing {
namespace {

using model::SessionState;
using model::StepKind;
using model::StepOutcome;
using model::TurnState;

TEST_F(IndexTest, AnEmptyStoreHasNothing) {
  Index index = open();
  EXPECT_TRUE(value_of(sessions(index)).empty());
  EXPECT_TRUE(value_of(log(index)).empty());
  EXPECT_EQ(value_of(status(index)).events, 0);
  EXPECT_EQ(resolve(index, "c7f2").error().kind, ErrorKind::not_found);
}

TEST_F(IndexTest, TurnsAndStepsOfASession) {
  event("s1", 0, R"({"m":"session_start","source":"startup"})");
  prompt("s1", 1, "fix it");
  event("s1", 2,
        calls("tool_before", R"({"id":"c1","name":"Read","class":"read","reads":["/repo/a.c"]})"));
  event(
      "s1", 3,
      calls(
          "tool_after",
          R"({"id":"c1","name":"Read","class":"read","reads":["/repo/a.c"],"out":{"kind":"ok","output":"x"}})"));
  shell_before("s1", 4, "c2", "make check");
  shell_after("s1", 6, "c2", "make check", {},
              R"({"kind":"failed","exit":2,"output":"boom","ms":1900})");
  turn_end("s1", 7, "It is broken.");
  event("s1", 8, R"({"m":"session_end","source":"quit"})");

  Index index = open();
  auto list = value_of(sessions(index));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].id, "s1");
  EXPECT_EQ(list[0].agent, "one");
  EXPECT_EQ(list[0].state, SessionState::ended);
  EXPECT_EQ(list[0].turns, 1);
  EXPECT_EQ(list[0].steps, 2);
  EXPECT_EQ(list[0].failed_steps, 1);
  EXPECT_EQ(list[0].first_prompt, "fix it");
  EXPECT_EQ(list[0].address.size(), 4u);
  EXPECT_EQ(list[0].address, hex(sha256("one", std::string_view("\0", 1), "s1")).substr(0, 4));

  auto turns = value_of(log(index, {.with_steps = true}));
  ASSERT_EQ(turns.size(), 1u);
  EXPECT_EQ(turns[0].turn.prompt, "fix it");
  EXPECT_EQ(turns[0].turn.state, TurnState::completed);
  EXPECT_EQ(turns[0].turn.last_message, "It is broken.");
  ASSERT_EQ(turns[0].steps.size(), 2u);
  const model::Step& read = turns[0].steps[0];
  EXPECT_EQ(read.kind, StepKind::read);
  EXPECT_EQ(read.outcome, StepOutcome::ok);
  ASSERT_EQ(read.reads.size(), 1u);
  EXPECT_EQ(read.reads[0].path, "a.c");
  const model::Step& check = turns[0].steps[1];
  EXPECT_EQ(check.ref.address(), list[0].address + ".2");
  EXPECT_EQ(check.command, "make check");
  EXPECT_EQ(check.exit_status, 2);
  EXPECT_EQ(check.duration_ms, 1900);
  ASSERT_TRUE(check.test);
  EXPECT_EQ(check.test->verdict, model::TestVerdict::failed);
  EXPECT_TRUE(check.test->by_name);
}

TEST_F(IndexTest, WhatADeadlineCutsTheNextOneReads) {
  for (int session = 0; session < 3; ++session) {
    std::string id = "s" + std::to_string(session);
    for (int i = 0; i < 100; ++i) prompt(id, session * 1000 + i, "prompt " + std::to_string(i));
  }
  int64_t events = 0;
  int goes = 0;
  for (bool complete = false; !complete && goes < 20; ++goes) {
    IndexOptions late = options();
    late.deadline = 1;
    auto index = Index::open(store_, late);
    ASSERT_TRUE(index);
    complete = index->last_update().complete;
    EXPECT_LE(index->last_update().events, 128);
    events += index->last_update().events;
  }
  EXPECT_GT(goes, 3);
  EXPECT_EQ(events, 300);
  Index index = open();
  EXPECT_EQ(value_of(log(index)).size(), 300u);
}

TEST_F(IndexTest, RepeatsCountOnce) {
  prompt("s1", 1, "do", {}, "t1");
  prompt("s1", 1.1, "do", {}, "t1");             // told twice, with its id
  prompt("s1", 1.2, "do", {.duplicate = true});  // told twice, without
  shell_before("s1", 2, "c1", "ls");
  shell_before("s1", 2.1, "c1", "ls");
  shell_after("s1", 3, "c1", "ls");
  shell_after("s1", 3.1, "c1", "ls", {}, R"({"kind":"failed","exit":1})");
  Index index = open();
  auto session = value_of(sessions(index)).at(0);
  EXPECT_EQ(session.turns, 1);
  EXPECT_EQ(session.steps, 1);
  EXPECT_EQ(value_of(step(index, session.key, 1)).exit_status, 0);
}

TEST_F(IndexTest, EventsOutOfOrderFindEachOther) {
  // The tool was heard before its prompt, its end before its beginning.
  event("s1", 1, calls("tool_after", shell_call("c1", "ls", R"({"kind":"ok","exit":0})"), "t1"));
  event("s1", 2, calls("tool_before", shell_call("c1", "ls"), "t1"));
  prompt("s1", 3, "list", {}, "t1");
  Index index = open();
  auto turns = value_of(log(index, {.with_steps = true}));
  ASSERT_EQ(turns.size(), 1u);
  EXPECT_EQ(turns[0].turn.prompt, "list");
  ASSERT_EQ(turns[0].steps.size(), 1u);
  EXPECT_EQ(turns[0].steps[0].outcome, StepOutcome::ok);
}

TEST_F(IndexTest, ATurnWithoutEndIsInterruptedByTheNextPrompt) {
  prompt("s1", 1, "first");
  shell_before("s1", 2, "c1", "sleep 100");
  prompt("s1", 5, "second");
  shell_before("s1", 6, "c2", "ls");
  shell_after("s1", 7, "c2", "ls");
  turn_end("s1", 8);
  Index index = open();
  auto turns = value_of(log(index, {.with_steps = true}));
  ASSERT_EQ(turns.size(), 2u);
  EXPECT_EQ(turns[0].turn.state, TurnState::completed);
  EXPECT_EQ(turns[1].turn.state, TurnState::interrupted);
  ASSERT_EQ(turns[1].steps.size(), 1u);
  EXPECT_EQ(turns[1].steps[0].outcome, StepOutcome::unknown);
  EXPECT_EQ(turns[1].steps[0].ended, at(5));
}

TEST_F(IndexTest, ToolsAfterATurnsEndBelongToIt) {
  prompt("s1", 1, "only");
  turn_end("s1", 2, "done");
  shell_before("s1", 3, "c1", "ls");
  shell_after("s1", 4, "c1", "ls");
  turn_end("s1", 5, "really done");
  Index index = open();
  auto turns = value_of(log(index, {.with_steps = true}));
  ASSERT_EQ(turns.size(), 1u);
  EXPECT_EQ(turns[0].turn.state, TurnState::completed);
  EXPECT_EQ(turns[0].turn.ended, at(5));
  EXPECT_EQ(turns[0].turn.last_message, "really done");
  EXPECT_EQ(turns[0].steps.size(), 1u);
}

TEST_F(IndexTest, ABatchClosesWhatNothingElseCloses) {
  prompt("s1", 1, "edit");
  edit_before("s1", 2, "c1", "/repo/a");
  edit_after("s1", 3, "c1", "/repo/a");
  edit_before("s1", 3, "c2", "/repo/b");  // refused: no after-event
  event(
      "s1", 4,
      calls("tool_batch", edit_call("c1", "/repo/a", R"({"kind":"unknown"})") + "," +
                              edit_call("c2", "/repo/b", R"({"kind":"refused"})") + "," +
                              R"({"id":"c3","name":"Edit","class":"edit","out":{"kind":"none"}})"));
  Index index = open();
  auto list = value_of(steps(index, key_of(index, "s1")));
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].outcome, StepOutcome::ok);
  EXPECT_EQ(list[1].outcome, StepOutcome::refused);
  EXPECT_EQ(list[2].outcome, StepOutcome::failed);  // never begun: heard of in the batch alone
}

TEST_F(IndexTest, CallsWithoutIdsPairByWhatTheyAreCalledWith) {
  prompt("s1", 1, "go");
  shell_before("s1", 2, "", "ls a");
  shell_before("s1", 2.5, "", "ls b");
  shell_after("s1", 3, "", "ls b", {}, R"({"kind":"failed","exit":1})");
  shell_after("s1", 4, "", "ls a");
  Index index = open();
  auto list = value_of(steps(index, key_of(index, "s1")));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].command, "ls a");
  EXPECT_EQ(list[0].outcome, StepOutcome::ok);
  EXPECT_EQ(list[1].outcome, StepOutcome::failed);
}

TEST_F(IndexTest, SubagentsCountForTheirParentsTurn) {
  prompt("main", 1, "look", {}, "p1");
  event("main", 2,
        calls("tool_before",
              R"({"id":"a1","name":"Agent","class":"subagent","subagent_prompt":"find it"})"));
  Header child{.parent = "main"};
  event("sub", 3, R"({"m":"subagent_start","parent":"main","subagent_type":"explorer"})", child);
  event("sub", 4, calls("tool_before", shell_call("x1", "ls")), child);
  event("sub", 5, calls("tool_after", shell_call("x1", "ls", R"({"kind":"ok","exit":0})")), child);
  event("sub", 6, R"({"m":"subagent_end","text":"here"})", child);
  event(
      "main", 7,
      calls(
          "tool_after",
          R"({"id":"a1","name":"Agent","class":"subagent","subagent":"sub","subagent_prompt":"find it","out":{"kind":"ok"}})"));
  turn_end("main", 8, "ok");

  Index index = open();
  auto list = value_of(sessions(index));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].subagents, 1);
  EXPECT_EQ(list[0].steps, 1);
  auto turns = value_of(log(index, {.with_steps = true}));
  ASSERT_EQ(turns.size(), 1u);
  EXPECT_EQ(turns[0].turn.steps, 2);
  ASSERT_EQ(turns[0].steps.size(), 2u);
  EXPECT_EQ(turns[0].steps[1].session_id, "sub");
  auto both = value_of(sessions(index, {.subagents = true}));
  ASSERT_EQ(both.size(), 2u);
  auto sub = value_of(session(index, key_of(index, "sub")));
  EXPECT_EQ(sub.parent, list[0].address);
  EXPECT_EQ(sub.parent_step, 1);
  EXPECT_EQ(sub.subagent_type, "explorer");
  EXPECT_EQ(sub.first_prompt, "find it");
  EXPECT_EQ(sub.state, SessionState::ended);
  EXPECT_EQ(turns[0].steps[0].subagent, sub.address);
}

TEST_F(IndexTest, AgentsDeathShows) {
  Header dead{.more = R"(,"pid":4194300,"started":17)"};  // over pid_max of small systems: nobody
  event("s1", 0, R"({"m":"session_start","source":"startup"})", dead);
  prompt("s1", 1, "work");
  shell_before("s1", 2, "c1", "make");
  std::string here = ",\"pid\":" + std::to_string(os::process_id());
  auto info = os::process_info(os::process_id());
  ASSERT_TRUE(info);
  here += ",\"started\":" + std::to_string(info->start_ticks);
  event("s2", 0, R"({"m":"session_start","source":"startup"})", {.more = here});
  prompt("s2", 1.5, "work");
  shell_before("s2", 3, "c1", "make");
  Index index = open();
  auto first = value_of(session(index, key_of(index, "s1")));
  EXPECT_EQ(first.state, SessionState::abnormal);
  EXPECT_EQ(value_of(show_turn(index, first.key, 1)).turn.state, TurnState::interrupted);
  EXPECT_EQ(value_of(step(index, first.key, 1)).outcome, StepOutcome::unknown);
  auto second = value_of(session(index, key_of(index, "s2")));
  EXPECT_EQ(second.state, SessionState::running);
  EXPECT_EQ(value_of(show_turn(index, second.key, 1)).turn.state, TurnState::running);
  EXPECT_EQ(value_of(step(index, second.key, 1)).outcome, StepOutcome::running);
}

TEST_F(IndexTest, PlansAreReplayed) {
  prompt("s1", 1, "plan");
  auto plan_call = [&](double t, const std::string& id, const std::string& items, bool whole) {
    std::string call = R"({"id":")" + id + R"(","name":"Plan","class":"plan","plan":)" + items +
                       (whole ? R"(,"whole":true)" : "") + R"(,"out":{"kind":"ok"}})";
    event("s1", t, calls("tool_after", call));
  };
  plan_call(2, "p1", R"([["1","read","completed"],["2","write","in_progress"]])", true);
  plan_call(3, "p2",
            R"([["1","read","completed"],["2","write","completed"],["3","test","pending"]])", true);
  Index index = open();
  int64_t key = key_of(index, "s1");
  auto now = value_of(plan(index, key));
  ASSERT_EQ(now.items.size(), 3u);
  EXPECT_EQ(now.items[0].status, "completed");
  EXPECT_EQ(now.items[0].step.step, 1);  // has had this state since then
  EXPECT_EQ(now.items[1].step.step, 2);
  auto then = value_of(plan(index, key, 1));
  ASSERT_EQ(then.items.size(), 2u);
  EXPECT_EQ(then.items[1].status, "in_progress");

  prompt("s2", 1, "plan");
  event("s2", 2,
        calls("tool_before",
              R"({"id":"a","name":"TaskCreate","class":"plan","plan":[["","read","pending"]]})"));
  event("s2", 2.1,
        R"({"m":"plan_item","calls":[{"class":"plan","plan":[["7","read","pending"]]}]})");
  event(
      "s2", 2.2,
      calls(
          "tool_after",
          R"({"id":"a","name":"TaskCreate","class":"plan","plan":[["7","read","pending"]],"out":{"kind":"ok"}})"));
  event(
      "s2", 3,
      calls(
          "tool_after",
          R"({"id":"b","name":"TaskUpdate","class":"plan","plan":[["7","","completed"]],"out":{"kind":"ok"}})"));
  event(
      "s2", 4,
      calls(
          "tool_after",
          R"({"id":"c","name":"TaskUpdate","class":"plan","plan":[["7","","deleted"]],"out":{"kind":"failed"}})"));
  index = open();
  auto items = value_of(plan(index, key_of(index, "s2")));
  ASSERT_EQ(items.items.size(), 1u);
  EXPECT_EQ(items.items[0].text, "read");
  EXPECT_EQ(items.items[0].status, "completed");
}

TEST_F(IndexTest, IncompleteLooksAndGapsAreKept) {
  event("s1", 1, R"({"m":"prompt","text":"x"})",
        {.looks = {{.complete = false}},
         .more = R"(,"gap":[{"what":"transcript","why":"late"}],"repaired":12)"});
  Index index = open();
  auto list = value_of(gaps(index));
  ASSERT_EQ(list.size(), 3u);
  auto view = value_of(status(index));
  EXPECT_EQ(view.gap_count, 3);
  ASSERT_EQ(view.worktrees.size(), 1u);
  EXPECT_FALSE(view.worktrees[0].complete);
  EXPECT_EQ(view.worktrees[0].root, "/repo");
}

TEST_F(IndexTest, DamagedLinesAreRefusedAndTheRestIsShown) {
  prompt("s1", 1, "first");
  prompt("s1", 2, "second");
  prompt("s1", 3, "third");
  std::string path = store_.sessions_dir() + "/one/s1/events.jsonl";
  std::string text = value_of(os::read_file(path));
  size_t at = text.find("second");
  text[at] = 'S';
  ASSERT_TRUE(os::replace_file(path, text));
  Index index = open();
  auto turns = value_of(log(index));
  ASSERT_EQ(turns.size(), 2u);
  EXPECT_EQ(turns[0].turn.prompt, "third");
  EXPECT_EQ(value_of(status(index)).damaged.size(), 1u);
}

TEST_F(IndexTest, TheSessionFileIsJoined) {
  prompt("s1", 1, "go", {}, "t1");
  shell_before("s1", 2, "c1", "cat src/a.c");
  // No status in the after-event.
  shell_after("s1", 3, "c1", "cat src/a.c", {},
              R"({"kind":"unknown","output":"cat: no such file"})");
  auto line = [&](const std::string& fact) { return fact; };
  std::vector<std::string> facts = {
      line(R"({"k":"message","id":"m1","turn":"t1","text":"I look at it.","time":)" +
           std::to_string(at(1.5)) + "}"),
      line(R"({"k":"tool_call","turn":"t1","time":)" + std::to_string(at(1.9)) + R"(,"call":)" +
           shell_call("c1", "cat src/a.c") + "}"),
      line(R"({"k":"tool_result","turn":"t1","time":)" + std::to_string(at(2.9)) + R"(,"call":)" +
           shell_call("c1", "", R"({"kind":"failed","exit":1,"output":"cat: no such file"})") +
           "}"),
      line(R"({"k":"tokens","response":"r1","tokens":[100,20],"time":0})"),
      line(R"({"k":"tokens","response":"r1","tokens":[100,20],"time":0})"),
      line(R"({"k":"message","id":"m1","turn":"t1","text":"I look at it.","time":)" +
           std::to_string(at(1.5)) + "}"),
      line(R"({"k":"tool_call","turn":"t1","time":)" + std::to_string(at(3.5)) + R"(,"call":)" +
           shell_call("c9", "wc -l a", "") + "}"),
      line(R"({"k":"tool_result","turn":"t1","time":)" + std::to_string(at(3.6)) + R"(,"call":)" +
           shell_call("c9", "", R"({"kind":"ok","exit":0})") + "}"),
  };
  append_file("s1", facts);
  turn_end("s1", 4, "done", {.more = R"(,"files":[{"path":"/x","kept":100000}])"});
  Index index = open();
  int64_t key = key_of(index, "s1");
  auto list = value_of(steps(index, key));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].outcome, StepOutcome::failed);
  EXPECT_EQ(list[0].exit_status, 1);
  EXPECT_TRUE(list[0].reads.empty());  // it failed to read
  EXPECT_TRUE(list[1].from_file);      // no hook told of it
  EXPECT_EQ(list[1].command, "wc -l a");
  EXPECT_EQ(list[1].outcome, StepOutcome::ok);
  auto words = value_of(messages(index, key, 1));
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].text, "I look at it.");
  EXPECT_EQ(words[0].before_step, 1);
  EXPECT_EQ(words[1].text, "done");
  auto one = value_of(session(index, key));
  EXPECT_EQ(one.tokens.input, 100);
  EXPECT_EQ(value_of(show_step(index, key, 1)).words, "I look at it.");
  EXPECT_EQ(value_of(show_step(index, key, 1)).output, "cat: no such file");
}

TEST_F(IndexTest, OutcomesOfCarriersFallOnWhatTheyCarried) {
  prompt("s1", 1, "go", {}, "t1");
  edit_before("s1", 2, "c1", "/repo/a");
  append_file(
      "s1",
      {
          R"({"k":"tool_call","turn":"t1","time":)" + std::to_string(at(1.9)) +
              R"(,"call":{"id":"outer","carrier":true}})",
          R"({"k":"tool_result","turn":"t1","time":)" + std::to_string(at(2.5)) +
              R"(,"call":{"id":"outer","out":{"kind":"failed","error":"hunk does not match"}}})",
      });
  turn_end("s1", 4, "done", {.more = R"(,"files":[{"path":"/x","kept":100000}])"});
  Index index = open();
  auto list = value_of(steps(index, key_of(index, "s1")));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].outcome, StepOutcome::failed);
  EXPECT_EQ(list[0].error, "hunk does not match");
  EXPECT_EQ(list[0].ended, at(2.5));
}

TEST_F(IndexTest, ResumedSessionsGoOn) {
  event("s1", 0, R"({"m":"session_start","source":"startup"})");
  prompt("s1", 1, "first");
  turn_end("s1", 2);
  event("s1", 3, R"({"m":"session_end","source":"quit"})");
  event("s1", 90000, R"({"m":"session_start","source":"resume"})");
  prompt("s1", 90001, "second");
  Index index = open();
  auto one = value_of(sessions(index)).at(0);
  EXPECT_EQ(one.turns, 2);
  EXPECT_EQ(one.resumed, 1);
  EXPECT_NE(one.state, SessionState::ended);
}

TEST_F(IndexTest, OddSessionIdsAreSafe) {
  std::string odd = "../../x:y\n" + std::string(3000, 'z');
  prompt(odd, 1, "hello");
  Index index = open();
  auto list = value_of(sessions(index));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].id, odd);
  EXPECT_EQ(value_of(resolve(index, odd)).session_key, list[0].key);
  EXPECT_EQ(value_of(resolve(index, list[0].address + ":1")).turn, 1);
}

}  // namespace
}  // namespace baton::index::testing
