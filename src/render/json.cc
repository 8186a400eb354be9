#include "render/json.h"

#include <cstdio>

#include "render/text.h"
#include "secrets/mask.h"
#include "secrets/masker.h"

namespace baton::render {
namespace {

// Where the agent's own JSON stands, whose member names tell secrets.
constexpr std::string_view kInput = "/input/";

// Escapes what a terminal would obey: C1 controls, DEL, and characters that turn or hide text. They
// only occur inside strings, where an escape means the same.
std::string escape_acting(std::string text) {
  bool any = false;
  for (char c : text) any = any || static_cast<unsigned char>(c) >= 0x7F;
  if (!any) return text;
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i]);
    size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::string_view piece = std::string_view(text).substr(i, size);
    i += size;
    char32_t point = size == 1 ? lead : lead & (0xFFu >> (size + 1));
    for (char c : piece.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3F);
    if (!acts(point) || point < 0x7F) {
      out += piece;
      continue;
    }
    char escaped[16];
    if (point > 0xFFFF) {
      unsigned rest = static_cast<unsigned>(point) - 0x10000;
      snprintf(escaped, sizeof escaped, "\\u%04x\\u%04x", 0xD800 + (rest >> 10),
               0xDC00 + (rest & 0x3FF));
    } else {
      snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(point));
    }
    out += escaped;
  }
  return out;
}

void optional_count(json::Writer& json, std::string_view name, const std::optional<int>& value) {
  if (value) json.member(name, *value);
}

void optional_flag(json::Writer& json, std::string_view name, bool value) {
  if (value) json.member(name, true);
}

void write_tokens(json::Writer& json, const model::Tokens& tokens) {
  if (!tokens.known()) return;
  json.key("tokens").begin_object().member("input", tokens.input);
  json.member("cached_input", tokens.cached_input).member("output", tokens.output);
  json.member("reasoning", tokens.reasoning).end_object();
}

void write_turn_members(json::Writer& json, const model::Turn& turn) {
  json.member("address", turn.address()).member("session", turn.session);
  json.member("session_id", turn.session_id).member("agent", turn.agent);
  json.member("number", turn.number).member("prompt", turn.prompt);
  optional_flag(json, "synthetic", turn.synthetic);
  json.member("state", to_string(turn.state));
  optional_time(json, "began", turn.began);
  optional_time(json, "ended", turn.ended);
  optional_member(json, "branch", turn.branch);
  optional_member(json, "head", turn.head);
  optional_member(json, "worktree", turn.worktree);
  optional_member(json, "model", turn.model);
  optional_member(json, "last_message", turn.last_message);
  json.member("step_count", turn.steps).member("failed_steps", turn.failed_steps);
  write_strings(json, "paths", turn.paths);
  json.member("tests_run", turn.tests_run);
  if (turn.last_test) {
    json.key("last_test");
    write(json, *turn.last_test);
  }
  write_tokens(json, turn.tokens);
}

void write_step_members(json::Writer& json, const model::Step& step) {
  json.member("address", step.ref.address()).member("session", step.ref.session);
  json.member("agent", step.session_agent.empty() ? step.ref.agent : step.session_agent);
  json.member("turn", step.ref.turn);
  optional_member(json, "call", step.call);
  json.member("tool", step.tool).member("kind", to_string(step.kind));
  json.member("outcome", to_string(step.outcome));
  optional_count(json, "exit_status", step.exit_status);
  optional_time(json, "began", step.began);
  optional_time(json, "ended", step.ended);
  if (step.duration_ms) json.member("duration_ms", *step.duration_ms);
  optional_member(json, "command", step.command);
  optional_member(json, "description", step.description);
  optional_member(json, "cwd", step.cwd);
  optional_flag(json, "background", step.background);
  optional_member(json, "error", step.error);
  optional_member(json, "worktree", step.worktree);
  optional_member(json, "subagent", step.subagent);
  if (!step.claims.empty()) {
    json.key("claims").begin_array();
    for (const model::PathClaim& claim : step.claims) {
      json.begin_object().member("path", claim.path).member("kind", claim.kind);
      optional_member(json, "move_to", claim.move_to);
      json.end_object();
    }
    json.end_array();
  }
  if (!step.reads.empty()) {
    json.key("reads").begin_array();
    for (const model::PathRead& read : step.reads) {
      json.begin_object().member("path", read.path).member("basis", to_string(read.basis));
      json.end_object();
    }
    json.end_array();
  }
  write_list(json, "changes", step.changes);
  if (step.test) {
    json.key("test");
    write(json, *step.test);
  }
  if (!step.commits.empty()) write_strings(json, "commits", step.commits);
  if (!step.outside.empty()) write_strings(json, "outside", step.outside);
  optional_flag(json, "from_file", step.from_file);
}

}  // namespace

