// What Codex's session files say (docs/agents/codex.md).

#include <gtest/gtest.h>

#include "agents/agent.h"

namespace baton::agents {
namespace {

using Kind = FileFact::Kind;

const Agent& agent() {
  return *find_agent("codex");
}

std::vector<FileFact> read(std::string_view text) {
  auto document = json::Document::parse(text);
  EXPECT_TRUE(document) << text;
  return document ? agent().read_line(document->root()) : std::vector<FileFact>{};
}

std::string line(std::string_view type, std::string_view payload, std::string_view rest = "") {
  return R"({"timestamp":"2026-01-02T03:04:05.678Z","type":")" + std::string(type) +
         R"(","payload":)" + std::string(payload) + std::string(rest) + "}";
}

std::string item(std::string_view fields) {
  return line("event_msg",
              R"({"type":"item_completed","thread_id":"root","turn_id":"turn-1","item":)" +
                  std::string(fields) + "}");
}

bool keeps(std::string_view text) {
  auto document = json::Document::parse(text);
  EXPECT_TRUE(document) << text;
  return document && agent().keeps_line(document->root());
}

const FileFact* find(const std::vector<FileFact>& facts, Kind kind) {
  for (const FileFact& fact : facts) {
    if (fact.kind == kind) return &fact;
  }
  return nullptr;
}

TEST(CodexFile, CommandsWithStatusReadsAndDuration) {
  auto facts = read(item(
      R"({"type":"CommandExecution","id":"exec-1","command":["/bin/bash","-lc","cat a; cat b"],)"
      R"("cwd":"file:///p%20q","parsed_cmd":[{"type":"read","cmd":"cat a","name":"a","path":"src/a"},)"
      R"({"type":"unknown","cmd":"x"},{"type":"read","name":"b"}],"status":"failed",)"
      R"("aggregated_output":"no","exit_code":3,"duration":{"secs":2,"nanos":5000000}})"));
  ASSERT_EQ(facts.size(), 3u);
  const FileFact* call = find(facts, Kind::tool_call);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->call.command, "cat a; cat b");
  EXPECT_EQ(call->call.workdir, "/p q");
  EXPECT_EQ(call->session, "root");
  EXPECT_EQ(call->turn, "turn-1");
  const FileFact* guess = find(facts, Kind::read_guess);
  ASSERT_TRUE(guess);
  EXPECT_EQ(guess->call.id, "exec-1");
  EXPECT_EQ(guess->call.reads, (std::vector<std::string>{"src/a", "b"}));
  const FileFact* result = find(facts, Kind::tool_result);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->id, "exec-1");
  EXPECT_EQ(result->call.outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(result->call.outcome.exit_status, 3);
  EXPECT_EQ(result->call.outcome.output, "no");
  EXPECT_EQ(result->call.outcome.duration_ms, 2005);
}

TEST(CodexFile, CommandsDeclinedStoppedOrOld) {
  auto outcome = [](std::string_view fields) {
    auto facts = read(item(R"({"type":"CommandExecution","id":"e",)" + std::string(fields) + "}"));
    const FileFact* result = find(facts, Kind::tool_result);
    return result ? result->call.outcome : Outcome{};
  };
  EXPECT_EQ(outcome(R"("status":"completed","exit_code":0)").kind, OutcomeKind::ok);
  EXPECT_EQ(outcome(R"("status":"declined")").kind, OutcomeKind::refused);
  EXPECT_EQ(outcome(R"("status":"completed")").kind, OutcomeKind::unknown);
  // Ended from outside when the turn was stopped.
  Outcome stopped = outcome(R"("status":"failed","exit_code":-1)");
  EXPECT_EQ(stopped.kind, OutcomeKind::interrupted);
  EXPECT_EQ(stopped.exit_status, std::nullopt);
  auto old = read(line("event_msg", R"({"type":"exec_command_end","call_id":"c1","command":["ls"],)"
                                    R"("exit_code":2,"aggregated_output":"x"})"));
  ASSERT_TRUE(find(old, Kind::tool_result));
  EXPECT_EQ(find(old, Kind::tool_result)->call.outcome.exit_status, 2);
  EXPECT_EQ(find(old, Kind::tool_call)->call.command, "ls");
}

