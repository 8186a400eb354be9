// What was done: plan, attempts, changes, commands, reads, ways back.

#include "render/handoff_section_writer.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "render/markdown.h"
#include "render/text.h"

namespace baton::render {

std::vector<HandoffEntry> SectionWriter::plan() const {
  std::vector<HandoffEntry> entries;
  for (const auto& item : handoff_.plan) {
    bool done = item.status == "completed";
    std::string state = done || item.status == "pending" ? "" : " (" + span(item.status) + ")";
    std::string begin = done ? "- [x] " : "- [ ] ", end = state + " " + cite(item.step) + "\n";
    entries.push_back(
        {{begin + span(item.text) + end, begin + span(item.text, kShortColumns) + end},
         (done ? 9 : 6) + 0.2 * static_cast<double>(entries.size())});
  }
  for (const auto& text : handoff_.plan_texts) {
    std::string label = text.path.empty() ? "as prose" : "in " + span(text.path);
    std::string_view body = trim(text.text);
    entries.push_back(
        {{"- " + label + " " + cite(text.step) + "\n" +
              code_block(style_, body, "  ", kMaxQuotedBlock),
          "- " + label + ": " + span(body, kErrorColumns) + " " + cite(text.step) + "\n"},
         7});
  }
  for (const auto& line : handoff_.deviations) {
    std::string text = line.rule == "not-in-plan" ? "changed, and not in the plan: "
                                                  : "in the plan, and not touched: ";
    entries.push_back({{"- " + text + span(line.path) + " " + cite(line.step) + "\n"}, 8});
  }
  return entries;
}

std::string SectionWriter::change_spans(const std::vector<std::string>& lines, size_t most,
                                        bool only_new) const {
  std::string text;
  for (const auto& line : lines) {
    if (only_new && !line.starts_with('+')) continue;
    if (most-- == 0) break;
    text += (text.empty() ? "" : " ") +
            (line == "…" ? line : span(line, only_new ? kShortColumns : kCommandColumns));
  }
  return text;
}

std::vector<HandoffEntry> SectionWriter::attempts() const {
  std::vector<HandoffEntry> entries;
  size_t number = handoff_.attempts.size();
  for (const auto& attempt : handoff_.attempts) {
    // Why something was dropped is worth more than that it was.
    double need =
        (attempt.error.empty() ? 5.6 : 4.0) + 0.6 * static_cast<double>(number - entries.size());
    entries.push_back({{attempt_text(attempt, false), attempt_text(attempt, true)}, need});
  }
  return entries;
}

std::string SectionWriter::attempt_text(const AttemptLine& attempt, bool brief) const {
  bool edited = attempt.rule == "edit-then-failing-run";
  size_t columns = brief ? kShortColumns : kCommandColumns;
  size_t cited = brief ? 2 : kMaxCited;
  std::string text = "- ";
  if (edited || attempt.rule == "undone") {
    text += "changed " + spans(attempt.paths, brief ? 2 : 8) + " " + cite(attempt.steps, cited);
    std::string tried = change_spans(attempt.tried, brief ? 1 : 8, brief);
    if (tried.empty()) tried = change_spans(attempt.tried, brief ? 1 : 8, false);
    if (!tried.empty()) text += ": " + tried;
    if (edited) {
      text += "\n  then " + span(attempt.command, columns) + " failed, " +
              exit_text(attempt.exit_status) + " " + cite(attempt.failed_at);
    }
  } else {
    text += attempt.rule == "refused" ? "refused: " : "failed: ";
    text += attempt.command.empty() ? span(attempt.tool) + " " + spans(attempt.paths, 3)
                                    : span(attempt.command, columns);
    if (attempt.exit_status) text += ", " + exit_text(attempt.exit_status);
    if (attempt.times > 1) text += ", " + std::to_string(attempt.times) + " times in like forms";
    text += " " + cite(attempt.steps, cited);
  }
  if (!attempt.error.empty()) {
    text += ": " + line_spans(attempt.error, brief ? kShortColumns : kErrorColumns, brief ? 1 : 8);
  }
  text += "\n";
  if (attempt.replaced_by.empty()) return text + undone_text(attempt, brief);
  text += edited ? "  replaced by " : "  what worked: ";
  if (!attempt.replaced_command.empty()) text += span(attempt.replaced_command, columns) + " ";
  text += cite(attempt.replaced_by, cited);
  std::string replacement = change_spans(attempt.replacement, brief ? 1 : 8, brief);
  if (!replacement.empty()) text += ": " + replacement;
  return text + "\n";
}

std::string SectionWriter::undone_text(const AttemptLine& attempt, bool brief) const {
  if (attempt.undone_by.empty()) return {};
  std::string text = "  taken back ";
  text += attempt.undone_at.empty()
              ? attempt.undone_by == "git" ? "to what git holds" : "(" + attempt.undone_by + ")"
              : cite(attempt.undone_at);
  if (!attempt.why.empty()) {
    text += ", the agent's words: " + span(attempt.why, brief ? kShortColumns : kErrorColumns);
  }
  return text + "\n";
}

std::vector<HandoffEntry> SectionWriter::changes() const {
  std::vector<HandoffEntry> entries;
  size_t made = 0, touched = 0;
  std::set<std::string> told;  // words that stand at a change already
  for (const auto& change : handoff_.changes) {
    std::string begin = "- " + span(change.path);
    if (!change.worktree.empty()) begin += " in worktree " + span(change.worktree);
    begin += change.status == 'A' ? " new" : change.status == 'D' ? " deleted" : "";
    if (!change.deleted_by.empty()) begin += " by nobody's step (" + change.deleted_by + ")";
    if (!change.moved_from.empty()) {
      begin += " moved from " + span(change.moved_from);
      if (change.moved_by != "step") begin += " by nobody's step (" + change.moved_by + ")";
    }
    if (change.binary) begin += " binary";
    if (change.withheld) begin += " withheld";
    if (change.counted) {
      begin += " +" + std::to_string(change.added) + " -" + std::to_string(change.removed);
    }
    // The steps are those that had changed it, not who took it away.
    if (!change.deleted_by.empty()) begin += "; changed before";
    std::string others;
    if (change.contested) others += "; contested: another call may have done it";
    for (const auto& other : change.also) others += "; also changed by: " + other;
    std::string whole(to_string(handoff_.verification.state));
    bool apart = !change.verification.empty() && change.verification != whole;
    std::string tested = apart ? "; tests of it: " + change.verification : "";
    std::string full = begin + " " + cite(change.steps) + ", prompt " + cite(change.turn) +
                       place(change) + others + tested + "\n";
    std::string mid = begin + " " + cite(change.steps, 2) + others + tested + "\n";
    // What was there before is worth more than what is new.
    size_t& place = change.status == 'A' ? made : touched;
    double need = (change.status == 'A' ? 3.9 : 3.5) + 0.3 * static_cast<double>(place++);
    entries.push_back({{full + reasons(change, told), full, mid,
                        begin + " " + cite(change.steps, 1) + others + "\n"},
                       need});
  }
  for (const auto& other : handoff_.others) {
    std::string text = "- " + span(other.path) + " by " +
                       (other.owner == "outside" ? "nobody's step (outside)" : "unknown") + ", " +
                       count(other.times, "time");
    if (!other.after.empty()) text += ", after " + cite(other.after);
    entries.push_back({{text + "\n"}, 7 + 0.3 * static_cast<double>(entries.size())});
  }
  return entries;
}

std::string SectionWriter::place(const ChangeLine& change) {
  if (change.status != 'M' || change.hunks.empty()) return {};
  std::string text;
  size_t shown = 0;
  bool one_line = true;
  for (const HunkLine& hunk : change.hunks) {
    if (!hunk.lines.first || shown == 6) continue;  // what stood before the first line is gone
    one_line = shown == 0 && hunk.lines.first == hunk.lines.last;
    text += (shown++ == 0 ? "" : ", ") + lines_text(hunk.lines);
  }
  if (text.empty()) return text;
  text = (one_line ? "; line " : "; lines ") + text;
  return text + (change.hunks.size() > 6 ? ", …" : "");
}

std::string SectionWriter::reasons(const ChangeLine& change, std::set<std::string>& told) const {
  std::vector<const HunkLine*> said;
  for (auto hunk = change.hunks.rbegin(); hunk != change.hunks.rend(); ++hunk) {
    bool known = std::ranges::any_of(said, [&](const HunkLine* other) {
      return other->step == hunk->step || other->words == hunk->words;
    });
    if (!hunk->words.empty() && !known && said.size() < kMaxReasons) said.push_back(&*hunk);
  }
  std::string text;
  for (auto hunk = said.rbegin(); hunk != said.rend(); ++hunk) {
    if (!told.insert((*hunk)->words).second) continue;
    text += "  the agent's words before " + cite((*hunk)->step) + ": " +
            span((*hunk)->words, kErrorColumns) + "\n";
  }
  return text;
}

std::vector<HandoffEntry> SectionWriter::commands() const {
  std::vector<HandoffEntry> entries;
  size_t number = handoff_.commands.size();
  for (size_t i = 0; i < number; ++i) {
    const CommandLine& command = handoff_.commands[i];
    if (command.outcome == "refused") continue;  // did not run, and stands among the attempts
    std::string end = command.exit_status ? exit_text(command.exit_status) : command.outcome;
    end = " " + end + " " + cite(command.step) + "\n";
    bool bad = command.outcome == "failed";
    entries.push_back({{"- " + span(command.command, kCommandColumns) + end,
                        "- " + span(command.command, kShortColumns) + end},
                       (bad ? 8.5 : 8) + 0.5 * static_cast<double>(number - i)});
  }
  return entries;
}

std::vector<HandoffEntry> SectionWriter::reads() const {
  std::vector<HandoffEntry> entries;
  for (const auto& read : handoff_.reads) {
    std::string text = span(read.path) + " " + cite(read.steps, 3);
    bool changed =
        std::ranges::find(handoff_.changes, read.path, &ChangeLine::path) != handoff_.changes.end();
    entries.push_back({{text + (read.inferred ? " (by a command)" : ""),
                        span(read.path) + " " + cite(read.steps, 1)},
                       (changed ? 7.5 : 7) + 0.25 * static_cast<double>(entries.size())});
  }
  return entries;
}

std::vector<HandoffEntry> SectionWriter::rollback() const {
  std::vector<HandoffEntry> entries;
  for (const auto& point : handoff_.rollback) {
    double need = point.name == "session start" ? 5.2 : point.name == "last green" ? 5.4 : 10;
    entries.push_back({{"- " + point.name + ": `" + point.command + "` " + cite(point.step) + "\n",
                        "- " + point.name + ": `" + point.command + "`\n"},
                       need});
  }
  return entries;
}

}  // namespace baton::render
