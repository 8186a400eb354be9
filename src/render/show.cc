#include "render/show.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "render/json.h"
#include "render/log.h"
#include "render/notes.h"
#include "render/sessions.h"
#include "render/text.h"
#include "render/when.h"
#include "secrets/mask.h"
#include "secrets/masker.h"

namespace baton::render {
namespace {

constexpr std::string_view kIndent = "    ";
constexpr size_t kPromptLines = 40;
constexpr size_t kMessageLines = 12;
constexpr size_t kInputLines = 12;
constexpr size_t kOutputLines = 20;
constexpr size_t kShortId = 7;

std::string title(const Style& style, std::string_view word) {
  return "\n" + style.paint(Look::title, word) + "\n";
}

// "2026-11-24 10:03:07 UTC, 2 minutes ago; took 34 s"
std::string times(const Style& style, Micros began, Micros ended) {
  if (began == 0) return {};
  std::string text = full_time(began);
  if (style.date.relative()) text += ", " + when(style, began);
  if (ended > began) text += "; took " + duration(ended - began);
  return text;
}

std::string tokens_text(const model::Tokens& tokens) {
  if (!tokens.known()) return {};
  std::string text = std::to_string(tokens.input) + " in";
  if (tokens.cached_input) text += " (" + std::to_string(tokens.cached_input) + " cached)";
  return text + ", " + std::to_string(tokens.output) + " out";
}

// "name   value" a line, empty values left out.
class Facts {
 public:
  void add(std::string_view name, std::string value, Look look = Look::plain) {
    if (!value.empty()) rows_.push_back({std::string(name), std::move(value), look});
  }
  std::string text(const Style& style) const {
    Table table;
    for (const Row& row : rows_) {
      table.row({{row.name, Look::faint}, {row.value, row.look}});
    }
    Style unlimited = style;
    unlimited.width = 0;
    return table.text(unlimited, kIndent);
  }

