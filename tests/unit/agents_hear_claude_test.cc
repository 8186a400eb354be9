// What Claude Code's hooks say: one test a row of the table "Which event tells the outcome" in
// docs/agents/claude-code.md, and the fields the recorder goes by.

#include <gtest/gtest.h>

#include "agents/agent.h"

namespace baton::agents {
namespace {

constexpr std::string_view kCommon =
    R"("session_id":"5e55","transcript_path":"/h/.claude/projects/-p/5e55.jsonl","cwd":"/p",)"
    R"("prompt_id":"turn-1","permission_mode":"default",)";

Heard hear(std::string_view fields, std::string_view event = "") {
  std::string text = "{" + std::string(kCommon) + std::string(fields) + "}";
  auto document = json::Document::parse(text);
  EXPECT_TRUE(document) << text;
  if (!document) return {};
  return find_agent("claude")->hear(event, document->root());
}

// The outcome in the only call of the event.
Outcome outcome(std::string_view fields) {
  Heard heard = hear(fields);
  EXPECT_EQ(heard.calls.size(), 1u) << fields;
  return heard.calls.empty() ? Outcome{} : heard.calls[0].outcome;
}

Outcome batch_outcome(std::string_view tool, std::string_view response) {
  return outcome(R"("hook_event_name":"PostToolBatch","tool_calls":[{"tool_name":")" +
                 std::string(tool) + R"(","tool_input":{},"tool_use_id":"t1","tool_response":)" +
                 std::string(response) + "}]");
}

TEST(HearClaude, FindsTheAgentByIdAndAlias) {
  EXPECT_EQ(find_agent("claude-code"), find_agent("claude"));
  ASSERT_NE(find_agent("codex"), nullptr);
  EXPECT_EQ(find_agent("Claude"), nullptr);
  EXPECT_EQ(all_agents().size(), 2u);
  for (const Agent* agent : all_agents()) EXPECT_EQ(find_agent(agent->id()), agent);
}

TEST(HearClaude, NamesSessionTurnAndFile) {
  Heard heard = hear(R"("hook_event_name":"UserPromptSubmit","prompt":"tidy up")");
  EXPECT_EQ(heard.moment, Moment::prompt);
  EXPECT_EQ(heard.event, "UserPromptSubmit");
  EXPECT_EQ(heard.session, "5e55");
  EXPECT_EQ(heard.parent, "");
  EXPECT_EQ(heard.turn, "turn-1");
  EXPECT_EQ(heard.cwd, "/p");
  EXPECT_EQ(heard.session_file, "/h/.claude/projects/-p/5e55.jsonl");
  EXPECT_EQ(heard.permission_mode, "default");
  EXPECT_EQ(heard.text, "tidy up");
  EXPECT_FALSE(heard.synthetic_prompt);
}

TEST(HearClaude, TheCommandLinesEventWins) {
  EXPECT_EQ(hear(R"("hook_event_name":"Stop")", "SessionEnd").moment, Moment::session_end);
  EXPECT_EQ(hear(R"("x":1)", "Stop").moment, Moment::turn_end);
  EXPECT_EQ(hear(R"("hook_event_name":"NeverHeardOf")").moment, Moment::unknown);
}

TEST(HearClaude, SessionStartsAndEnds) {
  for (std::string_view source : {"startup", "resume", "clear", "compact", "fork"}) {
    Heard heard = hear(R"("hook_event_name":"SessionStart","model":"m-1","source":")" +
                       std::string(source) + "\"");
    EXPECT_EQ(heard.moment, Moment::session_start);
    EXPECT_EQ(heard.source, source);
    EXPECT_EQ(heard.model, "m-1");
  }
  EXPECT_EQ(hear(R"("hook_event_name":"SessionEnd","reason":"clear")").source, "clear");
}

