#include "render/status.h"

#include <algorithm>

#include "base/bytes.h"
#include "render/json.h"
#include "render/log.h"
#include "render/sessions.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

constexpr size_t kFewGaps = 10;
constexpr size_t kFewSkipped = 20;

const model::AgentHeard* heard(const model::StatusView& view, const std::string& id) {
  auto found = std::ranges::find(view.agents, id, &model::AgentHeard::agent);
  return found == view.agents.end() ? nullptr : &*found;
}

std::string name_of(const StatusPlace& place, const std::string& id) {
  for (const auto& [known, name] : place.agents) {
    if (known == id) return name;
  }
  return id;
}

bool anything_heard(const model::StatusView& view) {
  return view.turns > 0 || view.steps > 0 || !view.agents.empty();
}

// A row of the short form: a word and what it says, on one line.
void row(std::string& text, const Style& style, std::string_view word, std::string_view value) {
  text += style.paint(Look::title, pad(word, 9));
  // Painted values are not cut: they are short.
  bool painted = value.find('\033') != std::string_view::npos;
  text += painted ? std::string(value) : fit(value, style.width > 9 ? style.width - 9 : 0);
  text += "\n";
}

std::string agents_row(const Style& style, const StatusPlace& place,
                       const model::StatusView& view) {
  std::string text;
  auto add = [&](const std::string& piece) { text += (text.empty() ? "" : "; ") + piece; };
  for (const model::AgentHeard& agent : view.agents) {
    if (agent.agent == "baton") continue;
    add(name_of(place, agent.agent) + " heard " + when(style, agent.last));
  }
  for (const auto& [id, name] : place.agents) {
    if (!heard(view, id)) add(name + " never heard");
  }
  return text;
}

std::string tests_row(const Style& style, const model::StatusView& view) {
  if (!view.last_test) return "no run was recorded";
  const model::TestRun& run = *view.last_test;
  std::string state = view.last_test_fresh     ? "nothing changed since"
                      : view.last_test_unknown ? "what files it saw is not known"
                                               : "files changed since";
  std::string text(to_string(run.verdict));
  text += " " + when(style, run.time) + ", " + state + ": " + run_name(style, run) + " (" +
          run.step.address() + ")";
  return text;
}

std::string task_row(const Style& style, const StatusPlace& place, const model::StatusView& view) {
  std::string text = place.branch.empty() ? "" : first_line(clean(style, place.branch)) + ": ";
  if (!place.turn && !view.last_turn) return text + "no prompt yet";
  const model::Turn& turn = place.turn ? *place.turn : *view.last_turn;
  // Of another branch, if none was given here.
  if (!place.turn) text = turn.branch.empty() ? "" : first_line(clean(style, turn.branch)) + ": ";
  text += turn.address() + " ";
  if (turn.state != model::TurnState::completed) {
    text += "(" + std::string(to_string(turn.state)) + ") ";
  }
  return text + first_line(clean(style, turn.prompt));
}

std::string open_row(const Style& style, const model::StatusView& view) {
  std::string text = count(static_cast<int64_t>(view.open_items.size()), "item") + " of the plan: ";
  for (size_t i = 0; i < view.open_items.size(); i++) {
    text += (i ? "; " : "") + first_line(clean(style, view.open_items[i].text));
  }
  return text;
}

std::string missing_row(const model::StatusView& view) {
  std::string text;
  if (view.gap_count) text += count(view.gap_count, "gap");
  if (view.skipped_count) {
    text += (text.empty() ? "" : ", ") + count(view.skipped_count, "path") + " left out";
  }
  if (!view.damaged.empty()) {
    text += (text.empty() ? "" : ", ") +
            count(static_cast<int64_t>(view.damaged.size()), "damaged journal");
  }
  return text + " (baton status)";
}

std::string section(const Style& style, std::string_view title) {
  return "\n" + style.paint(Look::title, title) + "\n";
}