TEST(CodexFile, FileChanges) {
  auto facts = read(item(
      R"({"type":"FileChange","id":"exec-2","status":"completed","stdout":"Success.","stderr":"","changes":{)"
      R"("/p/a":{"type":"update","unified_diff":"@@ -2,2 +2,2 @@\n x\n-old\n+new\n","move_path":null},)"
      R"("/p/n":{"type":"add","content":"one\n"},"/p/d":{"type":"delete","content":"gone\n"},)"
      R"("/p/m":{"type":"update","unified_diff":"","move_path":"/p/m2"}}})"));
  const FileFact* call = find(facts, Kind::tool_call);
  ASSERT_TRUE(call);
  ASSERT_EQ(call->call.edits.size(), 4u);
  const auto& edits = call->call.edits;
  auto after = apply_edit(edits[0], "first\nx\nold\nlast");
  ASSERT_TRUE(after);
  EXPECT_EQ(*after, "first\nx\nnew\nlast");
  EXPECT_EQ(revert_edit(edits[0], *after).value_or(""), "first\nx\nold\nlast");
  EXPECT_FALSE(apply_edit(edits[0], "x\nold\nlast"));  // not at its line
  EXPECT_EQ(edits[1].kind, FileEdit::Kind::write);
  EXPECT_EQ(edits[2].kind, FileEdit::Kind::remove);
  EXPECT_EQ(edits[2].original, "gone\n");
  EXPECT_EQ(edits[3].kind, FileEdit::Kind::move);
  EXPECT_EQ(edits[3].move_to, "/p/m2");
  EXPECT_EQ(find(facts, Kind::tool_result)->call.outcome.kind, OutcomeKind::ok);
}

TEST(CodexFile, MessagesAndWhatIsNotTyped) {
  auto message = [](std::string_view role, std::string_view text, std::string_view kinds) {
    return read(line(
        "response_item",
        R"({"type":"message","id":"msg_1","role":")" + std::string(role) +
            R"(","content":[{"type":"input_text","text":")" + std::string(text) + "\"}]" +
            (kinds.empty() ? ""
                           : R"(,"internal_chat_message_metadata_passthrough":{"turn_id":"turn-1",)"
                             R"("content_item_kinds":[")" +
                                 std::string(kinds) + "\"]}") +
            "}"));
  };
  auto typed = message("user", "fix it", "user.text");
  ASSERT_EQ(typed.size(), 1u);
  EXPECT_EQ(typed[0].kind, Kind::prompt);
  EXPECT_EQ(typed[0].id, "msg_1");
  EXPECT_EQ(typed[0].turn, "turn-1");
  EXPECT_TRUE(message("user", "be nice", "agents_md.instructions").empty());
  EXPECT_TRUE(message("user", "x", "environments.environment_context").empty());
  EXPECT_TRUE(message("developer", "x", "").empty());
  EXPECT_EQ(message("assistant", "done", "")[0].kind, Kind::message);
  // Older files do not say what a message is.
  EXPECT_EQ(message("user", "fix it", "")[0].kind, Kind::prompt);
  EXPECT_TRUE(message("user", "<environment_context>x", "").empty());
  auto given = message("user", "# AGENTS.md instructions for /p", "");
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].kind, FileFact::Kind::given);
  EXPECT_EQ(given[0].given.name, "/p/AGENTS.md");
}

TEST(CodexFile, InheritedHistoryIsNotTold) {
  std::string inherited =
      line("response_item",
           R"({"type":"message","role":"user","content":[{"type":"input_text","text":"x"}]})",
           R"(,"metadata":{"inherited_user_message":true})");
  EXPECT_TRUE(read(inherited).empty());
  EXPECT_FALSE(keeps(inherited));
}