TEST(HearClaude, PromptsThatNobodyTyped) {
  auto synthetic = [](std::string_view fields) {
    return hear(R"("hook_event_name":"UserPromptSubmit",)" + std::string(fields)).synthetic_prompt;
  };
  EXPECT_FALSE(synthetic(R"("prompt":"go on","source":"user")"));
  EXPECT_FALSE(synthetic(R"("prompt":"go on","source":"sdk")"));
  EXPECT_FALSE(synthetic(R"("prompt":"<div> is not closed, fix it")"));
  EXPECT_TRUE(synthetic(R"("prompt":"go on","source":"loop_wakeup")"));
  EXPECT_TRUE(synthetic(R"("prompt":"go on","source":"poll_event")"));
  EXPECT_TRUE(synthetic(R"("prompt":"<task-notification>\n<task-id>b1</task-id>")"));
  EXPECT_TRUE(synthetic(R"("prompt":"<command-name>/model</command-name>")"));
  EXPECT_TRUE(synthetic(R"("prompt":"<local-command-stdout>ok</local-command-stdout>")"));
  EXPECT_TRUE(synthetic(R"("prompt":"[Request interrupted by user]")"));
}

TEST(HearClaude, ShellThatSucceeds) {
  Heard heard =
      hear(R"("hook_event_name":"PostToolUse","tool_name":"Bash",)"
           R"("tool_input":{"command":"make","description":"Build"},)"
           R"("tool_response":{"stdout":"built","stderr":"1 warning","interrupted":false},)"
           R"("tool_use_id":"t1","duration_ms":48)");
  ASSERT_EQ(heard.calls.size(), 1u);
  const ToolCall& call = heard.calls[0];
  EXPECT_EQ(heard.moment, Moment::tool_after);
  EXPECT_EQ(call.id, "t1");
  EXPECT_EQ(call.tool_class, ToolClass::shell);
  EXPECT_EQ(call.command, "make");
  EXPECT_EQ(call.description, "Build");
  EXPECT_EQ(call.outcome.kind, OutcomeKind::ok);
  EXPECT_EQ(call.outcome.exit_status, 0);
  EXPECT_EQ(call.outcome.output, "built\n1 warning");
  EXPECT_EQ(call.outcome.duration_ms, 48);
}

TEST(HearClaude, ShellWhoseStatusIsAnAnswer) {
  constexpr std::string_view kForm =
      R"("hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{"command":"x"},)"
      R"("tool_response":{"stdout":"","stderr":"","returnCodeInterpretation":")";
  Outcome grep = outcome(std::string(kForm) + R"(No matches found"})");
  EXPECT_EQ(grep.kind, OutcomeKind::ok);
  EXPECT_EQ(grep.exit_status, 1);
  Outcome other = outcome(std::string(kForm) + R"(Something new"})");
  EXPECT_EQ(other.kind, OutcomeKind::ok);
  EXPECT_EQ(other.exit_status, std::nullopt);
}

TEST(HearClaude, ShellThatFails) {
  Outcome failed = outcome(
      R"("hook_event_name":"PostToolUseFailure","tool_name":"Bash","tool_input":{"command":"x"},)"
      R"("tool_use_id":"t1","error":"Exit code 3\nboom\nagain","is_interrupt":false,"duration_ms":11)");
  EXPECT_EQ(failed.kind, OutcomeKind::failed);
  EXPECT_EQ(failed.exit_status, 3);
  EXPECT_EQ(failed.output, "boom\nagain");
  EXPECT_EQ(failed.error, "Exit code 3");
  EXPECT_EQ(failed.duration_ms, 11);
  Outcome bare =
      outcome(R"("hook_event_name":"PostToolUseFailure","tool_name":"Bash","tool_input":{},)"
              R"("error":"Exit code 137")");
  EXPECT_EQ(bare.exit_status, 137);
  EXPECT_EQ(bare.output, "");
}

