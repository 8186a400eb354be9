#include "render/log.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "render/json.h"
#include "render/notes.h"
#include "render/rollback.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

constexpr std::string_view kIndent = "    ";
constexpr size_t kPromptLines = 3;
constexpr size_t kMostPaths = 4;

Look look_of(const model::Step& step) {
  switch (step.outcome) {
    case model::StepOutcome::failed:
      return Look::bad;
    case model::StepOutcome::refused:
    case model::StepOutcome::interrupted:
      return Look::warn;
    default:
      return Look::faint;
  }
}

Look look_of(model::TurnState state) {
  switch (state) {
    case model::TurnState::failed:
      return Look::bad;
    case model::TurnState::interrupted:
      return Look::warn;
    default:
      return Look::good;
  }
}

std::string some_paths(const Style& style, const std::vector<std::string>& paths) {
  std::string text;
  size_t shown = paths.size() <= kMostPaths + 1 || style.full ? paths.size() : kMostPaths;
  for (size_t i = 0; i < shown; i++) {
    if (i) text += ", ";
    text += shown_path(style, paths[i]);
  }
  if (shown < paths.size()) {
    text += " and " + std::to_string(paths.size() - shown) + " more";
  }
  return text;
}

std::string header(const Style& style, const model::Turn& turn) {
  std::string text = style.paint(Look::address, turn.address()) + "  " +
                     style.paint(Look::agent, turn.agent) + "  " + when(style, turn.began);
  if (!turn.branch.empty()) text += "  " + first_line(clean(style, turn.branch));
  if (turn.state != model::TurnState::completed) {
    text += "  " + style.paint(look_of(turn.state), to_string(turn.state));
  }
  return text;
}

std::string prompt_block(const Style& style, const model::Turn& turn) {
  if (turn.prompt.empty()) {
    return std::string(kIndent) + style.paint(Look::faint, "(prompt not heard)") + "\n";
  }
  if (turn.synthetic) {
    size_t room = style.width > kIndent.size() ? style.width - kIndent.size() : 0;
    std::string line = fit(first_line(clean(style, turn.prompt)), room);
    return std::string(kIndent) + style.paint(Look::faint, line) + "\n";
  }
  return block(style, trim(clean(style, turn.prompt)), kIndent, kPromptLines, Look::prompt);
}

}  // namespace

Look look_of(model::TestVerdict verdict) {
  switch (verdict) {
    case model::TestVerdict::passed:
      return Look::good;
    case model::TestVerdict::failed:
      return Look::bad;
    case model::TestVerdict::unknown:
      return Look::warn;
  }
  return Look::plain;
}

std::string came_of_it(const Style& style, const model::Turn& turn, size_t width) {
  std::string steps = count(turn.steps, "step");
  if (turn.failed_steps) steps += ", " + std::to_string(turn.failed_steps) + " failed";
  std::string text = steps;
  if (!turn.paths.empty()) text += " · " + some_paths(style, turn.paths);
  std::string plain = text;
  if (!turn.last_test) return fit(plain, width);
  const model::TestRun& run = *turn.last_test;
  std::string verdict(to_string(run.verdict));
  std::string label(to_string(run.kind));
  std::string tail = " · " + label + " ";
  size_t used = columns(plain) + columns(tail) + verdict.size() + 2;
  size_t room = width > used ? width - used : 0;
  std::string name =
      width ? (room > 8 ? fit(run_name(style, run), room) : "") : run_name(style, run);
  return plain + tail + style.paint(look_of(run.verdict), verdict) +
         (name.empty() ? "" : ": " + name);
}

std::string run_name(const Style& style, const model::TestRun& run) {
  return first_line(clean(style, run.command.empty() ? run.runner : run.command));
}

std::string verdict_text(const Style& style, const model::TestRun& run) {
  std::string text = style.paint(look_of(run.verdict), to_string(run.verdict));
  std::string counts;
  auto add = [&](const std::optional<int>& number, std::string_view what) {
    if (!number || (*number == 0 && what != "passed")) return;
    counts += ", " + std::to_string(*number) + " " + std::string(what);
  };
  add(run.passed, "passed");
  add(run.failed, "failed");
  add(run.skipped, "skipped");
  text += counts;
  if (run.partial) text += ", part of the suite";
  // What it rests on: a careful reader wants to know, nobody else has to.
  std::string ground = run.ground.empty() ? "" : "verdict by " + run.ground;
  if (run.by_name) ground = "a test by its name" + (ground.empty() ? "" : ", " + ground);
  if (!ground.empty()) text += " " + style.paint(Look::faint, "(" + ground + ")");
  return text;
}

std::string outcome_word(const model::Step& step) {
  if (step.exit_status && *step.exit_status != 0) {
    return "exit " + std::to_string(*step.exit_status);
  }
  if (step.outcome == model::StepOutcome::unknown) return "?";
  return std::string(to_string(step.outcome));
}