json::Value tool_input(const json::Value& sent) {
  json::Value inner = sent["tool_input"];
  return inner.exists() && sent["hook_event_name"].exists() ? inner : sent;
}

std::string journal_name(const model::EventPlace& event) {
  bool whole = event.directory.find('/') != std::string::npos;
  return whole ? event.directory : event.agent + "/" + event.directory;
}

JsonAnswer::JsonAnswer(std::string_view kind) {
  json_.begin_object().member("baton", kJsonVersion).member("kind", kind);
}

std::string JsonAnswer::finish(const Style& style) {
  json_.end_object();
  auto mask = [&](const json::StringSite& site) -> std::optional<json::Replacement> {
    if (site.is_key) return std::nullopt;
    bool input = site.path.find(kInput) != std::string_view::npos;
    std::optional<std::string> changed;
    if (style.masker) {
      changed =
          input ? style.masker->mask_member(site.key, site.value) : style.masker->mask(site.value);
    } else {
      changed = input ? secrets::mask_member(site.key, site.value) : secrets::mask(site.value);
    }
    if (!changed) return std::nullopt;
    return json::Replacement{std::move(*changed), false};
  };
  auto masked = json::rewrite_strings(json_.text(), mask);
  return escape_acting(masked ? std::move(*masked) : json_.take()) + "\n";
}

void optional_member(json::Writer& json, std::string_view name, std::string_view value) {
  if (!value.empty()) json.member(name, value);
}

void optional_time(json::Writer& json, std::string_view name, Micros time) {
  if (time != 0) json.member(name, format_utc(time));
}

void write_strings(json::Writer& json, std::string_view name,
                   const std::vector<std::string>& list) {
  json.key(name).begin_array();
  for (const std::string& item : list) json.string(item);
  json.end_array();
}

void write(json::Writer& json, const model::Position& position) {
  json.begin_object().member("worktree", position.worktree).member("q", position.q).end_object();
}

void write(json::Writer& json, const model::Owner& owner) {
  json.begin_object().member("kind", to_string(owner.kind));
  if (owner.evidence != model::Evidence::none) {
    json.member("evidence", to_string(owner.evidence));
  }
  optional_member(json, "rule", owner.rule);
  if (!owner.step.empty()) {
    json.member("step", owner.step.address()).member("agent", owner.step.agent);
    if (owner.step.turn) {
      json.member("turn", owner.step.session + ":" + std::to_string(owner.step.turn));
    }
  } else if (owner.evidence == model::Evidence::identity) {
    optional_member(json, "agent", owner.step.agent);
  }
  if (!owner.candidates.empty()) {
    json.key("candidates").begin_array();
    for (const model::StepRef& step : owner.candidates) json.string(step.address());
    json.end_array();
  }
  if (!owner.others.empty()) {
    json.key("others").begin_array();
    for (model::OwnerKind kind : owner.others) json.string(to_string(kind));
    json.end_array();
  }
  optional_member(json, "commit", owner.commit);
  json.end_object();
}

void write(json::Writer& json, const model::Change& change) {
  json.begin_object();
  optional_member(json, "worktree", change.worktree);
  if (change.q) json.member("q", change.q);
  json.member("path", change.path);
  optional_member(json, "before", change.before.hex());
  optional_member(json, "after", change.after.hex());
  optional_member(json, "before_mode", change.before_mode);
  optional_member(json, "after_mode", change.after_mode);
  optional_member(json, "git_id", change.git_id.hex());
  optional_time(json, "seen", change.seen);
  json.key("owner");
  write(json, change.owner);
  optional_flag(json, "skipped", change.skipped);
  optional_flag(json, "withheld", change.withheld);
  json.end_object();
}