TEST(HearClaude, ShellInterruptedBackgroundTimedOut) {
  EXPECT_EQ(outcome(R"("hook_event_name":"PostToolUseFailure","tool_name":"Bash","tool_input":{},)"
                    R"("error":"Exit code 137\n","is_interrupt":true)")
                .kind,
            OutcomeKind::interrupted);
  constexpr std::string_view kForm =
      R"("hook_event_name":"PostToolUse","tool_name":"Bash",)"
      R"("tool_input":{"command":"serve","run_in_background":true},"tool_response":)";
  Outcome interrupted =
      outcome(std::string(kForm) + R"({"stdout":"half","stderr":"","interrupted":true})");
  EXPECT_EQ(interrupted.kind, OutcomeKind::interrupted);
  EXPECT_EQ(interrupted.exit_status, std::nullopt);
  Outcome background =
      outcome(std::string(kForm) +
              R"({"stdout":"","stderr":"","interrupted":false,"backgroundTaskId":"b7"})");
  EXPECT_EQ(background.kind, OutcomeKind::background);
  EXPECT_EQ(background.background_id, "b7");
  EXPECT_EQ(background.exit_status, std::nullopt);
  Outcome timeout =
      outcome(std::string(kForm) +
              R"({"stdout":"","stderr":"","interrupted":false,"timedOutAfterMs":5000})");
  EXPECT_EQ(timeout.kind, OutcomeKind::failed);
  EXPECT_EQ(timeout.error, "timed out after 5000 ms");
  EXPECT_TRUE(hear(std::string(kForm) + R"({"stdout":""})").calls[0].background);
}