 private:
  struct Row {
    std::string name, value;
    Look look;
  };
  std::vector<Row> rows_;
};

std::string changes_text(const Style& style, const std::vector<FileChange>& files,
                         const ShowOptions& options) {
  if (files.empty() || options.changes == Changes::none) return {};
  std::string text = title(style, "changes") + stat_text(style, files, kIndent);
  if (options.changes == Changes::diff) text += "\n" + diff_text(style, files, options.diff);
  return text;
}

// A JSON value as a person would write it down: members one a line, long strings as blocks.
void input_lines(std::string& out, const Style& style, const json::Value& value,
                 std::string_view indent) {
  for (size_t i = 0; i < value.size(); i++) {
    json::Value member = value.member_at(i);
    std::string name = clean(style, value.key_at(i));
    std::string text;
    if (member.is_string()) {
      auto& masker = style.masker;
      auto changed = masker ? masker->mask_member(value.key_at(i), member.str())
                            : secrets::mask_member(value.key_at(i), member.str());
      text = neutral(changed ? *changed : std::string(member.str()));
    } else {
      text = clean(style, member.dump());
    }
    out += std::string(indent) + style.paint(Look::faint, name + ":");
    bool one_line = text.find('\n') == std::string::npos;
    if (one_line) {
      size_t used = columns(indent) + columns(name) + 2;
      size_t room = style.width > used + 20 && !style.full ? (style.width - used) * 2 : 0;
      out += " " + fit(text, room) + "\n";
    } else {
      out += "\n" + block(style, text, std::string(indent) + "  ", kInputLines);
    }
  }
}

std::string input_text(const Style& style, const model::StepView& view) {
  if (view.input.empty()) return {};
  std::string text = title(style, "input");
  auto document = json::Document::parse(view.input);
  json::Value input = document ? tool_input(document->root()) : json::Value();
  if (input.is_object()) {
    input_lines(text, style, input, kIndent);
    return text;
  }
  std::string plain(input.is_string() ? input.str() : std::string_view(view.input));
  return text + block(style, clean(style, plain), kIndent, kInputLines);
}

// Messages stand before the step that they precede, the others by time.
std::string conversation(const Style& style, const model::TurnView& view) {
  std::string text;
  size_t next = 0;
  auto say = [&](const model::Message& message) {
    Look look = message.kind == model::MessageKind::message ? Look::plain : Look::faint;
    std::string words = std::string(trim(clean(style, message.text)));
    if (words.empty()) return;
    if (message.kind != model::MessageKind::message) {
      words = "(" + std::string(to_string(message.kind)) + ") " + words;
    }
    text += block(style, words, kIndent, kMessageLines, look);
  };
  // All rows at once, so that they are aligned with each other.
  std::string rows = step_rows(style, view.steps, "  ");
  std::string_view rest = rows;
  for (const model::Step& step : view.steps) {
    while (next < view.messages.size()) {
      const model::Message& message = view.messages[next];
      bool before = message.before_step == step.ref.step ||
                    (message.before_step == 0 && message.time <= step.began) ||
                    (message.before_step != 0 && message.before_step < step.ref.step);
      if (!before) break;
      say(message);
      next++;
    }
    size_t end = rest.find('\n') + 1;
    text += rest.substr(0, end);
    rest.remove_prefix(end);
  }
  for (; next < view.messages.size(); next++) say(view.messages[next]);
  return text;
}

std::string turn_heading(const Style& style, const model::Turn& turn) {
  std::string text = style.paint(Look::address, "turn " + turn.address()) + "  " +
                     style.paint(Look::agent, turn.agent);
  if (!turn.model.empty()) text += " (" + first_line(clean(style, turn.model)) + ")";
  text += "  " + std::string(to_string(turn.state));
  return text + "\n";
}

std::string last_words(const Style& style, const model::TurnView& view) {
  const std::string& words = view.turn.last_message;
  if (words.empty()) return {};
  // Said already?
  for (const model::Message& message : view.messages) {
    if (trim(message.text) == trim(words)) return {};
  }
  return title(style, "last words") +
         block(style, trim(clean(style, words)), kIndent, kPromptLines);
}

std::string prompt_section(const Style& style, const model::Turn& turn) {
  std::string text = title(style, turn.synthetic ? "prompt (typed by no person)" : "prompt");
  if (turn.prompt.empty()) return text + std::string(kIndent) + "(not heard)\n";
  return text + block(style, trim(clean(style, turn.prompt)), kIndent, kPromptLines);
}

// What a hook told the session's agent, and of whom.
std::string told_text(const Style& style, const index::Injection& told) {
  std::string word = told.source.empty() ? "told at a prompt, after a rewind"
                                         : "told at its start (" + clean(style, told.source) + ")";
  for (size_t i = 0; i < told.about.size(); ++i) {
    word += (i ? ", " : ", of ") + clean(style, told.about[i]);
  }
  word += ", " + when(style, told.time);
  if (told.text.empty()) return title(style, word) + std::string(kIndent) + "(not kept)\n";
  return title(style, word) +
         block(style, trim(clean(style, told.text)), kIndent, kInputLines, Look::plain);
}

}  // namespace

std::string turn_text(const Style& style, const model::TurnView& view,
                      const std::vector<FileChange>& files, const ShowOptions& options) {
  const model::Turn& turn = view.turn;
  std::string text = turn_heading(style, turn);
  Facts facts;
  facts.add("when", times(style, turn.began, turn.ended));
  std::string at = turn.branch.empty() ? "" : first_line(clean(style, turn.branch));
  if (!turn.head.empty()) at += (at.empty() ? "" : " ") + turn.head.substr(0, kShortId);
  facts.add("on", at);
  facts.add("tokens", tokens_text(turn.tokens));
  if (turn.last_test) {
    facts.add(to_string(turn.last_test->kind), verdict_text(style, *turn.last_test));
    facts.add("", turn.last_test->step.address() + ": " + run_name(style, *turn.last_test));
  }
  text += facts.text(style) + prompt_section(style, turn);
  std::string talk = conversation(style, view);
  if (!talk.empty()) text += title(style, "work") + talk;
  text += last_words(style, view);
  if (!view.notes.empty()) text += title(style, "notes") + notes_text(style, view.notes);
  std::string plan = plan_text(style, view.plan, kIndent);
  if (!plan.empty()) text += title(style, "plan at its end") + plan;
  return text + changes_text(style, files, options);
}

std::string step_text(const Style& style, const model::StepView& view,
                      const std::vector<FileChange>& files, const ShowOptions& options) {
  const model::Step& step = view.step;
  std::string text = style.paint(Look::address, "step " + step.ref.address()) + "  " +
                     style.paint(Look::agent, step.session_agent) + "  " +
                     first_line(clean(style, step.tool)) + "  " + outcome_word(step) + "\n";
  Facts facts;
  facts.add("when", times(style, step.began, step.ended));
  if (step.duration_ms && *step.duration_ms > 0)
    facts.add("agent says", "took " + duration(*step.duration_ms * 1000));
  facts.add("in", clean(style, step.cwd));
  facts.add("what for", first_line(clean(style, step.description)));
  if (step.background) facts.add("runs", "in the background");
  facts.add("started", step.subagent);
  if (step.test) {
    facts.add(to_string(step.test->kind), verdict_text(style, *step.test));
    for (const std::string& name : step.test->failing) {
      facts.add("", "failing: " + first_line(clean(style, name)));
    }
  }
  for (const std::string& commit : step.commits) facts.add("commit", commit);
  for (const model::PathRead& read : step.reads) {
    facts.add(read.basis == model::Basis::exact ? "read" : "read (inferred)",
              clean(style, read.path));
  }
  for (const std::string& path : step.outside) facts.add("outside this store", clean(style, path));
  if (step.from_file) facts.add("heard", "by the agent's session file only, not by a hook");
  text += facts.text(style);

  text += title(style, "prompt " + view.turn.address());
  text += view.turn.prompt.empty()
              ? std::string(kIndent) + "(not heard)\n"
              : block(style, trim(clean(style, view.turn.prompt)), kIndent, kInputLines);
  if (!view.words.empty()) {
    text += title(style, "the agent's words before it");
    text += block(style, trim(clean(style, view.words)), kIndent, kMessageLines);
  }
  std::string plan = plan_text(style, view.plan, kIndent);
  if (!plan.empty()) text += title(style, "plan at that moment") + plan;
  text += input_text(style, view);
  if (!view.error.empty() && view.error != view.output) {
    text += title(style, "error");
    text += block(style, clean(style, view.error), kIndent, kOutputLines, Look::bad);
  }
  if (!view.output.empty()) {
    text += title(style, "output");
    text += block(style, clean(style, view.output), kIndent, kOutputLines);
  }
  text += changes_text(style, files, options);
  if (!step.changes.empty()) {
    text += title(style, "evidence");
    for (const model::Change& change : step.changes) {
      text += std::string(kIndent) + shown_path(style, change.path) + ": " +
              owner_text(style, change.owner) + "\n";
    }
  }
  if (!view.events.empty()) {
    text += title(style, "journal");
    for (const model::EventPlace& event : view.events) {
      text += std::string(kIndent) + journal_name(event) + " number " +
              std::to_string(event.number) + ": " + first_line(clean(style, event.event)) + "\n";
    }
  }
  return text;
}

void write(json::Writer& json, const index::Injection& told) {
  json.begin_object().member("time", format_utc(told.time));
  optional_member(json, "source", told.source);
  write_strings(json, "about", told.about);
  json.member("text", told.text).end_object();
}

std::string session_text(const Style& style, const model::SessionView& view,
                         const model::Plan& plan, const std::vector<index::Injection>& told,
                         const std::vector<FileChange>& files, const ShowOptions& options) {
  const model::Session& session = view.session;
  std::string text = style.paint(Look::address, "session " + session.address) + "  " +
                     style.paint(Look::agent, session.agent);
  if (!session.model.empty()) text += " (" + first_line(clean(style, session.model)) + ")";
  text += "  " + std::string(to_string(session.state)) + "\n";
  Facts facts;
  facts.add("id", clean(style, session.id));
  facts.add("title", first_line(clean(style, session.title)));
  facts.add("when", times(style, session.began, session.last));
  facts.add("in", clean(style, session.cwd));
  facts.add("branch", first_line(clean(style, session.branch)));
  if (!session.parent.empty()) {
    facts.add("started by", session.parent_step
                                ? session.parent + "." + std::to_string(session.parent_step)
                                : session.parent);
  }
  std::string sums = count(session.turns, "prompt") + ", " + count(session.steps, "step");
  if (session.failed_steps) sums += " (" + std::to_string(session.failed_steps) + " failed)";
  sums += ", " + count(session.paths_changed, "file") + " changed";
  if (session.compactions) sums += ", compacted " + count(session.compactions, "time");
  if (session.resumed) sums += ", resumed " + count(session.resumed, "time");
  facts.add("holds", sums);
  facts.add("tokens", tokens_text(session.tokens));
  text += facts.text(style);
  for (const index::Injection& each : told) text += told_text(style, each);
  if (!view.turns.empty()) {
    text += title(style, "prompts") + "\n";
    std::vector<model::TurnView> in_order = view.turns;
    std::ranges::stable_sort(in_order, {}, [](const model::TurnView& t) { return t.turn.number; });
    text += log_text(style, in_order, options.steps);
  }
  if (!view.subagents.empty()) {
    text += title(style, "subagents") + sessions_text(style, view.subagents);
  }
  std::string items = plan_text(style, plan, kIndent);
  if (!items.empty()) text += title(style, "plan") + items;
  return text + changes_text(style, files, options);
}

std::string commit_text(const Style& style, const model::CommitView& view, const CommitTitle& git) {
  std::string text = style.paint(Look::address, "commit " + view.commit) + "\n";
  Facts facts;
  facts.add("subject", first_line(clean(style, git.subject)));
  facts.add("author", first_line(clean(style, git.author)));
  if (git.time) facts.add("when", times(style, git.time * kSecond, 0));
  facts.add("made by", view.made_by.address());
  text += facts.text(style);
  for (const model::CommitPrompt& prompt : view.prompts) {
    std::string steps;
    for (const model::StepRef& step : prompt.steps) {
      steps += (steps.empty() ? "" : ", ") + step.address();
    }
    text += "\n" + style.paint(Look::address, prompt.turn.address()) + "  " +
            style.paint(Look::agent, prompt.turn.agent) + "  " + when(style, prompt.turn.began) +
            "\n";
    text +=
        block(style, trim(clean(style, prompt.turn.prompt)), kIndent, kInputLines, Look::prompt);
    for (const std::string& path : prompt.paths) {
      text += std::string(kIndent) + style.paint(Look::path, shown_path(style, path)) + "\n";
    }
    text += std::string(kIndent) +
            style.paint(Look::faint, "steps " + steps +
                                         "; evidence: " + std::string(to_string(prompt.evidence))) +
            "\n";
  }
  if (!view.unexplained.empty()) {
    text += title(style, view.prompts.empty() ? "no recorded prompt is behind it"
                                              : "not explained by any recorded change");
    for (const std::string& path : view.unexplained) {
      text += std::string(kIndent) + shown_path(style, path) + "\n";
    }
  } else if (view.prompts.empty()) {
    text += "\nno recorded prompt is behind it\n";
  }
  return text;
}

}  // namespace baton::render