std::string step_subject(const Style& style, const model::Step& step) {
  std::string text;
  if (!step.command.empty()) {
    std::string whole = clean(style, step.command);
    text = first_line(whole);
    if (trim(whole).find('\n') != std::string_view::npos) text += " …";
  } else if (!step.claims.empty()) {
    for (const model::PathClaim& claim : step.claims) {
      if (!text.empty()) text += ", ";
      text += shown_path(style, claim.path);
      if (!claim.move_to.empty()) text += " => " + first_line(clean(style, claim.move_to));
    }
  } else if (!step.reads.empty()) {
    for (const model::PathRead& read : step.reads) {
      if (!text.empty()) text += ", ";
      text += shown_path(style, read.path);
    }
  } else {
    text = clean(style, step.tool);
    std::string about = first_line(clean(style, step.description));
    if (!about.empty()) text += ": " + about;
  }
  if (!step.subagent.empty()) text += " (" + step.subagent + ")";
  return text;
}

std::string step_rows(const Style& style, const std::vector<model::Step>& steps,
                      std::string_view indent) {
  Table table;
  for (const model::Step& step : steps) {
    std::string subject = step_subject(style, step);
    std::vector<std::string> notes;
    if (step.test) {
      notes.push_back(std::string(to_string(step.test->kind)) + " " +
                      std::string(to_string(step.test->verdict)));
    }
    if (!step.commits.empty()) notes.push_back("commit " + step.commits.back().substr(0, 7));
    if (step.claims.empty() && !step.changes.empty()) {
      std::set<std::string> paths;
      for (const model::Change& change : step.changes) paths.insert(change.path);
      notes.push_back("changed " +
                      some_paths(style, std::vector<std::string>(paths.begin(), paths.end())));
    }
    for (size_t i = 0; i < notes.size(); i++) subject += (i ? "; " : "  [") + notes[i];
    if (!notes.empty()) subject += "]";
    table.row({{step.ref.address(), Look::address},
               {std::string(to_string(step.kind))},
               {outcome_word(step), look_of(step)},
               {subject, step.kind == model::StepKind::read ? Look::faint : Look::plain}});
  }
  return table.text(style, indent);
}

std::string_view plan_box(std::string_view status) {
  if (status == "completed") return "[x]";
  if (status == "in_progress") return "[>]";
  if (status == "deleted") return "[-]";
  return "[ ]";
}

std::string plan_text(const Style& style, const model::Plan& plan, std::string_view indent) {
  std::string text;
  for (const model::PlanItem& item : plan.items) {
    text += std::string(indent) + std::string(plan_box(item.status)) + " " +
            first_line(clean(style, item.text)) + "\n";
  }
  if (!plan.text.empty()) text += block(style, trim(clean(style, plan.text)), indent);
  return text;
}

std::string log_text(const Style& style, const std::vector<model::TurnView>& turns, bool steps,
                     const std::vector<index::Act>& acts) {
  std::string text;
  size_t next = 0;
  auto add_acts = [&](Micros until) {
    for (; next < acts.size() && acts[next].time >= until; ++next) {
      if (!text.empty()) text += "\n";
      text += style.paint(Look::address, acts[next].name) + "  " +
              style.paint(Look::faint, when(style, acts[next].time)) + "  " +
              first_line(clean(style, act_text(acts[next]))) + "\n";
    }
  };
  size_t room = style.width > kIndent.size() ? style.width - kIndent.size() : 0;
  for (const model::TurnView& view : turns) {
    add_acts(view.turn.began);
    if (!text.empty()) text += "\n";
    text += header(style, view.turn) + "\n" + prompt_block(style, view.turn);
    text += std::string(kIndent) + came_of_it(style, view.turn, room) + "\n";
    text += note_lines(style, view.notes, kIndent);
    if (steps && !view.steps.empty()) text += step_rows(style, view.steps, "      ");
  }
  add_acts(0);
  return text;
}

std::string log_lines(const Style& style, const std::vector<model::TurnView>& turns,
                      const std::vector<index::Act>& acts) {
  Table table;
  size_t next = 0;
  auto add_acts = [&](Micros until) {
    for (; next < acts.size() && acts[next].time >= until; ++next) {
      table.row({{acts[next].name, Look::address},
                 {when(style, acts[next].time), Look::faint},
                 {"baton", Look::agent},
                 {""},
                 {first_line(clean(style, act_text(acts[next])))}});
    }
  };
  for (const model::TurnView& view : turns) {
    add_acts(view.turn.began);
    const model::Turn& turn = view.turn;
    bool ordinary = turn.state == model::TurnState::completed;
    table.row(
        {{turn.address(), Look::address},
         {when(style, turn.began), Look::faint},
         {turn.agent, Look::agent},
         {ordinary ? "" : std::string(to_string(turn.state)), look_of(turn.state)},
         {turn.prompt.empty() ? "(prompt not heard)" : first_line(clean(style, turn.prompt))}});
  }
  add_acts(0);
  return table.text(style);
}

std::string log_json(const Style& style, const std::vector<model::TurnView>& turns, bool steps,
                     const std::vector<index::Act>& acts) {
  JsonAnswer answer("log");
  answer.writer().key("turns").begin_array();
  for (const model::TurnView& view : turns) write(answer.writer(), view, steps, false);
  answer.writer().end_array();
  answer.writer().key("acts").begin_array();
  for (const index::Act& act : acts) write(answer.writer(), act);
  answer.writer().end_array();
  return answer.finish(style);
}

}  // namespace baton::render