TEST(HearClaude, ReadOfAMissingFile) {
  Heard heard = hear(
      R"("hook_event_name":"PostToolUseFailure","tool_name":"Read",)"
      R"("tool_input":{"file_path":"/p/no.c"},"tool_use_id":"t1","error":"File does not exist.")");
  EXPECT_EQ(heard.calls[0].tool_class, ToolClass::read);
  EXPECT_EQ(heard.calls[0].reads, std::vector<std::string>{"/p/no.c"});
  EXPECT_EQ(heard.calls[0].outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(heard.calls[0].outcome.error, "File does not exist.");
}

TEST(HearClaude, EditThatDoesNotMatchIsInTheBatchOnly) {
  Outcome failed = batch_outcome(
      "Edit",
      R"("<tool_use_error>String to replace not found in file.\nString: x</tool_use_error>")");
  EXPECT_EQ(failed.kind, OutcomeKind::failed);
  EXPECT_EQ(failed.error, "String to replace not found in file.\nString: x");
}

TEST(HearClaude, CallsThatWereRefused) {
  for (std::string_view text :
       {"Permission to use Bash with command rm -rf src has been denied.",
        "This command requires approval",
        "Claude requested permissions to use Bash, but you haven't granted it yet.",
        "The user doesn't want to proceed with this tool use. The tool use was rejected (...). "
        "To tell you how to proceed, the user said:\\nuse make",
        "The user doesn't want to take this action right now.",
        "PreToolUse:Bash hook error: [guard]: not on this branch",
        "Permission for this action has been denied. Reason: x"}) {
    Outcome refused = batch_outcome("Bash", "\"" + std::string(text) + "\"");
    EXPECT_EQ(refused.kind, OutcomeKind::refused) << text;
    EXPECT_EQ(refused.error.substr(0, 40), text.substr(0, 40));
    EXPECT_EQ(refused.exit_status, std::nullopt);
  }
  EXPECT_EQ(outcome(R"("hook_event_name":"PermissionDenied","tool_name":"Bash","tool_input":{},)"
                    R"("tool_use_id":"t1","reason":"too risky")")
                .kind,
            OutcomeKind::refused);
}

// The very same words stand for a call that ran until the user stopped it.
TEST(HearClaude, StoppedIsNotRefused) {
  EXPECT_EQ(batch_outcome(
                "Bash", R"("The user doesn't want to proceed with this tool use. The tool use was )"
                        R"(rejected. STOP what you are doing and wait for the user.")")
                .kind,
            OutcomeKind::interrupted);
}

TEST(HearClaude, NoticeThatABackgroundCallEnded) {
  auto ended = [](std::string_view status, std::string_view summary) {
    Heard heard = hear(R"("hook_event_name":"UserPromptSubmit","prompt":"<task-notification>\n)"
                       R"(<task-id>b7</task-id>\n<tool-use-id>t1</tool-use-id>\n<status>)" +
                       std::string(status) + "</status>\\n<summary>" + std::string(summary) +
                       R"(</summary>\n</task-notification>")");
    EXPECT_TRUE(heard.synthetic_prompt);
    EXPECT_EQ(heard.calls.size(), 1u);
    return heard.calls.empty() ? ToolCall{} : heard.calls[0];
  };
  ToolCall call = ended("completed", "Background command completed (exit code 0)");
  EXPECT_EQ(call.id, "t1");
  EXPECT_EQ(call.outcome.background_id, "b7");
  EXPECT_EQ(call.outcome.kind, OutcomeKind::ok);
  EXPECT_EQ(call.outcome.exit_status, 0);
  EXPECT_EQ(ended("failed", "it failed (exit code 2)").outcome.exit_status, 2);
  EXPECT_EQ(ended("failed", "it failed with exit code 2").outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(ended("killed", "stopped").outcome.kind, OutcomeKind::interrupted);
  EXPECT_EQ(ended("pondering", "").outcome.kind, OutcomeKind::unknown);
}

TEST(HearClaude, BatchTextThatTellsNothing) {
  Outcome plain = batch_outcome("Read", R"("1\t#include <x>")");
  EXPECT_EQ(plain.kind, OutcomeKind::unknown);
  EXPECT_EQ(plain.output, "1\t#include <x>");
  EXPECT_EQ(
      batch_outcome("Agent", R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])").output,
      "a\nb");
  // Only a shell's text begins with its status.
  EXPECT_EQ(batch_outcome("Read", R"("Exit code 1\nis what the file says")").kind,
            OutcomeKind::unknown);
  EXPECT_EQ(batch_outcome("Bash", R"("Exit code 1\nno")").exit_status, 1);
}

TEST(HearClaude, AMalformedCallLeavesTheOthersOfItsBatch) {
  Heard heard = hear(
      R"("hook_event_name":"PostToolBatch","tool_calls":[{"tool_name":"Read","tool_input":)"
      R"({"file_path":"/a"},"tool_use_id":"1","tool_response":"x"},7,{"tool_name":[],"tool_input":"s"},)"
      R"({"tool_name":"Bash","tool_input":{"command":"ls"},"tool_use_id":"3","tool_response":"y"}])");
  ASSERT_EQ(heard.calls.size(), 3u);
  EXPECT_EQ(heard.calls[0].id, "1");
  EXPECT_EQ(heard.calls[2].command, "ls");
}

TEST(HearClaude, EditWithItsAnswer) {
  Heard heard = hear(
      R"("hook_event_name":"PostToolUse","tool_name":"Edit","tool_use_id":"t1",)"
      R"("tool_input":{"file_path":"/p/a","old_string":"one","new_string":"two","replace_all":true},)"
      R"("tool_response":{"filePath":"/p/a","oldString":"one","newString":"two",)"
      R"("originalFile":"one\n","structuredPatch":[],"userModified":false,"replaceAll":true})");
  ASSERT_EQ(heard.calls[0].edits.size(), 1u);
  const FileEdit& edit = heard.calls[0].edits[0];
  EXPECT_EQ(edit.kind, FileEdit::Kind::edit);
  EXPECT_EQ(edit.path, "/p/a");
  ASSERT_EQ(edit.edits.size(), 1u);
  EXPECT_EQ(edit.edits[0].old_text, "one");
  EXPECT_EQ(edit.edits[0].new_text, "two");
  EXPECT_TRUE(edit.edits[0].all);
  EXPECT_EQ(edit.original, "one\n");
  EXPECT_FALSE(edit.user_modified);
}

// The file has typographic quotes; the tool found them for plain ones and kept the style.
TEST(HearClaude, EditOfOtherTextThanAskedForIsTakenFromItsHunks) {
  Heard heard = hear(
      R"("hook_event_name":"PostToolUse","tool_name":"Edit","tool_use_id":"t1",)"
      R"("tool_input":{"file_path":"/p/a","old_string":"say \"a\"","new_string":"say \"b\""},)"
      R"("tool_response":{"filePath":"/p/a","oldString":"say “a”","newString":"say \"b\"",)"
      R"("originalFile":"x\nsay “a”\ny\n","structuredPatch":[{"oldStart":1,"oldLines":3,"newStart":1,)"
      R"("newLines":3,"lines":[" x","-say “a”","+say “b”"," y"]}],"userModified":false})");
  const FileEdit& edit = heard.calls[0].edits[0];
  auto after = apply_edit(edit, "x\nsay “a”\ny\n");
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(*after, "x\nsay “b”\ny\n");
}

