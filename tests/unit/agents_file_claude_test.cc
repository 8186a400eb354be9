// What Claude Code's session files say (docs/agents/claude-code.md).

#include <gtest/gtest.h>

#include "agents/agent.h"

namespace baton::agents {
namespace {

using Kind = FileFact::Kind;

const Agent& agent() {
  return *find_agent("claude-code");
}

std::vector<FileFact> read(std::string_view fields) {
  std::string text =
      R"({"uuid":"u1","sessionId":"5e55","timestamp":"2026-01-02T03:04:05.678Z","cwd":"/p",)" +
      std::string(fields) + "}";
  auto document = json::Document::parse(text);
  EXPECT_TRUE(document) << text;
  return document ? agent().read_line(document->root()) : std::vector<FileFact>{};
}

// The facts of this kind.
std::vector<FileFact> read(std::string_view fields, Kind kind) {
  std::vector<FileFact> facts;
  for (FileFact& fact : read(fields)) {
    if (fact.kind == kind) facts.push_back(std::move(fact));
  }
  return facts;
}

bool keeps(std::string_view text) {
  auto document = json::Document::parse(text);
  EXPECT_TRUE(document) << text;
  return document && agent().keeps_line(document->root());
}

std::string user(std::string_view content) {
  return R"("type":"user","promptId":"turn-1","message":{"role":"user","content":)" +
         std::string(content) + "}";
}

std::string assistant(std::string_view block) {
  return R"("type":"assistant","message":{"id":"msg_1","model":"m-1","content":[)" +
         std::string(block) +
         R"(],"usage":{"input_tokens":10,"cache_creation_input_tokens":5,)"
         R"("cache_read_input_tokens":7,"output_tokens":3}})";
}

TEST(ClaudeFile, PromptsAndWhatIsNone) {
  auto facts = read(user(R"("fix it")"));
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].kind, Kind::prompt);
  EXPECT_EQ(facts[0].text, "fix it");
  EXPECT_EQ(facts[0].id, "u1");
  EXPECT_EQ(facts[0].session, "5e55");
  EXPECT_EQ(facts[0].turn, "turn-1");
  EXPECT_EQ(facts[0].time, *parse_utc("2026-01-02T03:04:05.678Z"));
  EXPECT_EQ(read(user(R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])"))[0].text,
            "a\nb");

  EXPECT_TRUE(read(user(R"("caveat")") + R"(,"isMeta":true)").empty());
  EXPECT_TRUE(read(user(R"("<command-name>/clear</command-name>")")).empty());
  EXPECT_TRUE(read(user(R"("<local-command-stdout>x</local-command-stdout>")")).empty());
}

TEST(ClaudeFile, LinesOfASubagentBelongToItsOwnSession) {
  auto facts = read(user(R"("look")") + R"(,"isSidechain":true,"agentId":"a77")");
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].session, "5e55/a77");
}

TEST(ClaudeFile, QueuedPromptsAndNotices) {
  auto typed =
      read(R"("type":"attachment","attachment":{"type":"queued_command","prompt":"also b",)"
           R"("commandMode":"prompt"})");
  ASSERT_EQ(typed.size(), 1u);
  EXPECT_EQ(typed[0].kind, Kind::prompt);
  EXPECT_EQ(typed[0].text, "also b");

  constexpr std::string_view kNotice =
      R"("<task-notification>\n<task-id>b7</task-id>\n<tool-use-id>t1</tool-use-id>\n)"
      R"(<status>completed</status>\n<summary>done (exit code 4)</summary>\n</task-notification>")";
  for (std::string fields :
       {user(kNotice), R"("type":"attachment","attachment":{"type":"queued_command","prompt":)" +
                           std::string(kNotice) + "}"}) {
    auto facts = read(fields);
    ASSERT_EQ(facts.size(), 1u) << fields;
    EXPECT_EQ(facts[0].kind, Kind::tool_result);
    EXPECT_EQ(facts[0].call.id, "t1");
    EXPECT_EQ(facts[0].call.outcome.kind, OutcomeKind::failed);
    EXPECT_EQ(facts[0].call.outcome.exit_status, 4);
  }
}