void write(json::Writer& json, const model::TestRun& run) {
  json.begin_object().member("kind", to_string(run.kind)).member("runner", run.runner);
  json.member("verdict", to_string(run.verdict));
  optional_member(json, "ground", run.ground);
  optional_flag(json, "by_name", run.by_name);
  optional_flag(json, "partial", run.partial);
  optional_count(json, "passed", run.passed);
  optional_count(json, "failed", run.failed);
  optional_count(json, "skipped", run.skipped);
  if (!run.failing.empty()) write_strings(json, "failing", run.failing);
  if (!run.skipping.empty()) write_strings(json, "skipping", run.skipping);
  optional_member(json, "step", run.step.address());
  optional_member(json, "command", run.command);
  optional_count(json, "exit_status", run.exit_status);
  optional_time(json, "time", run.time);
  if (run.tree.known()) {
    json.key("tree");
    write(json, run.tree);
  }
  json.end_object();
}

void write(json::Writer& json, const model::PlanItem& item) {
  json.begin_object();
  optional_member(json, "id", item.id);
  json.member("text", item.text).member("status", item.status);
  optional_member(json, "step", item.step.address());
  optional_time(json, "time", item.time);
  json.end_object();
}

void write(json::Writer& json, const model::Plan& plan) {
  json.begin_object();
  write_list(json, "items", plan.items);
  optional_member(json, "text", plan.text);
  optional_member(json, "step", plan.step.address());
  json.end_object();
}

void write(json::Writer& json, const model::Message& message) {
  json.begin_object().member("kind", to_string(message.kind));
  optional_time(json, "time", message.time);
  json.member("text", message.text);
  if (message.turn) json.member("turn", message.turn);
  if (message.before_step) json.member("before_step", message.before_step);
  json.end_object();
}

void write(json::Writer& json, const model::Session& session) {
  json.begin_object().member("address", session.address).member("agent", session.agent);
  json.member("id", session.id);
  optional_member(json, "parent", session.parent);
  if (session.parent_step) json.member("parent_step", session.parent_step);
  optional_member(json, "subagent_type", session.subagent_type);
  json.member("state", to_string(session.state));
  optional_time(json, "began", session.began);
  optional_time(json, "last", session.last);
  optional_member(json, "model", session.model);
  optional_member(json, "title", session.title);
  optional_member(json, "cwd", session.cwd);
  optional_member(json, "worktree", session.worktree);
  optional_member(json, "branch", session.branch);
  optional_member(json, "first_prompt", session.first_prompt);
  optional_member(json, "last_prompt", session.last_prompt);
  json.member("turns", session.turns).member("steps", session.steps);
  json.member("failed_steps", session.failed_steps).member("paths_changed", session.paths_changed);
  json.member("subagents", session.subagents).member("compactions", session.compactions);
  json.member("resumed", session.resumed);
  write_tokens(json, session.tokens);
  json.end_object();
}

void write(json::Writer& json, const model::Step& step) {
  json.begin_object();
  write_step_members(json, step);
  json.end_object();
}

void write(json::Writer& json, const model::Turn& turn) {
  json.begin_object();
  write_turn_members(json, turn);
  json.end_object();
}

void write(json::Writer& json, const model::TurnView& view, bool steps, bool messages) {
  json.begin_object();
  write_turn_members(json, view.turn);
  if (!view.notes.empty()) write_list(json, "notes", view.notes);
  if (steps) write_list(json, "steps", view.steps);
  if (messages) {
    write_list(json, "messages", view.messages);
    json.key("plan");
    write(json, view.plan);
  }
  json.end_object();
}

void write(json::Writer& json, const model::StepView& view) {
  json.begin_object();
  write_step_members(json, view.step);
  json.key("of_turn");
  write(json, view.turn);
  optional_member(json, "words", view.words);
  if (!view.input.empty()) {
    auto document = json::Document::parse(view.input);
    json.key("input");
    if (document) {
      json.raw(tool_input(document->root()).dump());
    } else {
      json.string(view.input);
    }
  }
  optional_member(json, "output", view.output);
  optional_member(json, "whole_error", view.error);
  json.key("plan");
  write(json, view.plan);
  if (view.before.known()) {
    json.key("before");
    write(json, view.before);
  }
  if (view.after.known()) {
    json.key("after");
    write(json, view.after);
  }
  json.key("events").begin_array();
  for (const model::EventPlace& event : view.events) {
    json.begin_object().member("journal", journal_name(event));
    json.member("n", event.number).member("event", event.event);
    json.member("offset", static_cast<int64_t>(event.offset));
    json.member("length", static_cast<int64_t>(event.length));
    optional_time(json, "time", event.time);
    json.end_object();
  }
  json.end_array().end_object();
}