TEST(HearClaude, EditThatTheUserChangedIsTakenFromItsHunks) {
  constexpr std::string_view kForm =
      R"("hook_event_name":"PostToolUse","tool_name":"Edit","tool_use_id":"t1",)"
      R"("tool_input":{"file_path":"/p/a","old_string":"b","new_string":"c"},)"
      R"("tool_response":{"filePath":"/p/a","oldString":"b","newString":"c","originalFile":"a\nb",)"
      R"("userModified":true,"structuredPatch":[{"oldStart":1,"oldLines":2,"newStart":1,"newLines":2,)";
  Heard heard =
      hear(std::string(kForm) + R"("lines":[" a","-b","\\ No newline at end of file","+C"]}]})");
  const FileEdit& edit = heard.calls[0].edits[0];
  EXPECT_TRUE(edit.user_modified);
  auto after = apply_edit(edit, "a\nb");
  ASSERT_TRUE(after);
  EXPECT_EQ(*after, "a\nC\n");
  // Hunks that do not fit the original (tabs are shown as blanks): nothing is claimed.
  heard = hear(std::string(kForm) + R"("lines":["     a","-b","+C"]}]})");
  EXPECT_FALSE(apply_edit(heard.calls[0].edits[0], "a\nb"));
}

TEST(HearClaude, WriteNotebookAndMultiEdit) {
  Heard write = hear(
      R"("hook_event_name":"PostToolUse","tool_name":"Write","tool_use_id":"t1",)"
      R"("tool_input":{"file_path":"/p/n","content":"new\n"},)"
      R"("tool_response":{"type":"create","filePath":"/p/n","content":"new\n","originalFile":null})");
  EXPECT_EQ(write.calls[0].edits[0].kind, FileEdit::Kind::write);
  EXPECT_EQ(write.calls[0].edits[0].content, "new\n");
  EXPECT_TRUE(write.calls[0].edits[0].created);
  EXPECT_FALSE(write.calls[0].edits[0].original);

  Heard notebook =
      hear(R"("hook_event_name":"PostToolUse","tool_name":"NotebookEdit","tool_use_id":"t1",)"
           R"("tool_input":{"notebook_path":"/p/n.ipynb","new_source":"1"},)"
           R"("tool_response":{"original_file":"{}","updated_file":"{1}"})");
  EXPECT_EQ(notebook.calls[0].edits[0].path, "/p/n.ipynb");
  EXPECT_EQ(notebook.calls[0].edits[0].content, "{1}");
  EXPECT_EQ(notebook.calls[0].edits[0].original, "{}");

  Heard multi = hear(
      R"("hook_event_name":"PreToolUse","tool_name":"MultiEdit","tool_use_id":"t1",)"
      R"("tool_input":{"file_path":"/p/m","edits":[{"old_string":"a","new_string":"b"},{"old_string":1},)"
      R"({"old_string":"b","new_string":"c"}]})");
  ASSERT_EQ(multi.calls[0].edits[0].edits.size(), 2u);
  EXPECT_EQ(multi.moment, Moment::tool_before);
}

TEST(HearClaude, EditWithWrongArgumentsNamesNothing) {
  Heard heard =
      hear(R"("hook_event_name":"PreToolUse","tool_name":"Edit","tool_input":{"unexpected":1})");
  EXPECT_EQ(heard.calls[0].tool_class, ToolClass::edit);
  EXPECT_TRUE(heard.calls[0].edits.empty());
}

TEST(HearClaude, StagedEditWroteNothing) {
  Heard heard = hear(R"("hook_event_name":"PostToolUse","tool_name":"Edit","tool_use_id":"t1",)"
                     R"("tool_input":{"file_path":"/p/a","old_string":"b","new_string":"c"},)"
                     R"("tool_response":{"filePath":"/p/a","staged":true})");
  EXPECT_TRUE(heard.calls[0].edits.empty());
}

