#include "render/pull_request.h"

#include <algorithm>

#include "base/bytes.h"
#include "handoff/findings.h"
#include "render/handoff_markdown.h"
#include "render/text.h"

namespace baton::render {
namespace {

using namespace baton::handoff;

constexpr size_t kColumns = 160;
constexpr size_t kShortId = 7;
constexpr size_t kFailingShown = 20;

// What a level of shortening shows.
struct Level {
  bool intents = true, reads = true, commands = true, diff = true;
  size_t block_bytes = 1u << 20;  // of one quoted text
  size_t entries = 10'000;        // of one list
};

constexpr Level kLevels[] = {
    {},
    {.intents = false},
    {.intents = false, .reads = false},
    {.intents = false, .reads = false, .commands = false},
    {.intents = false, .reads = false, .commands = false, .diff = false},
    {.intents = false,
     .reads = false,
     .commands = false,
     .diff = false,
     .block_bytes = 8000,
     .entries = 200},
    {.intents = false,
     .reads = false,
     .commands = false,
     .diff = false,
     .block_bytes = 2000,
     .entries = 80},
    {.intents = false,
     .reads = false,
     .commands = false,
     .diff = false,
     .block_bytes = 600,
     .entries = 30},
    {.intents = false,
     .reads = false,
     .commands = false,
     .diff = false,
     .block_bytes = 200,
     .entries = 10},
};

std::vector<std::string> left_out_by(const Level& level) {
  std::vector<std::string> names;
  if (!level.intents) names.emplace_back("the prompt behind each file");
  if (!level.reads) names.emplace_back("files read");
  if (!level.commands) names.emplace_back("commands");
  if (!level.diff) names.emplace_back("the list of the diff");
  if (level.entries < kLevels[0].entries) names.emplace_back("parts of long texts and lists");
  return names;
}

std::string cite(const std::vector<Citation>& steps, size_t max = 8) {
  std::string text;
  for (size_t i = 0; i < steps.size() && i < max; i++) text += (i ? ", " : "[") + steps[i];
  if (text.empty()) return text;
  if (steps.size() > max) text += " and " + std::to_string(steps.size() - max) + " more";
  return text + "]";
}
std::string cite(const Citation& step) {
  return step.empty() ? std::string() : "[" + step + "]";
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

class Writer {
 public:
  Writer(const Style& style, const PullRequest& request, const Outward& outward, const Level& level)
      : style_(style),
        request_(request),
        handoff_(request.handoff),
        outward_(outward),
        level_(level) {}

  std::string text() {
    out_ = std::string(kBodyBegins) + "\n";
    head();
    prompts();
    list("Kept to", constraints());
    plan();
    changes();
    tests();
    list("Tried and dropped", attempts());
    list("Open", open());
    list("Risks", risks());
    rollback();
    folded("Commits", commits(), true);
    folded("Files read", reads(), level_.reads);
    folded("Commands", commands(), level_.commands);
    folded(diff_title(), diff(), level_.diff);
    left_out();
    out_ += std::string(kBodyEnds) + "\n";
    return std::move(out_);
  }

 private:
  std::string span(std::string_view text, size_t max = 0) const {
    return code_span(style_, outward_.text(text), max);
  }
  std::string spans(const std::vector<std::string>& texts, size_t max = 6) const {
    std::string joined;
    for (size_t i = 0; i < texts.size() && i < max; i++) {
      joined += (i ? ", " : "") + span(texts[i], kColumns);
    }
    if (texts.size() > max) joined += " and " + std::to_string(texts.size() - max) + " more";
    return joined;
  }
  // Lines of a change or of an error, a span each.
  std::string line_spans(const std::vector<std::string>& lines) const {
    std::string joined;
    for (const auto& line : lines) {
      if (trim(line).empty()) continue;
      joined += (joined.empty() ? "" : " ") + (line == "…" ? line : span(line, kColumns));
    }
    return joined;
  }
  std::string error_spans(std::string_view error) const {
    std::vector<std::string> lines;
    for (std::string_view line : split(error, '\n')) lines.emplace_back(line);
    return line_spans(lines);
  }

  // A whole text; a long one is cut, and the line behind it says where the rest is.
  std::string quoted(std::string_view text, const Citation& source) const {
    std::string body = outward_.text(trim(text));
    std::string_view shown = utf8_prefix(body, level_.block_bytes);
    std::string out = code_block(style_, shown, "  ");
    if (shown.size() < body.size()) {
      out += "  (" + std::to_string(body.size() - shown.size()) +
             " bytes more: `baton show --full " + source + "`)\n";
    }
    return out;
  }

  void heading(std::string_view title) { out_ += "\n## " + std::string(title) + "\n\n"; }

  void list(std::string_view title, const std::vector<std::string>& entries) {
    if (entries.empty()) return;
    heading(title);
    add_entries(entries);
  }
  void add_entries(const std::vector<std::string>& entries) {
    size_t shown = std::min(entries.size(), level_.entries);
    for (size_t i = 0; i < shown; i++) out_ += "- " + entries[i] + "\n";
    if (shown < entries.size()) {
      out_ += "- " + std::to_string(entries.size() - shown) + " more: `" + all() + "`\n";
    }
  }
  void folded(const std::string& title, const std::vector<std::string>& entries, bool show) {
    if (entries.empty() || !show) return;
    out_ += "\n<details>\n<summary>" + title + " (" + std::to_string(entries.size()) +
            ")</summary>\n\n";
    add_entries(entries);
    out_ += "\n</details>\n";
  }

  // The command that shows everything.
  std::string all() const {
    const std::string& name =
        handoff_.sessions.empty() ? std::string() : handoff_.sessions.front().address;
    return "baton handoff " + name + " --format json";
  }

  void head() {
    out_ +=
        "Made by `baton pr` from what was recorded while the work was done. Text in code marks is "
        "quoted from the record; what stands in brackets can be looked up with `baton show`.\n\n";
    if (!request_.since.empty()) out_ += "What came after " + span(request_.since) + ":\n\n";
    for (const auto& session : handoff_.sessions) {
      out_ += "- " + cite(session.address) + " " + session.agent;
      if (!session.model.empty()) out_ += " " + span(session.model);
      out_ += ", " + count(session.turns, "turn") + ", " + count(session.steps, "step") + "\n";
    }
  }

  void prompts() {
    if (handoff_.prompts.empty()) return;
    heading(request_.since.empty() ? "Prompt" : "Prompts");
    for (const PromptLine& prompt : handoff_.prompts) {
      bool first = &prompt == &handoff_.prompts.front();
      out_ += (first ? "" : "\nThen ") + cite(prompt.turn) +
              (prompt.interrupted ? ", interrupted" : "") + ":\n\n" +
              quoted(prompt.text, prompt.turn);
    }
  }

  std::vector<std::string> constraints() const {
    std::vector<std::string> entries;
    for (const auto& each : handoff_.constraints) {
      entries.push_back(span(utf8_prefix(each.text, level_.block_bytes)) + " " + cite(each.turn));
    }
    return entries;
  }

  void plan() {
    std::vector<std::string> entries;
    for (const PlanLine& item : handoff_.plan) {
      bool done = item.status == "completed";
      entries.push_back((done ? "[x] " : "[ ] ") + span(item.text) +
                        (done || item.status == "pending" ? "" : " (" + span(item.status) + ")") +
                        " " + cite(item.step));
    }
    list("Plan", entries);
    for (const auto& text : handoff_.plan_texts) {
      if (entries.empty()) heading("Plan");
      out_ += "\nAs written" + (text.path.empty() ? "" : " in " + span(text.path)) + " " +
              cite(text.step) + ":\n\n" + quoted(text.text, text.step);
    }
  }

  std::string change_text(const ChangeLine& change) const {
    std::string text = span(change.path);
    std::string sums = numbers(change, change.binary);
    if (!sums.empty()) text += " " + sums;
    text += " " + cite(change.steps);
    if (change.contested) text += "; contested: another call may have done it";
    for (const auto& other : change.also) text += "; also changed by: " + other;
    return text;
  }

  void changes() {
    if (handoff_.changes.empty()) {
      heading("Changed");
      out_ += "Nothing.\n";
      return;
    }
    heading("Changed");
    if (!level_.intents) {
      std::vector<std::string> entries;
      for (const auto& change : handoff_.changes) entries.push_back(change_text(change));
      add_entries(entries);
    } else {
      for (const IntentLine& intent : request_.intents) {
        out_ += "For " +
                (intent.prompt.empty() ? "a prompt that was not heard"
                                       : span(first_line(intent.prompt), kColumns)) +
                " " + cite(intent.turn) + ":\n\n";
        std::vector<std::string> entries;
        for (const IntentFile& file : intent.files) {
          std::string sums = numbers(file, file.binary);
          entries.push_back(span(file.path) + (sums.empty() ? "" : " " + sums) + " " +
                            cite(file.steps) + shared(file.path));
        }
        add_entries(entries);
        out_ += "\n";
      }
      while (out_.ends_with("\n\n")) out_.pop_back();
    }
    if (!handoff_.others.empty()) {
      std::vector<std::string> entries;
      for (const auto& other : handoff_.others) {
        entries.push_back(span(other.path) + " (" + other.owner + ")");
      }
      out_ += "\nBy nobody's step meanwhile:\n\n";
      add_entries(entries);
    }
  }

  std::string shared(std::string_view path) const {
    auto change = std::ranges::find(handoff_.changes, path, &ChangeLine::path);
    std::string text;
    if (change == handoff_.changes.end()) return text;
    if (change->contested) text += "; contested: another call may have done it";
    for (const auto& other : change->also) text += "; also changed by: " + other;
    return text;
  }

  void tests() {
    heading("How it was verified");
    out_ += "- " + verification() + "\n";
    std::vector<std::string> entries;
    for (const TestLine& run : handoff_.tests) entries.push_back(run_text(run));
    // The newest runs are kept where not all are shown.
    if (entries.size() > level_.entries) {
      out_ += "- " + std::to_string(entries.size() - level_.entries) + " earlier runs: `" + all() +
              "`\n";
      entries.erase(entries.begin(), entries.end() - static_cast<long>(level_.entries));
    }
    add_entries(entries);
    std::vector<std::string> missing;
    for (const auto& line : handoff_.not_checked) {
      missing.push_back((line.rule == "skipped-test" ? "skipped: " : "nobody ran ") +
                        span(line.name, kColumns) + " " + source(line.source));
    }
    if (missing.empty()) return;
    out_ += "\nNot checked:\n\n";
    add_entries(missing);
  }

  // A step in brackets; a file as a name.
  std::string source(const std::string& place) const {
    bool step = place.find_first_of("/ ") == std::string::npos &&
                place.find_first_of(".:") != std::string::npos &&
                place.find_first_not_of("0123456789abcdef.:") == std::string::npos;
    return step ? cite(place) : "(" + span(place) + ")";
  }

  std::string verification() const {
    const VerificationLine& line = handoff_.verification;
    auto run = std::ranges::find(handoff_.tests, line.step, &TestLine::step);
    std::string command =
        run == handoff_.tests.end() ? "the newest run" : span(run->command, kColumns);
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
      case Verification::fresh:
        text += command + " passed";
        break;
    }
    text += " " + cite(line.step);
    if (line.changed_since.empty()) return text + ", on the files as they are" + tree_text();
    text += ", on other files than these; changed since:";
    for (const auto& change : line.changed_since) {
      text += (&change == &line.changed_since.front() ? " " : ", ") + span(change.path) + " " +
              (change.step.empty() ? "(" + change.owner + ")" : cite(change.step));
    }
    return text;
  }

  std::string tree_text() const {
    const auto& repository = handoff_.repository;
    if (repository.head.empty()) return {};
    if (repository.dirty.empty()) return " in " + repository.head.substr(0, kShortId);
    return ", " + count(static_cast<int64_t>(repository.dirty.size()), "file") + " not committed";
  }

  std::string run_text(const TestLine& run) const {
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

  std::vector<std::string> attempts() const {
    std::vector<std::string> entries;
    for (const AttemptLine& attempt : handoff_.attempts) entries.push_back(attempt_text(attempt));
    return entries;
  }

  std::string attempt_text(const AttemptLine& attempt) const {
    bool edited = attempt.rule == "edit-then-failing-run";
    std::string text;
    if (edited || attempt.rule == "undone") {
      text = "changed " + spans(attempt.paths) + " " + cite(attempt.steps);
      if (!attempt.tried.empty()) text += ": " + line_spans(attempt.tried);
      if (edited) {
        text += "; then " + span(attempt.command, kColumns) + " failed, " +
                exit_text(attempt.exit_status) + " " + cite(attempt.failed_at);
      }
    } else {
      text = attempt.rule == "refused" ? "refused: " : "failed: ";
      text += attempt.command.empty() ? span(attempt.tool) + " " + spans(attempt.paths)
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

  std::vector<std::string> open() const {
    std::vector<std::string> entries;
    for (const OpenLine& item : handoff_.open) {
      entries.push_back(item.rule + ": " + span(item.text, kColumns) + " " + cite(item.source));
    }
    return entries;
  }

  std::vector<std::string> risks() const {
    std::vector<std::string> entries;
    for (const ClaimLine& claim : handoff_.claims) {
      if (claim.verdict == "supported") continue;
      entries.push_back("**" + claim.verdict + "**: the agent says " + span(claim.text, kColumns) +
                        " " + cite(claim.turn) +
                        (claim.reason.empty() ? "" : "; " + clean(style_, claim.reason)) + " " +
                        cite(claim.evidence));
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

  void rollback() {
    heading("Going back");
    std::vector<std::string> entries;
    for (const RollbackLine& point : handoff_.rollback) {
      entries.push_back(point.name + ": `" + point.command + "` " + cite(point.step));
    }
    if (!request_.commits.empty()) {
      entries.push_back("the commits of this branch: `git revert --no-commit " +
                        request_.base.substr(0, kShortId) + ".." +
                        request_.head.substr(0, kShortId) + "`");
    }
    if (entries.empty()) entries.emplace_back("no state was recorded to go back to");
    add_entries(entries);
  }

  std::vector<std::string> commits() const {
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

  std::vector<std::string> reads() const {
    std::vector<std::string> entries;
    for (const ReadLine& read : handoff_.reads) {
      entries.push_back(span(read.path) + " " + cite(read.steps) +
                        (read.inferred ? " (by a command)" : ""));
    }
    return entries;
  }

  std::vector<std::string> commands() const {
    std::vector<std::string> entries;
    for (const CommandLine& command : handoff_.commands) {
      entries.push_back(span(command.command, kColumns) + " " +
                        (command.exit_status ? exit_text(command.exit_status) : command.outcome) +
                        " " + cite(command.step));
    }
    return entries;
  }

  std::string diff_title() const {
    int64_t added = 0, removed = 0;
    for (const DiffLine& line : request_.diff) added += line.added, removed += line.removed;
    return "Diff: +" + std::to_string(added) + " -" + std::to_string(removed);
  }

  std::vector<std::string> diff() const {
    std::vector<std::string> entries;
    for (const DiffLine& line : request_.diff) {
      std::string sums = numbers(line, !line.counted);
      entries.push_back(span(line.path) + (sums.empty() ? "" : " " + sums) +
                        (line.recorded ? "" : ", no recorded step changed it"));
    }
    return entries;
  }

  void left_out() {
    if (!level_.diff)
      out_ += "\n" + diff_title() + ", " +
              count(static_cast<int64_t>(request_.diff.size()), "file") + ".\n";
    auto names = left_out_by(level_);
    if (names.empty()) return;
    out_ += "\nLeft out so that this fits: ";
    for (size_t i = 0; i < names.size(); i++) out_ += (i ? ", " : "") + names[i];
    out_ += ". `" + all() + "` has all.\n";
  }

  const Style& style_;
  const PullRequest& request_;
  const Handoff& handoff_;
  const Outward& outward_;
  const Level& level_;
  std::string out_;
};

bool is_mark(std::string_view line, std::string_view mark) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return line == mark;
}

}  // namespace

Body pull_request_body(const Style& style, const PullRequest& request, const Outward& outward,
                       size_t max_bytes) {
  Body body;
  for (const Level& level : kLevels) {
    body.text = Writer(style, request, outward, level).text();
    body.left_out = left_out_by(level);
    if (body.text.size() <= max_bytes) break;
  }
  return body;
}

Result<Around> around_body(std::string_view existing) {
  Around around;
  size_t begins = std::string_view::npos, ends = std::string_view::npos, after = 0;
  for (size_t at = 0; at < existing.size();) {
    size_t end = existing.find('\n', at);
    end = end == std::string_view::npos ? existing.size() : end + 1;
    std::string_view line = existing.substr(at, end - at);
    if (is_mark(line, kBodyBegins) && begins == std::string_view::npos) begins = at;
    if (is_mark(line, kBodyEnds) && begins != std::string_view::npos) ends = at, after = end;
    if (is_mark(line, kBodyEnds) && begins == std::string_view::npos) {
      return fail(ErrorKind::usage, "the body has an end mark without a begin mark",
                  "take out the line " + std::string(kBodyEnds));
    }
    at = end;
  }
  if (begins == std::string_view::npos) {
    around.before = existing;
    if (!around.before.empty()) {
      while (!around.before.ends_with("\n\n")) around.before += '\n';
    }
    return around;
  }
  if (ends == std::string_view::npos) {
    return fail(ErrorKind::usage, "the body has a begin mark without an end mark",
                "take out the line " + std::string(kBodyBegins));
  }
  around.before = existing.substr(0, begins);
  around.after = existing.substr(after);
  return around;
}

}  // namespace baton::render
