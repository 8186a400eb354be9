#include "render/handoff_json.h"

#include "render/json.h"

namespace baton::render {
namespace {

using namespace baton::handoff;

void optional_number(json::Writer& json, std::string_view name, const std::optional<int>& value) {
  if (value) json.member(name, *value);
}

void optional_flag(json::Writer& json, std::string_view name, bool value) {
  if (value) json.member(name, value);
}

void optional_strings(json::Writer& json, std::string_view name,
                      const std::vector<std::string>& list) {
  if (!list.empty()) write_strings(json, name, list);
}

// Lists of lines find these by their declarations.
void write(json::Writer& json, const SessionLine& line);
void write(json::Writer& json, const PromptLine& line);
void write(json::Writer& json, const PlanLine& line);
void write(json::Writer& json, const ConstraintLine& line);
void write(json::Writer& json, const PlanTextLine& line);
void write(json::Writer& json, const ContextLine& line);
void write(json::Writer& json, const AssumptionLine& line);
void write(json::Writer& json, const DeviationLine& line);
void write(json::Writer& json, const ReadLine& line);
void write(json::Writer& json, const HunkLine& line);
void write(json::Writer& json, const OtherChangeLine& line);
void write(json::Writer& json, const ChangeLine& line);
void write(json::Writer& json, const CommandLine& line);
void write(json::Writer& json, const SinceLine& line);
void write(json::Writer& json, const TestLine& line);
void write(json::Writer& json, const VerificationLine& line);
void write(json::Writer& json, const AttemptLine& line);
void write(json::Writer& json, const OpenLine& line);
void write(json::Writer& json, const RollbackLine& line);
void write(json::Writer& json, const NotCheckedLine& line);
void write(json::Writer& json, const ClaimLine& line);
void write(json::Writer& json, const ScopeLine::Asked& line);
void write(json::Writer& json, const SurpriseLine& line);
void write(json::Writer& json, const RiskLine& line);
void write(json::Writer& json, const NoteLine& line);
void write(json::Writer& json, const TaskLine& line);
void write(json::Writer& json, const RepositoryLine& line);

template <class List>
void list(json::Writer& json, std::string_view name, const List& items) {
  json.key(name).begin_array();
  for (const auto& item : items) write(json, item);
  json.end_array();
}

template <class List>
void optional_list(json::Writer& json, std::string_view name, const List& items) {
  if (!items.empty()) list(json, name, items);
}

void write(json::Writer& json, const SessionLine& line) {
  json.begin_object().member("session", line.address).member("agent", line.agent);
  optional_member(json, "model", line.model);
  json.member("state", line.state);
  optional_time(json, "began", line.began);
  optional_time(json, "last", line.last);
  json.member("turns", line.turns).member("steps", line.steps);
  optional_member(json, "parent", line.parent);
  optional_member(json, "subagent_type", line.subagent_type);
  json.end_object();
}

void write(json::Writer& json, const PromptLine& line) {
  json.begin_object().member("turn", line.turn).member("text", line.text);
  optional_flag(json, "interrupted", line.interrupted);
  json.end_object();
}

void write(json::Writer& json, const PlanLine& line) {
  json.begin_object().member("text", line.text).member("status", line.status);
  json.member("step", line.step).end_object();
}

void write(json::Writer& json, const ConstraintLine& line) {
  json.begin_object().member("rule", line.rule).member("turn", line.turn);
  json.member("text", line.text).end_object();
}

void write(json::Writer& json, const ContextLine& line) {
  json.begin_object().member("kind", line.kind).member("name", line.name);
  optional_member(json, "why", line.why);
  optional_member(json, "text", line.text);
  write_strings(json, "sources", line.sessions);
  json.end_object();
}

void write(json::Writer& json, const AssumptionLine& line) {
  json.begin_object().member("rule", line.rule).member("text", line.text);
  optional_member(json, "author", line.author);
  json.member("source", line.source);
  optional_flag(json, "closed", line.closed);
  json.end_object();
}

void write(json::Writer& json, const PlanTextLine& line) {
  json.begin_object().member("step", line.step);
  optional_member(json, "path", line.path);
  json.member("text", line.text).end_object();
}

void write(json::Writer& json, const DeviationLine& line) {
  json.begin_object().member("rule", line.rule).member("path", line.path);
  optional_member(json, "step", line.step);
  json.end_object();
}

void write(json::Writer& json, const ReadLine& line) {
  json.begin_object().member("path", line.path);
  json.member("basis", line.inferred ? "inferred" : "exact");
  write_strings(json, "steps", line.steps);
  json.end_object();
}

void lines(json::Writer& json, std::string_view name, const LineRange& range) {
  if (!range.first) return;
  json.key(name).begin_array().integer(range.first).integer(range.last).end_array();
}

void write(json::Writer& json, const HunkLine& line) {
  json.begin_object();
  lines(json, "lines", line.lines);
  lines(json, "head_lines", line.head_lines);
  optional_strings(json, "quoted", line.quoted);
  optional_member(json, "step", line.step);
  optional_member(json, "turn", line.turn);
  optional_member(json, "words", line.words);
  json.end_object();
}

void write(json::Writer& json, const OtherChangeLine& line) {
  json.begin_object().member("path", line.path).member("owner", line.owner);
  json.member("times", line.times);
  optional_member(json, "after", line.after);
  json.end_object();
}

void write(json::Writer& json, const ChangeLine& line) {
  json.begin_object().member("path", line.path);
  json.member("status", std::string_view(&line.status, 1));
  optional_member(json, "worktree", line.worktree);
  optional_member(json, "moved_from", line.moved_from);
  optional_member(json, "moved_by", line.moved_by);
  optional_member(json, "deleted_by", line.deleted_by);
  if (line.counted) json.member("added", line.added).member("removed", line.removed);
  optional_flag(json, "binary", line.binary);
  optional_flag(json, "contested", line.contested);
  write_strings(json, "steps", line.steps);
  json.member("turn", line.turn);
  optional_strings(json, "also", line.also);
  optional_flag(json, "withheld", line.withheld);
  optional_member(json, "verification", line.verification);
  optional_member(json, "verified_by", line.verified_by);
  optional_member(json, "at_head", line.at_head);
  optional_member(json, "head_path", line.head_path);
  optional_list(json, "hunks", line.hunks);
  json.end_object();
}

void write(json::Writer& json, const CommandLine& line) {
  json.begin_object().member("step", line.step).member("command", line.command);
  optional_number(json, "exit_status", line.exit_status);
  json.member("outcome", line.outcome).end_object();
}

void write(json::Writer& json, const SinceLine& line) {
  json.begin_object().member("path", line.path).member("owner", line.owner);
  optional_member(json, "step", line.step);
  json.end_object();
}

void write(json::Writer& json, const TestLine& line) {
  json.begin_object().member("step", line.step).member("command", line.command);
  json.member("runner", line.runner).member("kind", line.kind).member("verdict", line.verdict);
  optional_member(json, "ground", line.ground);
  optional_number(json, "exit_status", line.exit_status);
  optional_number(json, "passed", line.passed);
  optional_number(json, "failed", line.failed);
  optional_number(json, "skipped", line.skipped);
  optional_strings(json, "failing", line.failing);
  optional_strings(json, "skipping", line.skipping);
  optional_flag(json, "by_name", line.by_name);
  optional_flag(json, "partial", line.partial);
  optional_list(json, "changed_until_next", line.changed_until_next);
  optional_list(json, "maybe_changed_until_next", line.maybe_changed_until_next);
  optional_member(json, "next_run", line.next_run);
  optional_member(json, "error", line.error);
  json.end_object();
}

void write(json::Writer& json, const VerificationLine& line) {
  json.begin_object().member("state", to_string(line.state));
  optional_member(json, "step", line.step);
  optional_list(json, "changed_since", line.changed_since);
  optional_list(json, "maybe_changed_since", line.maybe_changed_since);
  json.end_object();
}

void write(json::Writer& json, const AttemptLine& line) {
  json.begin_object().member("rule", line.rule);
  optional_strings(json, "paths", line.paths);
  optional_member(json, "command", line.command);
  optional_member(json, "tool", line.tool);
  write_strings(json, "steps", line.steps);
  optional_strings(json, "tried", line.tried);
  optional_member(json, "failed_at", line.failed_at);
  optional_number(json, "exit_status", line.exit_status);
  optional_member(json, "error", line.error);
  json.member("times", line.times);
  optional_strings(json, "replaced_by", line.replaced_by);
  optional_strings(json, "replacement", line.replacement);
  optional_member(json, "replaced_command", line.replaced_command);
  optional_member(json, "undone_by", line.undone_by);
  optional_member(json, "undone_at", line.undone_at);
  optional_member(json, "why", line.why);
  json.end_object();
}

void write(json::Writer& json, const OpenLine& line) {
  json.begin_object().member("rule", line.rule).member("text", line.text);
  json.member("source", line.source).end_object();
}

void write(json::Writer& json, const RollbackLine& line) {
  json.begin_object().member("name", line.name).member("reason", line.reason);
  json.member("source", line.step).member("command", line.command).end_object();
}

void write(json::Writer& json, const NotCheckedLine& line) {
  json.begin_object().member("rule", line.rule).member("name", line.name);
  json.member("kind", line.kind).member("source", line.source).end_object();
}

void write(json::Writer& json, const ClaimLine& line) {
  json.begin_object().member("text", line.text).member("about", line.about);
  json.member("verdict", line.verdict).member("reason", line.reason).member("turn", line.turn);
  write_strings(json, "evidence", line.evidence);
  json.end_object();
}

void write(json::Writer& json, const ScopeLine::Asked& asked) {
  json.begin_object().member("pattern", asked.pattern).member("source", asked.source).end_object();
}

void write(json::Writer& json, const SurpriseLine& line) {
  json.begin_object().member("path", line.path).member("kind", line.kind);
  optional_member(json, "step", line.step);
  json.end_object();
}

void write(json::Writer& json, const RiskLine& line) {
  json.begin_object().member("rule", line.rule).member("text", line.text);
  optional_member(json, "path", line.path);
  lines(json, "lines", line.lines);
  optional_strings(json, "quoted", line.quoted);
  optional_member(json, "step", line.step);
  optional_member(json, "turn", line.turn);
  json.end_object();
}

void write(json::Writer& json, const NoteLine& line) {
  json.begin_object().member("kind", line.kind).member("text", line.text);
  optional_member(json, "author", line.author);
  json.member("source", line.source);
  optional_time(json, "time", line.time);
  optional_flag(json, "closed", line.closed);
  json.end_object();
}

void write(json::Writer& json, const TaskLine& line) {
  json.begin_object().member("kind", line.kind).member("name", line.name);
  optional_member(json, "branch", line.branch);
  optional_member(json, "base", line.base);
  json.member("state", line.closed ? "closed" : "open").end_object();
}

void write(json::Writer& json, const RepositoryLine& line) {
  json.begin_object();
  optional_member(json, "branch", line.branch);
  optional_member(json, "head", line.head);
  optional_member(json, "operation", line.operation);
  write_strings(json, "dirty", line.dirty);
  if (!line.worktrees.empty()) {
    json.key("worktrees").begin_array();
    for (const auto& other : line.worktrees) {
      json.begin_object().member("root", other.root);
      optional_member(json, "branch", other.branch);
      optional_member(json, "head", other.head);
      write_strings(json, "dirty", other.dirty);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

}  // namespace

std::string handoff_json(const Style& style, const Handoff& handoff) {
  JsonAnswer answer("handoff");
  json::Writer& json = answer.writer();
  json.key("task");
  write(json, handoff.task);
  optional_member(json, "branch", handoff.branch);
  optional_member(json, "head", handoff.head);
  json.key("repository");
  write(json, handoff.repository);
  json.key("timeline").begin_array();
  for (const auto& position : handoff.timeline) {
    json.begin_object().member("worktree", position.worktree);
    json.member("number", position.number).end_object();
  }
  json.end_array();
  if (!handoff.tasks.empty()) {
    json.key("tasks").begin_array();
    for (const auto& task : handoff.tasks) {
      json.begin_object().member("name", task.name);
      write_strings(json, "sessions", task.sessions);
      json.key("verification");
      write(json, task.verification);
      write_strings(json, "risks", task.risks);
      json.key("rollback");
      write(json, task.rollback);
      json.end_object();
    }
    json.end_array();
  }
  list(json, "sessions", handoff.sessions);
  list(json, "prompts", handoff.prompts);
  list(json, "constraints", handoff.constraints);
  list(json, "context", handoff.context);
  list(json, "assumptions", handoff.assumptions);
  list(json, "open", handoff.open);
  list(json, "plan", handoff.plan);
  optional_list(json, "plan_texts", handoff.plan_texts);
  optional_list(json, "deviations", handoff.deviations);
  json.key("verification");
  write(json, handoff.verification);
  list(json, "tests", handoff.tests);
  list(json, "not_checked", handoff.not_checked);
  list(json, "claims", handoff.claims);
  list(json, "attempts", handoff.attempts);
  list(json, "changes", handoff.changes);
  list(json, "others", handoff.others);
  json.key("scope").begin_object();
  list(json, "asked", handoff.scope.asked);
  list(json, "surprises", handoff.scope.surprises);
  json.end_object();
  list(json, "risks", handoff.risks);
  list(json, "notes", handoff.notes);
  list(json, "commands", handoff.commands);
  list(json, "reads", handoff.reads);
  list(json, "rollback", handoff.rollback);
  if (!handoff.last_message.empty()) {
    json.key("last_message").begin_object().member("turn", handoff.last_message_turn);
    json.member("text", handoff.last_message).end_object();
  }
  return answer.finish(style);
}

}  // namespace baton::render