TEST(HearClaude, Plans) {
  Heard todo = hear(
      R"("hook_event_name":"PreToolUse","tool_name":"TodoWrite","tool_use_id":"t1","tool_input":)"
      R"({"todos":[{"content":"x","status":"in_progress","activeForm":"doing x"},)"
      R"({"content":"y","status":"pending","activeForm":"doing y"}]})");
  ASSERT_EQ(todo.calls[0].plan.size(), 2u);
  EXPECT_TRUE(todo.calls[0].plan_is_whole);
  EXPECT_EQ(todo.calls[0].plan[1].id, "2");
  EXPECT_EQ(todo.calls[0].plan[0].status, "in_progress");

  Heard create =
      hear(R"("hook_event_name":"PostToolUse","tool_name":"TaskCreate","tool_use_id":"t1",)"
           R"("tool_input":{"subject":"Look","description":"Look at it"},)"
           R"("tool_response":{"task":{"id":"4","subject":"Look"}})");
  EXPECT_EQ(create.calls[0].plan[0].id, "4");
  EXPECT_EQ(create.calls[0].plan[0].text, "Look");
  EXPECT_FALSE(create.calls[0].plan_is_whole);

  Heard update =
      hear(R"("hook_event_name":"PreToolUse","tool_name":"TaskUpdate","tool_use_id":"t1",)"
           R"("tool_input":{"taskId":"4","status":"deleted"})");
  EXPECT_EQ(update.calls[0].plan[0].id, "4");
  EXPECT_EQ(update.calls[0].plan[0].status, "deleted");

  Heard made = hear(R"("hook_event_name":"TaskCreated","task_id":"4","task_subject":"Look")");
  EXPECT_EQ(made.moment, Moment::plan_item);
  EXPECT_EQ(made.calls[0].plan[0].status, "pending");
  Heard done = hear(R"("hook_event_name":"TaskCompleted","task_id":"4","task_subject":"Look")");
  EXPECT_EQ(done.calls[0].plan[0].status, "completed");
  EXPECT_EQ(done.text, "Look");

  Heard prose = hear(
      R"("hook_event_name":"PostToolUse","tool_name":"ExitPlanMode","tool_use_id":"t1","tool_input":{},)"
      R"("tool_response":{"plan":"# First\nthis","isAgent":false})");
  EXPECT_EQ(prose.calls[0].plan_text, "# First\nthis");
}

TEST(HearClaude, SubagentsAreSessionsWithAParent) {
  Heard inside =
      hear(R"("agent_id":"a77","agent_type":"general-purpose","hook_event_name":"PreToolUse",)"
           R"("tool_name":"Bash","tool_input":{"command":"ls"},"tool_use_id":"t1")");
  EXPECT_EQ(inside.session, "5e55/a77");
  EXPECT_EQ(inside.parent, "5e55");
  EXPECT_EQ(inside.subagent_type, "general-purpose");
  EXPECT_EQ(inside.session_file, "/h/.claude/projects/-p/5e55/subagents/agent-a77.jsonl");

  Heard end =
      hear(R"("agent_id":"a77","agent_type":"general-purpose","hook_event_name":"SubagentStop",)"
           R"("agent_transcript_path":"/h/other.jsonl","last_assistant_message":"found it")");
  EXPECT_EQ(end.moment, Moment::subagent_end);
  EXPECT_EQ(end.session_file, "/h/other.jsonl");
  EXPECT_EQ(end.text, "found it");

  Heard odd = hear(R"("agent_id":"../../x","agent_type":"t","hook_event_name":"SubagentStart")");
  EXPECT_EQ(odd.session_file, "");

  Heard call = hear(
      R"("hook_event_name":"PostToolUse","tool_name":"Agent","tool_use_id":"t9",)"
      R"("tool_input":{"prompt":"find it","subagent_type":"Explore","run_in_background":false},)"
      R"("tool_response":{"status":"completed","agentId":"a77","content":[{"type":"text","text":"here"}]})");
  EXPECT_EQ(call.calls[0].tool_class, ToolClass::subagent);
  EXPECT_EQ(call.calls[0].subagent_id, "5e55/a77");
  EXPECT_EQ(call.calls[0].subagent_prompt, "find it");
  EXPECT_EQ(call.calls[0].outcome.output, "here");

  Heard background = hear(
      R"("hook_event_name":"PostToolUse","tool_name":"Task","tool_use_id":"t9","tool_input":{},)"
      R"("tool_response":{"status":"async_launched","agentId":"a78"})");
  EXPECT_EQ(background.calls[0].outcome.kind, OutcomeKind::background);
}

TEST(HearClaude, CompactionsHiddenAgentIsNoSession) {
  Heard heard =
      hear(R"("agent_id":"a90","agent_type":"","hook_event_name":"SubagentStop",)"
           R"("agent_transcript_path":"/h/none.jsonl","last_assistant_message":"<summary>")");
  EXPECT_EQ(heard.moment, Moment::notice);
  EXPECT_EQ(heard.session, "5e55");
  EXPECT_EQ(heard.parent, "");
  EXPECT_EQ(heard.session_file, "/h/.claude/projects/-p/5e55.jsonl");
}

TEST(HearClaude, TurnsEndAndContextIsCompacted) {
  EXPECT_EQ(hear(R"("hook_event_name":"Stop","last_assistant_message":"done")").text, "done");
  Heard failed = hear(R"("hook_event_name":"StopFailure","error":"overloaded")");
  EXPECT_EQ(failed.moment, Moment::turn_failed);
  EXPECT_EQ(failed.text, "overloaded");
  EXPECT_EQ(hear(R"("hook_event_name":"PreCompact","trigger":"auto")").source, "auto");
  Heard after = hear(R"("hook_event_name":"PostCompact","trigger":"manual","compact_summary":"s")");
  EXPECT_EQ(after.moment, Moment::compact_after);
  EXPECT_EQ(after.text, "s");
}

TEST(HearClaude, ToolsByClass) {
  auto class_of = [](std::string_view name) {
    return hear(R"("hook_event_name":"PreToolUse","tool_input":{"pattern":"x"},"tool_name":")" +
                std::string(name) + "\"")
        .calls[0]
        .tool_class;
  };
  EXPECT_EQ(class_of("Grep"), ToolClass::search);
  EXPECT_EQ(class_of("Glob"), ToolClass::search);
  EXPECT_EQ(class_of("WebFetch"), ToolClass::web);
  EXPECT_EQ(class_of("mcp__db__query"), ToolClass::mcp);
  EXPECT_EQ(class_of("ToolSearch"), ToolClass::other);
  EXPECT_EQ(class_of("SomethingNew"), ToolClass::other);
}

