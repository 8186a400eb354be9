// What Codex's hooks say (docs/agents/codex.md).

#include <gtest/gtest.h>

#include "agents/agent.h"

namespace baton::agents {
namespace {

Heard hear(std::string_view fields, std::string_view event = "") {
  std::string text =
      R"({"session_id":"root","turn_id":"turn-1","transcript_path":"/h/rollout-root.jsonl",)"
      R"("cwd":"/p","model":"gpt-x","permission_mode":"default",)" +
      std::string(fields) + "}";
  auto document = json::Document::parse(text);
  EXPECT_TRUE(document) << text;
  if (!document) return {};
  return find_agent("codex")->hear(event, document->root());
}

std::string quoted(std::string_view text) {
  std::string out;
  json::quote(out, text);
  return out;
}

Heard patch_event(std::string_view event, std::string_view patch, std::string_view response = "") {
  std::string fields =
      R"("hook_event_name":")" + std::string(event) +
      R"(","tool_name":"apply_patch","tool_use_id":"c1","tool_input":{"command":)" + quoted(patch) +
      "}";
  if (!response.empty()) fields += R"(,"tool_response":)" + quoted(response);
  return hear(fields);
}

constexpr std::string_view kSuccess =
    "Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\nM a\n";

TEST(HearCodex, NamesSessionTurnModelAndFile) {
  Heard heard = hear(R"("hook_event_name":"UserPromptSubmit","prompt":"tidy up")");
  EXPECT_EQ(heard.moment, Moment::prompt);
  EXPECT_EQ(heard.session, "root");
  EXPECT_EQ(heard.turn, "turn-1");
  EXPECT_EQ(heard.model, "gpt-x");
  EXPECT_EQ(heard.session_file, "/h/rollout-root.jsonl");
  EXPECT_EQ(heard.text, "tidy up");
  EXPECT_EQ(hear(R"("hook_event_name":"SessionStart","source":"resume")").source, "resume");
  EXPECT_EQ(hear(R"("hook_event_name":"SessionEnd","reason":"other")").source, "other");
  EXPECT_EQ(hear(R"("hook_event_name":"PreCompact","trigger":"manual")").source, "manual");
  EXPECT_EQ(hear(R"("hook_event_name":"Interrupt")").moment, Moment::interrupt);
  EXPECT_EQ(hear(R"("hook_event_name":"Else")").moment, Moment::unknown);
}

// Success and failure look the same: the status is in the session file.
TEST(HearCodex, ShellTellsOnlyItsOutput) {
  Heard heard = hear(R"("hook_event_name":"PostToolUse","tool_name":"Bash","tool_use_id":"exec-1",)"
                     R"("tool_input":{"command":"make"},"tool_response":"no rule\n")");
  ASSERT_EQ(heard.calls.size(), 1u);
  EXPECT_EQ(heard.calls[0].id, "exec-1");
  EXPECT_EQ(heard.calls[0].tool_class, ToolClass::shell);
  EXPECT_EQ(heard.calls[0].command, "make");
  EXPECT_EQ(heard.calls[0].outcome.kind, OutcomeKind::unknown);
  EXPECT_EQ(heard.calls[0].outcome.exit_status, std::nullopt);
  EXPECT_EQ(heard.calls[0].outcome.output, "no rule\n");
}

TEST(HearCodex, PatchOfEveryKind) {
  Heard heard = patch_event("PostToolUse",
                            "*** Begin Patch\n"
                            "*** Add File: new.txt\n+one\n+\n+three\n"
                            "*** Delete File: gone.txt\n"
                            "*** Update File: a.c\n"
                            "@@ int main()\n  x\n-y\n+z\n@@\n-last\n+end\n*** End of File\n"
                            "*** Update File: old.txt\n*** Move to: moved/new.txt\n@@\n-p\n+q\n"
                            "*** End Patch\n",
                            kSuccess);
  const ToolCall& call = heard.calls[0];
  EXPECT_EQ(call.tool_class, ToolClass::edit);
  EXPECT_EQ(call.outcome.kind, OutcomeKind::ok);
  ASSERT_EQ(call.edits.size(), 4u);
  EXPECT_EQ(call.edits[0].kind, FileEdit::Kind::write);
  EXPECT_EQ(call.edits[0].path, "new.txt");
  EXPECT_EQ(call.edits[0].content, "one\n\nthree\n");
  EXPECT_TRUE(call.edits[0].created);
  EXPECT_EQ(call.edits[1].kind, FileEdit::Kind::remove);
  EXPECT_EQ(call.edits[1].path, "gone.txt");
  EXPECT_EQ(call.edits[2].kind, FileEdit::Kind::patch);
  ASSERT_EQ(call.edits[2].edits.size(), 2u);
  EXPECT_EQ(call.edits[2].edits[0].anchor, "int main()");
  EXPECT_EQ(call.edits[2].edits[0].old_text, " x\ny\n");
  EXPECT_EQ(call.edits[2].edits[0].new_text, " x\nz\n");
  EXPECT_FALSE(call.edits[2].edits[0].at_end);
  EXPECT_TRUE(call.edits[2].edits[1].at_end);
  EXPECT_EQ(call.edits[3].path, "old.txt");
  EXPECT_EQ(call.edits[3].move_to, "moved/new.txt");
}

TEST(HearCodex, PatchThatFails) {
  constexpr std::string_view kPatch = "*** Begin Patch\n*** Delete File: a\n*** End Patch";
  Heard failed =
      patch_event("PostToolUse", kPatch, "Exit code: 1\nWall time: 0 seconds\nOutput:\nno a");
  EXPECT_EQ(failed.calls[0].outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(failed.calls[0].outcome.error, "no a");
  Heard before = patch_event("PreToolUse", kPatch);
  EXPECT_EQ(before.calls[0].outcome.kind, OutcomeKind::none);
  EXPECT_EQ(before.calls[0].edits.size(), 1u);
}

TEST(HearCodex, MalformedPatchNamesWhatWasReadBefore) {
  Heard heard =
      patch_event("PreToolUse", "*** Begin Patch\n*** Delete File: a\n*** Add File: b\nno plus");
  ASSERT_EQ(heard.calls[0].edits.size(), 2u);
  EXPECT_EQ(heard.calls[0].edits[1].path, "b");
  EXPECT_TRUE(patch_event("PreToolUse", "rm -rf /").calls[0].edits.empty());
}

TEST(HearCodex, PlanIsWhole) {
  Heard heard = hear(
      R"("hook_event_name":"PostToolUse","tool_name":"update_plan","tool_use_id":"c1","tool_input":)"
      R"({"explanation":"why","plan":[{"step":"look","status":"completed"},)"
      R"({"step":"fix","status":"in_progress"}]},"tool_response":"Plan updated")");
  const ToolCall& call = heard.calls[0];
  EXPECT_EQ(call.tool_class, ToolClass::plan);
  EXPECT_TRUE(call.plan_is_whole);
  ASSERT_EQ(call.plan.size(), 2u);
  EXPECT_EQ(call.plan[1].id, "2");
  EXPECT_EQ(call.plan[1].text, "fix");
  EXPECT_EQ(call.plan[1].status, "in_progress");
  EXPECT_EQ(call.outcome.kind, OutcomeKind::ok);
}

TEST(HearCodex, SubagentsAreThreadsOfTheirOwn) {
  Heard inside =
      hear(R"("agent_id":"child","agent_type":"explorer","hook_event_name":"PreToolUse",)"
           R"("tool_name":"Bash","tool_input":{"command":"ls"},"tool_use_id":"exec-2")");
  EXPECT_EQ(inside.session, "child");
  EXPECT_EQ(inside.parent, "root");
  EXPECT_EQ(inside.subagent_type, "explorer");
  EXPECT_EQ(inside.session_file, "/h/rollout-root.jsonl");  // its own, in its own events

  Heard end =
      hear(R"("agent_id":"child","agent_type":"explorer","hook_event_name":"SubagentStop",)"
           R"("agent_transcript_path":"/h/rollout-child.jsonl","last_assistant_message":"found")");
  EXPECT_EQ(end.moment, Moment::subagent_end);
  EXPECT_EQ(end.session_file, "/h/rollout-child.jsonl");
  EXPECT_EQ(end.text, "found");

  for (std::string_view name : {"spawn_agent", "collaborationspawn_agent"}) {
    Heard call = hear(
        R"("hook_event_name":"PostToolUse","tool_use_id":"c1","tool_input":{"message":"find it",)"
        R"("agent_type":"explorer"},"tool_response":"{\"agent_id\":\"child\"}","tool_name":")" +
        std::string(name) + "\"");
    EXPECT_EQ(call.calls[0].tool_class, ToolClass::subagent) << name;
    EXPECT_EQ(call.calls[0].subagent_prompt, "find it");
    EXPECT_EQ(call.calls[0].subagent_id, "child");
  }
  Heard wait = hear(
      R"("hook_event_name":"PreToolUse","tool_name":"collaborationwait_agent","tool_input":{})");
  EXPECT_EQ(wait.calls[0].tool_class, ToolClass::other);
}

TEST(HearCodex, ServersSayWhetherTheyFailed) {
  constexpr std::string_view kForm =
      R"("hook_event_name":"PostToolUse","tool_name":"mcp__lab__echo","tool_use_id":"c1",)"
      R"("tool_input":{"text":"hi"},"tool_response":{"content":[{"type":"text","text":"hi"}],"isError":)";
  Heard ok = hear(std::string(kForm) + "false}");
  EXPECT_EQ(ok.calls[0].tool_class, ToolClass::mcp);
  EXPECT_EQ(ok.calls[0].outcome.kind, OutcomeKind::ok);
  EXPECT_EQ(ok.calls[0].outcome.output, "hi");
  EXPECT_EQ(hear(std::string(kForm) + "true}").calls[0].outcome.kind, OutcomeKind::failed);
}

TEST(HearCodex, PermissionsAndNotify) {
  Heard asked = hear(R"("hook_event_name":"PermissionRequest","tool_name":"Bash",)"
                     R"("tool_input":{"command":"touch /etc/x","description":"need it"})");
  EXPECT_EQ(asked.moment, Moment::permission);
  EXPECT_EQ(asked.calls[0].command, "touch /etc/x");
  EXPECT_EQ(asked.calls[0].description, "need it");

  auto document = json::Document::parse(
      R"({"type":"agent-turn-complete","thread-id":"root","turn-id":"turn-1","cwd":"/p",)"
      R"("input-messages":["x"],"last-assistant-message":"done"})");
  ASSERT_TRUE(document);
  Heard notify = find_agent("codex")->hear("notify", document->root());
  EXPECT_EQ(notify.moment, Moment::notice);
  EXPECT_EQ(notify.session, "root");
  EXPECT_EQ(notify.text, "done");
}

TEST(HearCodex, PayloadsOfTheWrongTypes) {
  for (
      std::string_view text :
      {"null", "[]", "{}", R"({"hook_event_name":"PostToolUse","tool_name":"apply_patch"})",
       R"({"hook_event_name":"PostToolUse","tool_name":"update_plan","tool_input":{"plan":"x"}})",
       R"({"hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{"command":[1,2,3]}})"}) {
    auto document = json::Document::parse(text);
    ASSERT_TRUE(document);
    EXPECT_EQ(find_agent("codex")->hear("", document->root()).session, "");
  }
}

}  // namespace
}  // namespace baton::agents
