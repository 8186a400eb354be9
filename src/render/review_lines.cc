#include "render/review_lines.h"

#include <algorithm>

#include "base/bytes.h"
#include "handoff/findings.h"
#include "render/markdown.h"
#include "render/text.h"

namespace baton::render {
namespace {

using namespace baton::handoff;

constexpr size_t kColumns = 160;
constexpr size_t kShortId = 7;
constexpr size_t kPathsShown = 6;
constexpr size_t kFailingShown = 20;

std::string cite(const std::vector<Citation>& steps, size_t max = 8) {
  std::string text;
  for (size_t i = 0; i < steps.size() && i < max; i++) text += (i ? ", " : "[") + steps[i];
  if (text.empty()) return text;
  if (steps.size() > max) text += " and " + std::to_string(steps.size() - max) + " more";
  return text + "]";
}
std::string exit_text(const std::optional<int>& status) {
  return status ? "exit " + std::to_string(*status) : "exit status unknown";
}

// "+3 -1", "new, +3", "deleted", "binary".
template <class File>
std::string numbers(const File& file, bool binary) {
  std::string text = file.status == 'A' ? "new" : file.status == 'D' ? "deleted" : "";
  auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (binary) add("binary");
  if (file.counted) {
    add("+" + std::to_string(file.added) + " -" + std::to_string(file.removed));
  }
  return text;
}

}  // namespace

ReviewLines::ReviewLines(const Style& style, const PullRequest& request, const Outward& outward,
                         size_t block_bytes)
    : style_(style),
      request_(request),
      handoff_(request.handoff),
      outward_(outward),
      block_bytes_(block_bytes) {}

std::string ReviewLines::all() const {
  const std::string& name =
      handoff_.sessions.empty() ? std::string() : handoff_.sessions.front().address;
  return "baton handoff " + name + " --format json";
}

std::string ReviewLines::short_span(std::string_view text) const {
  return span(text, kColumns);
}

std::string ReviewLines::span(std::string_view text, size_t max) const {
  return code_span(style_, outward_.text(text), max);
}
std::string ReviewLines::spans(const std::vector<std::string>& texts, size_t max) const {
  std::string joined;
  for (size_t i = 0; i < texts.size() && i < max; i++) {
    joined += (i ? ", " : "") + span(texts[i], kColumns);
  }
  if (texts.size() > max) joined += " and " + std::to_string(texts.size() - max) + " more";
  return joined;
}
// Lines of a change or of an error, a span each.
std::string ReviewLines::line_spans(const std::vector<std::string>& lines) const {
  std::string joined;
  for (const auto& line : lines) {
    if (trim(line).empty()) continue;
    joined += (joined.empty() ? "" : " ") + (line == "…" ? line : span(line, kColumns));
  }
  return joined;
}
std::string ReviewLines::error_spans(std::string_view error) const {
  std::vector<std::string> lines;
  for (std::string_view line : split(error, '\n')) lines.emplace_back(line);
  return line_spans(lines);
}

// A whole text; a long one is cut, and the line behind it says where the rest is.
std::string ReviewLines::quoted(std::string_view text, const Citation& source) const {
  std::string body = outward_.text(trim(text));
  std::string_view shown = utf8_prefix(body, block_bytes_);
  std::string out = code_block(style_, shown, "  ");
  if (shown.size() < body.size()) {
    out += "  (" + std::to_string(body.size() - shown.size()) + " bytes more: `baton show --full " +
           source + "`)\n";
  }
  return out;
}

std::string ReviewLines::session(const SessionLine& session) const {
  std::string text = cite(session.address) + " " + session.agent;
  if (!session.model.empty()) text += " " + span(session.model);
  return text + ", " + count(session.turns, "turn") + ", " + count(session.steps, "step");
}

std::vector<std::string> ReviewLines::constraints() const {
  std::vector<std::string> entries;
  for (const auto& each : handoff_.constraints) {
    entries.push_back(span(utf8_prefix(each.text, block_bytes_)) + " " + cite(each.turn));
  }
  return entries;
}

std::vector<std::string> ReviewLines::plan() const {
  std::vector<std::string> entries;
  for (const PlanLine& item : handoff_.plan) {
    bool done = item.status == "completed";
    entries.push_back((done ? "[x] " : "[ ] ") + span(item.text) +
                      (done || item.status == "pending" ? "" : " (" + span(item.status) + ")") +
                      " " + cite(item.step));
  }
  return entries;
}

// Who else may have changed it.
std::string ReviewLines::others_in(const ChangeLine& change) const {
  std::string text;
  if (change.contested) text += "; contested: another call may have done it";
  for (const auto& other : change.also) text += "; also changed by: " + other;
  return text;
}

std::string ReviewLines::change(const ChangeLine& change) const {
  std::string sums = numbers(change, change.binary);
  return span(change.path) + (sums.empty() ? "" : " " + sums) + " " + cite(change.steps) +
         others_in(change);
}

std::string ReviewLines::change(const IntentFile& file) const {
  std::string sums = numbers(file, file.binary);
  auto whole = std::ranges::find(handoff_.changes, file.path, &ChangeLine::path);
  return span(file.path) + (sums.empty() ? "" : " " + sums) + " " + cite(file.steps) +
         (whole == handoff_.changes.end() ? "" : others_in(*whole));
}

std::vector<std::string> ReviewLines::others() const {
  std::vector<std::string> entries;
  for (const auto& other : handoff_.others) {
    entries.push_back(span(other.path) + " (" + other.owner + ")");
  }
  return entries;
}

std::vector<std::string> ReviewLines::runs() const {
  std::vector<std::string> entries;
  for (const TestLine& each : handoff_.tests) entries.push_back(run(each));
  return entries;
}

std::vector<std::string> ReviewLines::not_checked() const {
  std::vector<std::string> entries;
  for (const auto& line : handoff_.not_checked) {
    entries.push_back((line.rule == "skipped-test" ? "skipped: " : "nobody ran ") +
                      short_span(line.name) + " " + source(line.source));
  }
  return entries;
}

// A step in brackets; a file as a name.
std::string ReviewLines::source(const std::string& place) const {
  bool step = place.find_first_of("/ ") == std::string::npos &&
              place.find_first_of(".:") != std::string::npos &&
              place.find_first_not_of("0123456789abcdef.:") == std::string::npos;
  return step ? cite(place) : "(" + span(place) + ")";
}

std::string ReviewLines::verification() const {
  const VerificationLine& line = handoff_.verification;
  auto found = std::ranges::find(handoff_.tests, line.step, &TestLine::step);
  std::string command =
      found == handoff_.tests.end() ? "the newest run" : span(found->command, kColumns);
  std::string text = "**" + std::string(to_string(line.state)) + "**: ";
  switch (line.state) {
    case Verification::never_run:
      return text + "no run of tests was recorded";
    case Verification::failed:
      text += command + " failed";
      break;
    case Verification::unknown:
      text += "nothing tells how " + command + " ended";
      break;
    case Verification::partial:
      text += command + " passed, a part of the tests";
      break;
    case Verification::stale:
    case Verification::tree_unknown:
    case Verification::fresh:
      text += command + " passed";
      break;
  }
  text += " " + cite(line.step);
  if (line.changed_since.empty() && !line.maybe_changed_since.empty()) {
    return text + ", on files that are not known: what changed before or after it was not seen";
  }
  if (line.changed_since.empty()) return text + ", on the files as they are" + tree();
  text += ", on other files than these; changed since:";
  for (const auto& change : line.changed_since) {
    text += (&change == &line.changed_since.front() ? " " : ", ") + span(change.path) + " " +
            (change.step.empty() ? "(" + change.owner + ")" : cite(change.step));
  }
  return text;
}

std::string ReviewLines::tree() const {
  const auto& repository = handoff_.repository;
  if (repository.head.empty()) return {};
  if (repository.dirty.empty()) return " in " + repository.head.substr(0, kShortId);
  return ", " + count(static_cast<int64_t>(repository.dirty.size()), "file") + " not committed";
}

std::string ReviewLines::run(const TestLine& run) const {
  std::string text;
  if (run.kind != "test") text += run.kind + " ";
  text += run.verdict == "unknown" ? "verdict unknown" : run.verdict;
  if (run.partial) text += " (a part)";
  text += ", " + exit_text(run.exit_status);
  auto number = [&](const std::optional<int>& value, std::string_view word) {
    if (value) text += ", " + std::to_string(*value) + " " + std::string(word);
  };
  number(run.passed, "passed");
  number(run.failed, "failed");
  number(run.skipped, "skipped");
  text += ": " + span(run.command, kColumns) + " " + cite(run.step);
  if (!run.failing.empty()) text += "; failing: " + spans(run.failing, kFailingShown);
  return text;
}

std::vector<std::string> ReviewLines::attempts() const {
  std::vector<std::string> entries;
  for (const AttemptLine& attempt : handoff_.attempts) entries.push_back(this->attempt(attempt));
  return entries;
}

std::string ReviewLines::attempt(const AttemptLine& attempt) const {
  bool edited = attempt.rule == "edit-then-failing-run";
  std::string text;
  if (edited || attempt.rule == "undone") {
    text = "changed " + spans(attempt.paths, kPathsShown) + " " + cite(attempt.steps);
    if (!attempt.tried.empty()) text += ": " + line_spans(attempt.tried);
    if (edited) {
      text += "; then " + span(attempt.command, kColumns) + " failed, " +
              exit_text(attempt.exit_status) + " " + cite(attempt.failed_at);
    }
  } else {
    text = attempt.rule == "refused" ? "refused: " : "failed: ";
    text += attempt.command.empty() ? span(attempt.tool) + " " + spans(attempt.paths, kPathsShown)
                                    : span(attempt.command, kColumns);
    if (attempt.exit_status) text += ", " + exit_text(attempt.exit_status);
    if (attempt.times > 1) text += ", " + std::to_string(attempt.times) + " times in like forms";
    text += " " + cite(attempt.steps);
  }
  if (!attempt.error.empty()) text += ": " + error_spans(attempt.error);
  if (!attempt.replaced_by.empty()) {
    text += edited ? "; replaced by " : "; what worked: ";
    if (!attempt.replaced_command.empty()) text += span(attempt.replaced_command, kColumns) + " ";
    text += cite(attempt.replaced_by);
    if (!attempt.replacement.empty()) text += ": " + line_spans(attempt.replacement);
  } else if (!attempt.undone_by.empty()) {
    text += "; taken back ";
    text += attempt.undone_at.empty() ? "(" + attempt.undone_by + ")" : cite(attempt.undone_at);
    if (!attempt.why.empty()) text += ", the agent's words: " + span(attempt.why, kColumns);
  }
  return text;
}

std::vector<std::string> ReviewLines::open() const {
  std::vector<std::string> entries;
  for (const OpenLine& item : handoff_.open) {
    entries.push_back(item.rule + ": " + span(item.text, kColumns) + " " + cite(item.source));
  }
  return entries;
}

// One that is settled is no news for a reviewer.
std::vector<std::string> ReviewLines::assumptions() const {
  std::vector<std::string> entries;
  for (const AssumptionLine& line : handoff_.assumptions) {
    if (line.closed) continue;
    std::string who = line.rule == "said"   ? "the agent's words"
                      : line.author.empty() ? "note"
                                            : "note by " + short_span(line.author);
    entries.push_back(who + ": " + span(utf8_prefix(line.text, block_bytes_)) + " " +
                      cite(line.source));
  }
  return entries;
}

// Settled ones are no news here either; open ones and assumptions stand among their like.
std::vector<std::string> ReviewLines::notes() const {
  std::vector<std::string> entries;
  for (const NoteLine& note : handoff_.notes) {
    if (note.closed || note.kind == "open" || note.kind == "assumption") continue;
    std::string author = note.author.empty() ? "" : " by " + short_span(note.author);
    entries.push_back(note.kind + author + ": " + span(utf8_prefix(note.text, block_bytes_)) + " " +
                      cite(note.source));
  }
  return entries;
}

std::vector<std::string> ReviewLines::risks() const {
  std::vector<std::string> entries;
  for (const ClaimLine& claim : handoff_.claims) {
    if (claim.verdict == "supported") continue;
    entries.push_back("**" + claim.verdict + "**: the agent says " + span(claim.text, kColumns) +
                      " " + cite(claim.turn) +
                      (claim.reason.empty() ? "" : "; " + clean(style_, claim.reason)) +
                      (claim.evidence.empty() ? "" : " " + cite(claim.evidence)));
  }
  for (const RiskLine& risk : handoff_.risks) {
    if (is_told_elsewhere(risk)) continue;
    std::string text = clean(style_, risk.text);
    if (!risk.path.empty()) {
      text = span(risk.path) +
             (risk.lines.first > 0 ? ":" + std::to_string(risk.lines.first) : "") + " " + text;
    }
    if (!risk.quoted.empty()) text += ": " + line_spans(risk.quoted);
    if (!risk.step.empty()) text += " " + cite(risk.step);
    entries.push_back(std::move(text));
  }
  for (const SurpriseLine& surprise : handoff_.scope.surprises) {
    entries.push_back("not asked for (" + surprise.kind + "): " + span(surprise.path) + " " +
                      cite(surprise.step));
  }
  int strangers = 0;
  for (const DiffLine& line : request_.diff) strangers += !line.recorded;
  if (strangers) {
    entries.push_back(count(strangers, "file") +
                      " of the diff that no recorded step of these sessions changed");
  }
  return entries;
}

std::vector<std::string> ReviewLines::rollback() const {
  std::vector<std::string> entries;
  for (const RollbackLine& point : handoff_.rollback) {
    entries.push_back(point.name + ": `" + point.command + "` " + cite(point.step));
  }
  if (!request_.commits.empty()) {
    entries.push_back("the commits of this branch: `git revert --no-commit " +
                      request_.base.substr(0, kShortId) + ".." + request_.head.substr(0, kShortId) +
                      "`");
  }
  if (entries.empty()) entries.emplace_back("no state was recorded to go back to");
  return entries;
}

std::vector<std::string> ReviewLines::commits() const {
  std::vector<std::string> entries;
  if (request_.commits_left_out) {
    entries.push_back(std::to_string(request_.commits_left_out) + " older ones");
  }
  for (const CommitLine& commit : request_.commits) {
    std::string text = commit.id.substr(0, kShortId) + " " + span(commit.subject, kColumns);
    if (!commit.turns.empty()) {
      text += " " + cite(commit.turns);
      if (commit.unexplained) {
        text += "; " + count(commit.unexplained, "path") + " that no recorded version explains";
      }
    } else {
      text += ", not recorded: by " + span(commit.author);
    }
    entries.push_back(std::move(text));
  }
  return entries;
}

// What hooks said is the author's own: that they did is told, and where to look it up.
std::vector<std::string> ReviewLines::context() const {
  std::vector<std::string> entries;
  for (const ContextLine& line : handoff_.context) {
    std::string text;
    if (line.kind == "instructions") {
      text = "instructions: " + span(line.name);
      if (!line.why.empty()) text += " (" + short_span(line.why) + ")";
    } else if (line.kind == "hook") {
      text = "a hook's words (" + short_span(line.name) + ")";
    } else {
      text = "baton's handoff of earlier work";
    }
    text += " " + cite(line.sessions);
    if (entries.empty() || entries.back() != text) entries.push_back(std::move(text));
  }
  return entries;
}

std::vector<std::string> ReviewLines::reads() const {
  std::vector<std::string> entries;
  for (const ReadLine& read : handoff_.reads) {
    entries.push_back(span(read.path) + " " + cite(read.steps) +
                      (read.inferred ? " (by a command)" : ""));
  }
  return entries;
}

std::vector<std::string> ReviewLines::commands() const {
  std::vector<std::string> entries;
  for (const CommandLine& command : handoff_.commands) {
    entries.push_back(span(command.command, kColumns) + " " +
                      (command.exit_status ? exit_text(command.exit_status) : command.outcome) +
                      " " + cite(command.step));
  }
  return entries;
}

std::string ReviewLines::diff_title() const {
  int64_t added = 0, removed = 0;
  for (const DiffLine& line : request_.diff) added += line.added, removed += line.removed;
  return "Diff: +" + std::to_string(added) + " -" + std::to_string(removed);
}

std::vector<std::string> ReviewLines::diff() const {
  std::vector<std::string> entries;
  for (const DiffLine& line : request_.diff) {
    std::string sums = numbers(line, !line.counted);
    entries.push_back(span(line.path) + (sums.empty() ? "" : " " + sums) +
                      (line.recorded ? "" : ", no recorded step changed it"));
  }
  return entries;
}

}  // namespace baton::render