TEST(HearClaude, NoticesKeepTheirPoint) {
  Heard changed = hear(R"("hook_event_name":"FileChanged","file_path":"/p/a","event":"change")");
  EXPECT_EQ(changed.moment, Moment::notice);
  EXPECT_EQ(changed.text, "/p/a");
  EXPECT_EQ(changed.source, "change");
  EXPECT_EQ(hear(R"("hook_event_name":"InstructionsLoaded","file_path":"/p/CLAUDE.md")").text,
            "/p/CLAUDE.md");
}

TEST(HearClaude, PayloadsOfTheWrongTypes) {
  for (std::string_view text :
       {"null", "[]", "7", "\"x\"", "{}",
        R"({"session_id":7,"hook_event_name":[],"tool_input":{}})",
        R"({"hook_event_name":"PostToolUse","tool_name":"Edit","tool_input":[],)"
        R"("tool_response":[{}]})",
        R"({"hook_event_name":"PostToolBatch","tool_calls":{"a":1}})"}) {
    auto document = json::Document::parse(text);
    ASSERT_TRUE(document);
    Heard heard = find_agent("claude")->hear("", document->root());
    EXPECT_EQ(heard.session, "");
  }
}

TEST(HearClaude, InjectsWhereTheModelSeesIt) {
  const Agent& agent = *find_agent("claude");
  EXPECT_EQ(
      agent.injection(Moment::session_start, "say \"hi\""),
      R"({"hookSpecificOutput":{"hookEventName":"SessionStart","additionalContext":"say \"hi\""}})");
  EXPECT_EQ(
      agent.injection(Moment::prompt, "x"),
      R"({"hookSpecificOutput":{"hookEventName":"UserPromptSubmit","additionalContext":"x"}})");
  EXPECT_EQ(agent.injection(Moment::turn_end, "x"), "");
  EXPECT_EQ(agent.injection(Moment::prompt, ""), "");
  EXPECT_GE(agent.injection_limit(), 4096u);
}

}  // namespace
}  // namespace baton::agents