std::string worktree_rows(const Style& style, const StatusPlace& place,
                          const model::StatusView& view) {
  Table table;
  for (const model::WorktreeView& worktree : view.worktrees) {
    std::string at = worktree.branch.empty() ? "" : first_line(clean(style, worktree.branch)) + " ";
    at += worktree.head.substr(0, 7);
    std::string looked = worktree.last_pass == 0 ? "never looked at as a whole"
                                                 : "looked at " + when(style, worktree.last_pass);
    if (!worktree.complete) looked += ", the last time only in part";
    bool here = worktree.id == place.worktree;
    std::string root = worktree.root.empty() ? worktree.id : clean(style, worktree.root);
    table.row({{here ? "* " + root : "  " + root, Look::path},
               {at},
               {count(worktree.transitions, "change"), Look::plain, true},
               {looked, worktree.complete ? Look::plain : Look::warn}});
  }
  return table.text(style, "  ");
}

std::string gap_rows(const Style& style, const model::StatusView& view) {
  Table table;
  size_t most = style.full ? view.gaps.size() : std::min(view.gaps.size(), kFewGaps);
  for (size_t i = 0; i < most; i++) {
    const model::Gap& gap = view.gaps[i];
    table.row({{when(style, gap.time)},
               {gap.session, Look::address},
               {first_line(clean(style, gap.event))},
               {gap.what, Look::warn},
               {first_line(clean(style, gap.why))}});
  }
  std::string text = table.text(style, "  ");
  if (static_cast<int64_t>(most) < view.gap_count) {
    text += "  … and " + std::to_string(view.gap_count - static_cast<int64_t>(most)) + " more\n";
  }
  return text;
}

std::string skipped_rows(const Style& style, const model::StatusView& view) {
  Table table;
  size_t most = style.full ? view.skipped.size() : std::min(view.skipped.size(), kFewSkipped);
  for (size_t i = 0; i < most; i++) {
    table.row({{clean(style, view.skipped[i].path), Look::path}, {view.skipped[i].reason}});
  }
  std::string text = table.text(style, "  ");
  if (static_cast<int64_t>(most) < view.skipped_count) {
    text +=
        "  … and " + std::to_string(view.skipped_count - static_cast<int64_t>(most)) + " more\n";
  }
  return text;
}

}  // namespace

std::string summary_text(const Style& style, const StatusPlace& place,
                         const model::StatusView& view) {
  std::string text;
  if (place.paused) {
    row(text, style, "paused", "nothing is recorded (BATON_OFF or baton.off is set)");
  }
  row(text, style, "agents", agents_row(style, place, view));
  if (!anything_heard(view)) {
    text +=
        "\nNothing was recorded yet. Start an agent here and give it a prompt.\n\n"
        "    baton doctor         why nothing is heard\n"
        "    baton init           find agents that were installed since\n"
        "    baton help           all commands\n";
    return text;
  }
  for (size_t i = 0; i < view.running.size() && i < 2; i++) {
    const model::Session& session = view.running[i];
    row(text, style, std::string(to_string(session.state)),
        session.address + " " + session_subject(style, session));
  }
  row(text, style, "task", task_row(style, place, view));
  row(text, style, "tests", tests_row(style, view));
  if (!view.open_items.empty()) row(text, style, "open", open_row(style, view));
  if (view.gap_count || view.skipped_count || !view.damaged.empty()) {
    row(text, style, "missing", missing_row(view));
  }
  std::string newest = view.last_turn ? view.last_turn->address() : "@";
  Style plain = style;
  Table next;
  if (!view.damaged.empty()) {
    next.row({{"baton fsck", Look::address}, {"what is damaged"}});
  } else {
    next.row({{"baton log", Look::address}, {"what was asked, and what came of it"}});
  }
  next.row({{"baton show " + newest, Look::address}, {"the newest prompt, step by step"}});
  next.row({{"baton handoff", Look::address}, {"what the next one needs to know"}});
  return text + "\n" + next.text(plain, "    ");
}

