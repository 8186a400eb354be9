// What was found: open items, tests, claims, risks, scope, what nobody checked.

#include "render/handoff_section_writer.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::render {

std::string SectionWriter::open_label(const std::string& rule) {
  if (rule == "plan-item") return "plan: ";
  if (rule == "said-open") return "the agent said: ";
  if (rule == "question") return "the agent asked: ";
  if (rule == "question-passed-over") return "the agent asked, and no later prompt takes it up: ";
  if (rule == "todo-added") return "added: ";
  if (rule == "conflict-marker") return "conflict marker: ";
  if (rule == "note") return "note: ";
  return {};
}

std::vector<HandoffEntry> SectionWriter::open() const {
  std::vector<HandoffEntry> entries;
  for (const auto& item : handoff_.open) {
    std::string text = item.rule == "failing-run"        ? "the newest run of tests failed"
                       : item.rule == "unknown-run"      ? item.text
                       : item.rule == "interrupted-turn" ? item.text
                                                         : "";
    bool own = !text.empty();
    std::string label = open_label(item.rule);
    std::string end = " " + cite(item.source) + "\n";
    double need = 3 + 0.25 * static_cast<double>(entries.size());
    if (item.rule == "todo-added") need += 6;
    if (own) {
      entries.push_back({{"- " + text + end}, need});
    } else {
      entries.push_back({{"- " + label + span(item.text) + end,
                          "- " + label + span(item.text, kShortColumns) + end},
                         need});
    }
  }
  return entries;
}

std::string SectionWriter::since(const std::vector<SinceLine>& changes, size_t most) const {
  std::string text;
  for (size_t i = 0; i < changes.size() && i < most; ++i) {
    text += (i == 0 ? " " : ", ") + span(changes[i].path) + " " +
            (changes[i].step.empty() ? "(" + changes[i].owner + ")" : cite(changes[i].step));
  }
  if (changes.size() > most) text += " and " + std::to_string(changes.size() - most) + " more";
  return text;
}

std::string SectionWriter::verification(size_t most) const {
  const VerificationLine& line = handoff_.verification;
  if (line.state == Verification::never_run) {
    return "- never run: none ran " + cite(first_session()) + "\n";
  }
  auto run = std::ranges::find(handoff_.tests, line.step, &TestLine::step);
  bool found = run != handoff_.tests.end();
  std::string command = found ? span(run->command, kCommandColumns) : "the last run";
  std::string text = "- " + std::string(to_string(line.state)) + ": ";
  if (line.state == Verification::unknown) {
    text += "nothing tells how " + command + " ended";
  } else {
    text += command + (line.state == Verification::failed ? " failed" : " passed");
  }
  if (line.state == Verification::partial) text += ", a part of the tests";
  text += " " + cite(line.step);
  if (line.state == Verification::failed && found && !run->failing.empty()) {
    text += "; failing: " + spans(run->failing, 5);
  } else if (line.state == Verification::failed && found && !run->error.empty()) {
    text += ": " + line_spans(run->error, kShortColumns, 2);
  }
  if (!line.changed_since.empty()) {
    return text + "; changed since:" + since(line.changed_since, most) + "\n";
  }
  if (!line.maybe_changed_since.empty()) {
    return text + "; changed before or after it, nobody saw which:" +
           since(line.maybe_changed_since, most) + "\n";
  }
  return text + "; no recorded file changed since\n";
}