TEST(CodexFile, CallsOfPlainTools) {
  auto facts =
      read(line("response_item", R"({"type":"function_call","name":"exec_command","call_id":"c1",)"
                                 R"("arguments":"{\"cmd\":\"make\",\"workdir\":\"sub\"}"})"));
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].call.id, "c1");
  EXPECT_EQ(facts[0].call.command, "make");
  EXPECT_EQ(facts[0].call.workdir, "sub");
  EXPECT_FALSE(facts[0].call.carrier);
  EXPECT_EQ(read(line("response_item",
                      R"({"type":"function_call","name":"shell","call_id":"c1","arguments":)"
                      R"("{\"command\":[\"bash\",\"-lc\",\"make x\"]}"})"))[0]
                .call.command,
            "make x");
  EXPECT_EQ(read(line("response_item",
                      R"({"type":"custom_tool_call","name":"apply_patch","call_id":"c2","input":)"
                      R"("*** Begin Patch\n*** Delete File: a\n*** End Patch"})"))[0]
                .call.edits.size(),
            1u);
  auto plan = read(line(
      "response_item", R"({"type":"function_call","name":"update_plan","call_id":"c3","arguments":)"
                       R"("{\"plan\":[{\"step\":\"look\",\"status\":\"pending\"}]}"})"));
  ASSERT_TRUE(find(plan, Kind::plan));
  EXPECT_EQ(find(plan, Kind::plan)->call.plan[0].text, "look");
  EXPECT_TRUE(read(line("response_item", R"({"type":"function_call","name":"exec_command",)"
                                         R"("call_id":"c1","arguments":"not json"})"))[0]
                  .call.command.empty());
}

Outcome output(std::string_view text) {
  std::string quoted;
  json::quote(quoted, text);
  auto facts =
      read(line("response_item",
                R"({"type":"function_call_output","call_id":"c1","output":)" + quoted + "}"));
  EXPECT_EQ(facts.size(), 1u);
  return facts.empty() ? Outcome{} : facts[0].call.outcome;
}

TEST(CodexFile, OutputsOfPlainTools) {
  Outcome failed = output(
      "Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code 7\n"
      "Original token count: 2\nOutput:\nProcess exited with code 0\n");
  EXPECT_EQ(failed.kind, OutcomeKind::failed);
  EXPECT_EQ(failed.exit_status, 7);
  EXPECT_EQ(failed.output, "Process exited with code 0\n");
  Outcome running = output(
      "Chunk ID: 1\nWall time: 10 seconds\nProcess running with session ID 42\n"
      "Output:\nhalf");
  EXPECT_EQ(running.kind, OutcomeKind::background);
  EXPECT_EQ(running.background_id, "42");
  Outcome refused = output(
      "exec_command failed: CreateProcess { message: \"Rejected(\\\"`rm` rejected: no\\\")\" }");
  EXPECT_EQ(refused.kind, OutcomeKind::refused);
  EXPECT_EQ(refused.exit_status, std::nullopt);
  EXPECT_EQ(output("exec_command failed: CreateProcess { message: \"no such file\" }").kind,
            OutcomeKind::failed);
  EXPECT_EQ(output("apply_patch verification failed: no lines").kind, OutcomeKind::failed);
  EXPECT_EQ(output("failed to parse function arguments: missing field").kind, OutcomeKind::failed);
  EXPECT_EQ(output("aborted by user after 1.5s").kind, OutcomeKind::interrupted);
  EXPECT_EQ(output("{\"output\":\"x\",\"metadata\":{\"exit_code\":2}}").exit_status, 2);
  EXPECT_EQ(output("anything else").kind, OutcomeKind::unknown);
}

// Code mode: one tool whose script calls the others, which are heard by themselves.
TEST(CodexFile, CarriersTellTheFailureOfWhatTheyCarry) {
  auto call =
      read(line("response_item", R"({"type":"custom_tool_call","name":"exec","call_id":"c1",)"
                                 R"("input":"text(1);"})"));
  ASSERT_EQ(call.size(), 1u);
  EXPECT_TRUE(call[0].call.carrier);
  auto result = [](std::string_view first, std::string_view second) {
    std::string parts;
    json::quote(parts, second);
    return read(line("response_item",
                     R"({"type":"custom_tool_call_output","call_id":"c1","output":[)"
                     R"({"type":"input_text","text":")" +
                         std::string(first) + R"("},{"type":"input_text","text":)" + parts +
                         "}]}"))[0]
        .call;
  };
  ToolCall ok =
      result(R"(Script completed\nWall time 0.1 seconds\nOutput:\n)", "{\"exit_code\":1}");
  EXPECT_TRUE(ok.carrier);
  EXPECT_EQ(ok.outcome.kind, OutcomeKind::ok);
  ToolCall failed = result(R"(Script failed\nWall time 0.0 seconds\nOutput:\n)",
                           "Script error:\napply_patch verification failed: no lines");
  EXPECT_EQ(failed.outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(failed.outcome.error, "apply_patch verification failed: no lines");
  EXPECT_EQ(result(R"(Script failed\n)", "Script error:\nexec_command failed: x: Rejected(no)")
                .outcome.kind,
            OutcomeKind::refused);
  EXPECT_EQ(result(R"(Script failed\n)", "Script error:\nx is not defined").outcome.kind,
            OutcomeKind::failed);
}