std::string status_text(const Style& style, const StatusPlace& place,
                        const model::StatusView& view) {
  std::string text;
  if (place.paused) {
    row(text, style, "paused", "nothing is recorded (BATON_OFF or baton.off is set)");
  }
  row(text, style, "store", clean(style, place.store));
  row(text, style, "holds",
      count(view.sessions, "session") + ", " + count(view.turns, "prompt") + ", " +
          count(view.steps, "step") + ", " + count(view.transitions, "change") + " of files");
  if (view.last_turn) row(text, style, "task", task_row(style, place, view));
  row(text, style, "tests", tests_row(style, view));

  text += section(style, "agents");
  Table agents;
  for (const model::AgentHeard& agent : view.agents) {
    if (agent.agent == "baton") continue;
    agents.row({{agent.agent, Look::agent},
                {when(style, agent.last)},
                {count(agent.sessions, "session"), Look::plain, true},
                {count(agent.events, "event"), Look::plain, true},
                {"last " + first_line(clean(style, agent.last_event))}});
  }
  for (const auto& [id, name] : place.agents) {
    if (!heard(view, id)) agents.row({{id, Look::agent}, {"never heard", Look::faint}});
  }
  text += agents.text(style, "  ");

  if (!place.recent.empty()) {
    text += section(style, "newest sessions");
    std::string rows = sessions_text(style, place.recent);
    for (std::string_view line : split(trim(rows), '\n')) text += "  " + std::string(line) + "\n";
  }
  if (!view.open_items.empty()) {
    text += section(style, "open items of the plan");
    text += plan_text(style, {view.open_items, "", {}}, "  ");
  }
  if (!view.worktrees.empty()) {
    text += section(style, "worktrees") + worktree_rows(style, place, view);
  }
  if (view.gap_count) {
    text += section(style, "not recorded") + gap_rows(style, view);
  }
  if (view.skipped_count) {
    text += section(style, "left out") + skipped_rows(style, view);
  }
  if (!view.damaged.empty()) {
    text += section(style, "damaged (baton fsck)");
    for (const std::string& what : view.damaged) {
      text += "  " + style.paint(Look::bad, first_line(clean(style, what))) + "\n";
    }
  }
  return text;
}

std::string status_json(const Style& style, const StatusPlace& place, const model::StatusView& view,
                        std::string_view kind) {
  JsonAnswer answer(kind);
  json::Writer& json = answer.writer();
  json.member("store", place.store).member("root", place.root);
  optional_member(json, "worktree", place.worktree);
  optional_member(json, "branch", place.branch);
  json.member("paused", place.paused);
  json.member("session_count", view.sessions).member("turn_count", view.turns);
  json.member("step_count", view.steps).member("event_count", view.events);
  json.member("transition_count", view.transitions);
  write_list(json, "agents", view.agents);
  json.key("never_heard").begin_array();
  for (const auto& [id, name] : place.agents) {
    if (!heard(view, id)) json.string(id);
  }
  json.end_array();
  write_list(json, "running", view.running);
  if (kind == "status") write_list(json, "sessions", place.recent);
  write_list(json, "worktrees", view.worktrees);
  write_list(json, "gaps", view.gaps);
  json.member("gap_count", view.gap_count);
  write_list(json, "skipped", view.skipped);
  json.member("skipped_count", view.skipped_count);
  if (view.last_test) {
    json.key("last_test");
    write(json, *view.last_test);
    json.member("last_test_fresh", view.last_test_fresh);
    if (view.last_test_unknown) json.member("last_test_unknown", true);
  }
  if (view.last_turn) {
    json.key("last_turn");
    write(json, *view.last_turn);
  }
  write_list(json, "open_items", view.open_items);
  write_strings(json, "damaged", view.damaged);
  return answer.finish(style);
}

}  // namespace baton::render
