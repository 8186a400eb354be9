#include "cli/note_author.h"

#include "index/notes.h"
#include "index/queries.h"
#include "os/env.h"

namespace baton::cli {
namespace {

constexpr int kMaxAncestors = 32;

// Variables that agents, recorded or not, set for the commands they run.
constexpr const char* kAgentMarks[] = {"CLAUDECODE",   "CODEX_THREAD_ID", "CODEX_CI",  "AI_AGENT",
                                       "CURSOR_AGENT", "GEMINI_CLI",      "QWEN_CODE", "OPENCODE",
                                       "COPILOT_CLI",  "CLINE_ACTIVE"};

}  // namespace

NoteAuthor note_author(index::Index* index, const git::Config& config) {
  NoteAuthor author;
  for (const char* mark : kAgentMarks) author.in_agent |= os::env(mark).has_value();
  auto claude = os::env("CLAUDE_CODE_SESSION_ID");
  auto codex = os::env("CODEX_THREAD_ID");
  // One agent may have been started by the other: then only the processes can tell.
  if (claude && !codex) {
    author.kind = model::NoteAuthor::agent;
    author.agent = "claude-code";
    author.session = *claude;
    return author;
  }
  if (codex && !claude) {
    author.kind = model::NoteAuthor::agent;
    author.agent = "codex";
    author.session = *codex;
    author.call = os::env("CODEX_TOOL_CALL_ID").value_or("");
    return author;
  }
  int pid = os::parent_process_id();
  for (int i = 0; index && i < kMaxAncestors && pid > 1; ++i) {
    auto info = os::process_info(pid);
    if (!info) break;
    auto key = index::session_noting_in(*index, pid, static_cast<int64_t>(info->start_ticks));
    if (key && *key != 0) {
      author.in_agent = true;
      auto session = index::session(*index, *key);
      if (!session) return author;
      author.kind = model::NoteAuthor::agent;
      author.agent = session->agent;
      author.session = session->id;
      return author;
    }
    pid = info->parent;
  }
  if (author.in_agent) return author;
  author.name = os::env("GIT_AUTHOR_NAME").value_or(config.get("user.name").value_or(""));
  author.email = os::env("GIT_AUTHOR_EMAIL").value_or(config.get("user.email").value_or(""));
  if (!author.name.empty() || !author.email.empty()) author.kind = model::NoteAuthor::person;
  return author;
}

}  // namespace baton::cli