TEST(ClaudeFile, WordsModelAndTokens) {
  std::string line = assistant(R"({"type":"text","text":"I look."})");
  auto words = read(line, Kind::message);
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].text, "I look.");
  EXPECT_EQ(read(line, Kind::model)[0].text, "m-1");
  auto tokens = read(line, Kind::tokens);
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_EQ(tokens[0].tokens.input, 22);
  EXPECT_EQ(tokens[0].tokens.cached_input, 7);
  EXPECT_EQ(tokens[0].tokens.output, 3);
  EXPECT_EQ(tokens[0].tokens.response, "msg_1");
  EXPECT_EQ(tokens[0].id, "msg_1");
  auto thought =
      read(assistant(R"({"type":"thinking","thinking":"Hm.","signature":"x"})"), Kind::thinking);
  ASSERT_EQ(thought.size(), 1u);
  EXPECT_EQ(thought[0].text, "Hm.");
  // What the program itself says in the model's name is nobody's model.
  EXPECT_TRUE(read(R"("type":"assistant","message":{"id":"x","model":"<synthetic>","content":[]})")
                  .empty());
}

TEST(ClaudeFile, CallsAndPlans) {
  auto calls =
      read(assistant(R"({"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}})"),
           Kind::tool_call);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].id, "t1");
  EXPECT_EQ(calls[0].call.command, "ls");
  std::string plan = assistant(
      R"({"type":"tool_use","id":"t2","name":"TodoWrite","input":{"todos":[{"content":"x","status":"pending"}]}})");
  EXPECT_EQ(read(plan, Kind::tool_call).size(), 1u);
  ASSERT_EQ(read(plan, Kind::plan).size(), 1u);
  EXPECT_TRUE(read(plan, Kind::plan)[0].call.plan_is_whole);
}

std::string result(std::string_view block, std::string_view rest) {
  return R"("type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1",)" +
         std::string(block) + "}]}," + std::string(rest);
}

Outcome outcome(std::string_view block, std::string_view rest) {
  auto facts = read(result(block, rest), Kind::tool_result);
  EXPECT_EQ(facts.size(), 1u);
  if (facts.empty()) return {};
  EXPECT_EQ(facts[0].call.id, "t1");
  return facts[0].call.outcome;
}

TEST(ClaudeFile, ResultsWithTheirOutcome) {
  Outcome ok = outcome(R"("content":"built")",
                       R"("toolUseResult":{"stdout":"built","stderr":"","interrupted":false})");
  EXPECT_EQ(ok.kind, OutcomeKind::ok);
  EXPECT_EQ(ok.exit_status, 0);
  Outcome failed = outcome(R"("content":"Exit code 3\nboom","is_error":true)",
                           R"("toolUseResult":"Error: Exit code 3\nboom")");
  EXPECT_EQ(failed.kind, OutcomeKind::failed);
  EXPECT_EQ(failed.exit_status, 3);
  EXPECT_EQ(failed.output, "boom");
  Outcome not_found = outcome(R"("content":"File does not exist.","is_error":true)",
                              R"("toolUseResult":"Error: File does not exist.")");
  EXPECT_EQ(not_found.kind, OutcomeKind::failed);
  EXPECT_EQ(not_found.error, "File does not exist.");
  // A subagent's lines have no structured answer: the status is not known then.
  Outcome bare = outcome(R"("content":"x","is_error":false)", R"("isSidechain":true)");
  EXPECT_EQ(bare.kind, OutcomeKind::ok);
  EXPECT_EQ(bare.exit_status, std::nullopt);
}

TEST(ClaudeFile, ResultsOfCallsThatWereRefusedOrStopped) {
  EXPECT_EQ(outcome(R"("content":"Permission to use Bash has been denied.","is_error":true)",
                    R"("toolUseResult":"Error: x","toolDenialKind":"permission-rule")")
                .kind,
            OutcomeKind::refused);
  EXPECT_EQ(
      outcome(R"("content":"whatever it says","is_error":true)",
              R"("toolDenialKind":"user-rejected","permissionDecision":{"decision":"reject"})")
          .kind,
      OutcomeKind::refused);
  EXPECT_EQ(
      outcome(R"("content":"The user doesn't want to proceed with this tool use. The tool use )"
              R"(was rejected. STOP what you are doing.","is_error":true)",
              R"("toolUseResult":"User rejected tool use","toolDenialKind":"user-rejected")")
          .kind,
      OutcomeKind::interrupted);
  EXPECT_EQ(outcome(R"("content":"x","is_error":true)", R"("toolDenialKind":"interrupted")").kind,
            OutcomeKind::interrupted);
  auto facts =
      read(user(R"([{"type":"text","text":"[Request interrupted by user for tool use]"}])"));
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].kind, Kind::interrupted);
}