void write(json::Writer& json, const model::Hit& hit) {
  json.begin_object().member("kind", to_string(hit.kind)).member("address", hit.address());
  json.member("session", hit.session).member("agent", hit.agent);
  if (hit.turn) json.member("turn", hit.turn);
  if (hit.step) json.member("step", hit.step);
  optional_member(json, "note", hit.note);
  optional_time(json, "time", hit.time);
  json.member("excerpt", hit.excerpt);
  json.key("marks").begin_array();
  for (const auto& [begin, end] : hit.marks) {
    json.begin_array().integer(static_cast<int64_t>(begin)).integer(static_cast<int64_t>(end));
    json.end_array();
  }
  json.end_array().end_object();
}

void write(json::Writer& json, const model::Note& note) {
  json.begin_object().member("id", note.id).member("address", note.address());
  json.member("kind", note.kind).member("text", note.text);
  optional_time(json, "time", note.time);
  json.key("author").begin_object().member("kind", to_string(note.author_kind));
  optional_member(json, note.author_kind == model::NoteAuthor::agent ? "agent" : "name",
                  note.author);
  json.end_object();
  optional_member(json, "step", note.step.address());
  optional_member(json, "session", note.session);
  if (note.turn) json.member("turn", note.session + ":" + std::to_string(note.turn));
  optional_member(json, "worktree", note.worktree);
  optional_member(json, "branch", note.branch);
  if (!note.cites.empty()) write_strings(json, "cites", note.cites);
  optional_flag(json, "from_command", note.from_command);
  if (note.closed) {
    json.key("closed").begin_object();
    optional_member(json, "by", note.closed_by);
    optional_member(json, "why", note.closed_why);
    optional_time(json, "time", note.closed_at);
    json.end_object();
  }
  json.end_object();
}

void write(json::Writer& json, const model::Gap& gap) {
  json.begin_object().member("what", gap.what).member("why", gap.why);
  optional_member(json, "session", gap.session);
  optional_member(json, "agent", gap.agent);
  optional_member(json, "event", gap.event);
  optional_member(json, "worktree", gap.worktree);
  optional_time(json, "time", gap.time);
  json.end_object();
}

void write(json::Writer& json, const model::Skipped& skipped) {
  json.begin_object().member("path", skipped.path).member("reason", skipped.reason);
  optional_member(json, "worktree", skipped.worktree);
  optional_time(json, "time", skipped.time);
  json.end_object();
}

void write(json::Writer& json, const model::WorktreeView& worktree) {
  json.begin_object().member("id", worktree.id);
  optional_member(json, "root", worktree.root);
  optional_member(json, "branch", worktree.branch);
  optional_member(json, "head", worktree.head);
  optional_time(json, "last_pass", worktree.last_pass);
  json.member("complete", worktree.complete).member("transitions", worktree.transitions);
  json.end_object();
}

void write(json::Writer& json, const model::AgentHeard& agent) {
  json.begin_object().member("agent", agent.agent).member("sessions", agent.sessions);
  json.member("events", agent.events);
  optional_time(json, "last", agent.last);
  optional_member(json, "last_event", agent.last_event);
  json.key("events_heard").begin_array();
  for (const auto& event : agent.events_heard) {
    json.begin_object().member("name", event.name).member("count", event.count);
    optional_time(json, "last", event.last);
    json.member("known", event.known).end_object();
  }
  json.end_array().end_object();
}

void write(json::Writer& json, const model::CommitView& view) {
  json.begin_object().member("commit", view.commit);
  optional_member(json, "made_by", view.made_by.address());
  json.key("prompts").begin_array();
  for (const model::CommitPrompt& prompt : view.prompts) {
    json.begin_object().key("turn");
    write(json, prompt.turn);
    json.key("steps").begin_array();
    for (const model::StepRef& step : prompt.steps) json.string(step.address());
    json.end_array();
    write_strings(json, "paths", prompt.paths);
    json.member("evidence", to_string(prompt.evidence)).end_object();
  }
  json.end_array();
  write_strings(json, "paths", view.paths);
  write_strings(json, "unexplained", view.unexplained);
  json.end_object();
}

}  // namespace baton::render