TEST(CodexFile, ModelTokensCompactionInterruption) {
  EXPECT_EQ(read(line("turn_context", R"({"turn_id":"t","model":"gpt-x"})"))[0].text, "gpt-x");
  auto tokens = read(line("token_usage_record",
                          R"({"thread_id":"root","turn_id":"t","response_id":"resp_1","usage":)"
                          R"({"input_tokens":10,"cached_input_tokens":4,"output_tokens":3,)"
                          R"("reasoning_output_tokens":2}})"));
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_EQ(tokens[0].tokens.input, 10);
  EXPECT_EQ(tokens[0].tokens.cached_input, 4);
  EXPECT_EQ(tokens[0].tokens.reasoning, 2);
  EXPECT_EQ(tokens[0].id, "resp_1");
  EXPECT_EQ(read(line("compacted", R"({"message":"so far"})"))[0].kind, Kind::compaction);
  auto stopped =
      read(line("event_msg", R"({"type":"turn_aborted","turn_id":"t","reason":"interrupted"})"));
  EXPECT_EQ(stopped[0].kind, Kind::interrupted);
  EXPECT_EQ(stopped[0].turn, "t");
  EXPECT_EQ(
      read(line("response_item", R"({"type":"reasoning","id":"rs","summary":[{"text":"Hm."}],)"
                                 R"("encrypted_content":"zzz"})"))[0]
          .text,
      "Hm.");
}

TEST(CodexFile, SubagentsAndServers) {
  auto started = read(
      item(R"({"type":"SubAgentActivity","id":"c1","kind":"started","agent_thread_id":"child"})"));
  ASSERT_EQ(started.size(), 1u);
  EXPECT_EQ(started[0].kind, Kind::subagent);
  EXPECT_EQ(started[0].call.id, "c1");
  EXPECT_EQ(started[0].call.subagent_id, "child");
  EXPECT_EQ(read(item(R"({"type":"CollabAgentToolCall","id":"c2","tool":"spawn_agent",)"
                      R"("receiver_thread_ids":["child"]})"))[0]
                .call.subagent_id,
            "child");
  EXPECT_TRUE(
      read(
          item(
              R"({"type":"CollabAgentToolCall","id":"c3","tool":"wait","receiver_thread_ids":[]})"))
          .empty());
  auto meta =
      read(line("session_meta", R"({"id":"child","session_id":"root","parent_thread_id":"root"})"));
  ASSERT_EQ(meta.size(), 1u);
  EXPECT_EQ(meta[0].call.subagent_id, "child");
  EXPECT_TRUE(read(line("session_meta", R"({"id":"root","session_id":"root"})")).empty());
  auto mcp = read(
      item(R"({"type":"McpToolCall","id":"c4","server":"lab","tool":"echo","status":"completed",)"
           R"("result":{"content":[{"type":"text","text":"hi"}],"isError":true}})"));
  EXPECT_EQ(find(mcp, Kind::tool_call)->call.name, "mcp__lab__echo");
  EXPECT_EQ(find(mcp, Kind::tool_result)->call.outcome.kind, OutcomeKind::failed);
}

TEST(CodexFile, KeepsWhatIsTheUsers) {
  EXPECT_TRUE(keeps(line("session_meta", "{}")));
  EXPECT_TRUE(keeps(item(R"({"type":"CommandExecution"})")));
  EXPECT_TRUE(keeps(line("response_item", R"({"type":"function_call"})")));
  EXPECT_TRUE(keeps(line("not_known_yet", "{}")));
  EXPECT_FALSE(keeps(line("world_state", "{}")));
  EXPECT_FALSE(keeps(line("event_msg", R"({"type":"token_count"})")));
  EXPECT_FALSE(keeps(item(R"({"type":"AgentMessage"})")));
  EXPECT_FALSE(
      keeps(line("response_item", R"({"type":"message","role":"developer","content":[]})")));
}

TEST(CodexFile, CutsInstructionsAndSealedText) {
  EXPECT_EQ(
      agent().trim_line(
          R"({"type":"session_meta","payload":{"id":"a","base_instructions":{"text":"long"},"n":1e3}})"),
      R"({"type":"session_meta","payload":{"id":"a","base_instructions":{"text":""},"n":1e3}})");
  EXPECT_EQ(agent().trim_line(
                R"({"payload":{"type":"reasoning","encrypted_content":"gA","summary":["a"]}})"),
            R"({"payload":{"type":"reasoning","encrypted_content":"","summary":["a"]}})");
  EXPECT_EQ(
      agent().trim_line(R"({"payload":{"content":[{"encrypted_content":"gA"},{"text":"b"}]}})"),
      R"({"payload":{"content":[{"encrypted_content":""},{"text":"b"}]}})");
  EXPECT_EQ(
      agent().trim_line(R"({"payload":{"aggregated_output":"has \"base_instructions\" in it"}})"),
      R"({"payload":{"aggregated_output":"has \"base_instructions\" in it"}})");
}

}  // namespace
}  // namespace baton::agents