TEST(ClaudeFile, SubagentsAndTasksGetTheirIds) {
  std::string agent_line =
      result(R"("content":[{"type":"text","text":"found"}])",
             R"("toolUseResult":{"status":"completed","agentId":"a77","agentType":"Explore",)"
             R"("content":[{"type":"text","text":"found"}],"totalDurationMs":390})");
  auto links = read(agent_line, Kind::subagent);
  ASSERT_EQ(links.size(), 1u);
  EXPECT_EQ(links[0].call.id, "t1");
  EXPECT_EQ(links[0].call.subagent_id, "5e55/a77");
  EXPECT_EQ(links[0].call.subagent_type, "Explore");
  EXPECT_EQ(read(agent_line, Kind::tool_result)[0].call.outcome.duration_ms, 390);
  auto tasks = read(result(R"("content":"Task #4 created")",
                           R"("toolUseResult":{"task":{"id":"4","subject":"Look"}})"),
                    Kind::plan);
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0].call.id, "t1");
  EXPECT_EQ(tasks[0].call.plan[0].id, "4");
}

TEST(ClaudeFile, CompactionAndTitles) {
  auto facts = read(user(R"("This session is being continued")") + R"(,"isCompactSummary":true)");
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].kind, Kind::compaction);
  EXPECT_EQ(facts[0].text, "This session is being continued");
  EXPECT_TRUE(read(R"("type":"system","subtype":"compact_boundary")").empty());
  EXPECT_EQ(read(R"("type":"ai-title","aiTitle":"Fix retry")")[0].kind, Kind::title);
  EXPECT_EQ(read(R"("type":"custom-title","customTitle":"Mine")")[0].text, "Mine");
}

TEST(ClaudeFile, KeepsWhatIsTheUsers) {
  EXPECT_TRUE(keeps(R"({"type":"user"})"));
  EXPECT_TRUE(keeps(R"({"type":"assistant"})"));
  EXPECT_TRUE(keeps(R"({"type":"system","subtype":"compact_boundary"})"));
  EXPECT_TRUE(keeps(R"({"type":"not-known-yet"})"));
  EXPECT_TRUE(keeps(R"({"type":"attachment","attachment":{"type":"queued_command"}})"));
  EXPECT_TRUE(keeps(R"({"type":"attachment","attachment":{"type":"hook_additional_context"}})"));
  for (std::string_view type : {"api-request", "api-request-blob", "file-history-snapshot",
                                "progress", "cost-state", "last-prompt"}) {
    EXPECT_FALSE(keeps(R"({"type":")" + std::string(type) + "\"}")) << type;
  }
  for (std::string_view type :
       {"prompt_snapshot", "environment", "skill_listing", "todo_reminder"}) {
    EXPECT_FALSE(
        keeps(R"({"type":"attachment","attachment":{"type":")" + std::string(type) + "\"}}"))
        << type;
  }
  EXPECT_FALSE(keeps("[]"));
}

TEST(ClaudeFile, CutsSignatures) {
  EXPECT_EQ(
      agent().trim_line(
          R"({"message":{"content":[{"type":"thinking","thinking":"a","signature":"c2ln"}]},"x":1.0})"),
      R"({"message":{"content":[{"type":"thinking","thinking":"a","signature":""}]},"x":1.0})");
  EXPECT_EQ(agent().trim_line(R"({"text":"no such part"})"), R"({"text":"no such part"})");
  EXPECT_EQ(agent().trim_line(R"(torn {"signature")"), R"(torn {"signature")");
}

}  // namespace
}  // namespace baton::agents