std::vector<HandoffEntry> SectionWriter::tests() const {
  std::vector<HandoffEntry> entries;
  entries.push_back({{verification(12), verification(3)}, 0.5});
  size_t number = handoff_.tests.size();
  for (size_t i = 0; i < number; ++i) {
    const TestLine& run = handoff_.tests[i];
    std::string begin = "- ";
    if (run.kind != "test") begin += run.kind + " ";
    begin += run.verdict == "unknown" ? "verdict unknown" : run.verdict;
    if (run.partial) begin += " (a part)";
    begin += ", " + exit_text(run.exit_status);
    std::string counts;
    auto add = [&](const std::optional<int>& value, std::string_view word) {
      if (value) counts += ", " + std::to_string(*value) + " " + std::string(word);
    };
    add(run.passed, "passed");
    add(run.failed, "failed");
    add(run.skipped, "skipped");
    std::string end = ": " + span(run.command, kCommandColumns) + " " + cite(run.step);
    std::string failing = run.failing.empty() ? "" : "; failing: " + spans(run.failing, 5);
    if (!run.error.empty()) failing += ": " + line_spans(run.error, kErrorColumns, 3);
    std::string full = begin + counts + end + failing;
    if (!run.changed_until_next.empty()) {
      full += "; changed before the next run:" + since(run.changed_until_next, 3);
    }
    if (!run.maybe_changed_until_next.empty()) {
      full += "; perhaps also:" + since(run.maybe_changed_until_next, 3);
    }
    entries.push_back({{full + "\n", begin + end + failing + "\n", begin + end + "\n"},
                       6 + 0.6 * static_cast<double>(number - i)});
  }
  return entries;
}

std::vector<HandoffEntry> SectionWriter::claims() const {
  std::vector<HandoffEntry> entries;
  for (const auto& claim : handoff_.claims) {
    std::string begin = "- " + claim.verdict + ": ";
    std::string evidence = claim.evidence.empty() ? "" : " " + cite(claim.evidence, 3);
    double need = claim.verdict == "contradicted" ? 3 : claim.verdict == "supported" ? 13 : 5.5;
    entries.push_back(
        {{begin + span(claim.text, kErrorColumns) + " " + cite(claim.turn) + "; " + claim.reason +
              evidence + "\n",
          begin + span(claim.text, kShortColumns) + " " + cite(claim.turn) + evidence + "\n"},
         need + 0.1 * static_cast<double>(entries.size())});
  }
  return entries;
}

std::vector<HandoffEntry> SectionWriter::risks() const {
  std::vector<HandoffEntry> entries;
  for (const auto& risk : handoff_.risks) {
    // Said already under Claims and Tests.
    if (risk.rule == "contradicted-claim" || risk.rule == "failing-tests" ||
        risk.rule == "unverified") {
      continue;
    }
    std::string text = "- " + risk.text;
    if (!risk.path.empty()) text += ": " + span(risk.path);
    if (risk.lines.first) text += ":" + lines_text(risk.lines);
    text += " " + cite(risk.step);
    std::string full = text, some = text;
    for (size_t i = 0; i < risk.quoted.size(); ++i) {
      std::string part = risk.quoted[i] == "…" ? "…" : span(risk.quoted[i], kCommandColumns);
      full += (i == 0 ? ": " : " ") + part;
      if (i == 0) some += ": " + span(risk.quoted[i], kShortColumns);
    }
    entries.push_back(
        {{full + "\n", some + "\n", text + "\n"}, 4.5 + 0.5 * static_cast<double>(entries.size())});
  }
  return entries;
}

std::vector<HandoffEntry> SectionWriter::scope() const {
  std::vector<HandoffEntry> entries;
  for (const auto& line : handoff_.scope.surprises) {
    std::string kind = line.kind == "area" ? "another area" : line.kind;
    entries.push_back(
        {{"- not asked for (" + kind + "): " + span(line.path) + " " + cite(line.step) + "\n"},
         7 + 0.4 * static_cast<double>(entries.size())});
  }
  return entries;
}

std::vector<HandoffEntry> SectionWriter::not_checked() const {
  std::vector<HandoffEntry> entries;
  for (const auto& line : handoff_.not_checked) {
    bool skipped = line.rule == "skipped-test";
    std::string text =
        skipped ? "- skipped: " + span(line.name, kCommandColumns) + " " + cite(line.source)
                : "- nobody ran: " + span(line.name, kCommandColumns);
    if (!skipped && line.source != line.name) text += " of " + span(line.source);
    entries.push_back({{text + "\n"}, 9 + 0.4 * static_cast<double>(entries.size())});
  }
  return entries;
}

}  // namespace baton::render
