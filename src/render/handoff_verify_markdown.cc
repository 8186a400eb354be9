// A handoff in Markdown, held against the lines of all forms of the present one.

#include <algorithm>
#include <functional>

#include "base/bytes.h"
#include "handoff/changed_lines.h"
#include "index/queries.h"
#include "render/handoff_citations.h"
#include "render/handoff_section_writer.h"
#include "render/handoff_sections.h"
#include "render/handoff_verifier.h"
#include "render/markdown.h"

namespace baton::render {
namespace {

constexpr size_t kMaxWords = 300;  // as handoffs shorten the agent's words

// Whether a line of a change is there but for what its tests say now.
bool only_its_tests_differ(std::string_view line, const std::set<std::string>& lines) {
  constexpr std::string_view kTested = "; tests of it: ";
  std::string head(line.substr(0, line.rfind(kTested)));
  for (auto at = lines.lower_bound(head); at != lines.end() && at->starts_with(head); ++at) {
    std::string_view rest = std::string_view(*at).substr(head.size());
    if (rest.empty() || (rest.starts_with(kTested) && rest.rfind(kTested) == 0)) return true;
  }
  return false;
}

// Whether a run's line is there, and what changed before the next run is told behind it.
bool has_a_next_run(std::string_view line, const std::set<std::string>& lines) {
  auto at = lines.upper_bound(std::string(line));
  for (; at != lines.end() && at->starts_with(line); ++at) {
    std::string_view rest = std::string_view(*at).substr(line.size());
    if (rest.starts_with("; changed before the next run:") || rest.starts_with("; perhaps also:")) {
      return true;
    }
  }
  return false;
}

// The text of the code span that a line has at `at`, and where it ends; "" if there is none.
std::string span_at(std::string_view line, size_t at, size_t& end) {
  size_t ticks = 0;
  while (at + ticks < line.size() && line[at + ticks] == '`') ++ticks;
  size_t close = ticks ? line.find(std::string(ticks, '`'), at + ticks) : line.npos;
  if (close == line.npos) return {};
  end = close + ticks;
  std::string_view text = line.substr(at + ticks, close - at - ticks);
  return std::string(ticks > 1 ? trim(text) : text);
}

// "+3 -1" behind a change's path.
std::optional<std::pair<int64_t, int64_t>> counts_in(std::string_view text) {
  size_t plus = text.find(" +"), minus = plus == text.npos ? plus : text.find(" -", plus);
  if (minus == text.npos) return std::nullopt;
  auto added = parse_int(text.substr(plus + 2, minus - plus - 2));
  size_t end = std::min(text.find_first_not_of("0123456789", minus + 2), text.size());
  auto removed = parse_int(text.substr(minus + 2, end - minus - 2));
  if (!added || !removed) return std::nullopt;
  return std::pair(*added, *removed);
}

}  // namespace

Result<Verified> HandoffVerifier::markdown(std::string_view text) {
  verified_.form = "md";
  std::set<std::string> lines = lines_of(present_);
  std::vector<std::string> joined = present_joined();
  size_t number = 0;
  std::string fence, section;
  worked_on_ = was_worked_on(text, lines);
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::string_view body = trim(line);
    if (!fence.empty()) {
      if (body == fence) {
        fence.clear();
      } else if (!body.empty() && !lines.contains(std::string(line))) {
        note(Kind::altered, number, "the record has no such line", {});
      }
      continue;
    }
    if (body.starts_with("```")) {
      fence = std::string(body.substr(0, body.find_first_not_of('`')));
      continue;
    }
    if (body.starts_with("## ")) section = std::string(body.substr(3));
    if (body.empty() || body.starts_with("#")) {
      if (body.starts_with("# ") && !lines.contains(std::string(line))) {
        note(Kind::stale, number, "the branch or its commit is another one now", {});
      }
      continue;
    }
    if (is_own(body)) continue;
    bool of_repository = body.starts_with("- now ") || body.starts_with("- worktree ");
    if (section.empty() && of_repository && without_repository()) continue;
    ++verified_.statements;
    bool all_there = true;
    auto cited = citations_of_line(line);
    for (const auto& citation : cited) {
      ++verified_.citations;
      if (exists(citation)) continue;
      all_there = false;
      note(Kind::missing, number, "no such place in the record", citation);
    }
    bool earlier_message = all_there && !cited.empty() && section.starts_with("Last message") &&
                           !lines.contains(std::string(line));
    if (earlier_message) lines.merge(message_lines(cited.front()));
    if (earlier_message && lines.contains(std::string(line))) {
      note(Kind::stale, number, "the agent said something after it", cited.front());
      continue;
    }
    if (!all_there || lines.contains(std::string(line)) || is_joined(line, joined)) continue;
    bool may = may_change(section, body) || only_its_tests_differ(line, lines) ||
               (section == "Rollback" && is_earlier_point(body, cited)) ||
               (section == "Changed" && is_earlier_change(line, cited)) ||
               (section == "Tests" && has_a_next_run(line, lines));
    note(may ? Kind::stale : Kind::altered, number, "the record says otherwise now",
         cited.empty() ? std::string() : cited.front());
  }
  return std::move(verified_);
}

std::set<std::string> HandoffVerifier::lines_of(const handoff::Handoff& handoff) const {
  std::set<std::string> lines;
  auto take = [&](std::string_view text) {
    for (std::string_view line : split(text, '\n')) lines.emplace(line);
  };
  for (bool prompt : {false, true}) {
    HandoffDocument document = handoff_document(style_, handoff, prompt);
    take(document.title);
    for (const auto& entry : document.heading) {
      for (const auto& form : entry.forms) take(form);
    }
    for (const auto& section : document.sections) {
      for (const auto& entry : section.entries) {
        for (const auto& form : entry.forms) take(form);
      }
    }
  }
  return lines;
}

std::set<std::string> HandoffVerifier::message_lines(const handoff::Citation& turn) const {
  std::set<std::string> lines;
  for (auto& message : messages_of(turn)) {
    handoff::Handoff then;
    then.last_message = std::move(message);
    then.last_message_turn = turn;
    lines.merge(lines_of(then));
  }
  return lines;
}

bool HandoffVerifier::is_earlier_point(std::string_view body,
                                       const std::vector<std::string>& cited) const {
  return std::ranges::any_of(present_.rollback, [&](const handoff::RollbackLine& point) {
    if (point.step.empty() || cited.size() != 1 || cited.front() == point.step) return false;
    std::string command = point.command;
    size_t at = command.find(point.step);
    if (at == command.npos) return false;
    command.replace(at, point.step.size(), cited.front());
    return body == "- " + point.name + ": `" + command + "` " + cite(cited.front()) ||
           body == "- " + point.name + ": `" + command + "`";
  });
}

bool HandoffVerifier::was_worked_on(std::string_view text, const std::set<std::string>& lines) {
  bool told = false;
  for (std::string_view line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("## ")) break;
    bool counts = line.starts_with("- session [") && contains(line, " turn");
    if (counts && !lines.contains(std::string(line))) return true;
    told |= counts;
  }
  return !told;
}

bool HandoffVerifier::is_earlier_change(std::string_view line,
                                        const std::vector<std::string>& cited) const {
  if (cited.empty()) return false;
  auto address = index::resolve(index_, cited.front());
  if (!address || address->kind != index::Address::Kind::step) return false;
  constexpr std::string_view kWords = "  the agent's words before ";
  if (line.starts_with(kWords)) {
    auto said = index::messages(index_, address->session_key);
    std::string begin = std::string(kWords) + cite(cited.front()) + ": ";
    return said && std::ranges::any_of(*said, [&](const model::Message& message) {
             std::string words(utf8_prefix(trim(message.text), kMaxWords));
             return line == begin + code_span(style_, words, kErrorColumns);
           });
  }
  if (contains(line, " by nobody's step (outside), ") || contains(line, " by unknown, "))
    return true;
  size_t end = 0;
  std::string path = line.starts_with("- ") ? span_at(line, 2, end) : std::string();
  auto counts = path.empty() ? std::nullopt : counts_in(line.substr(end));
  auto step = index::step(index_, address->session_key, address->step);
  if (!counts || !step) return false;
  auto first = std::ranges::find(step->changes, path, &model::Change::path);
  if (first == step->changes.end()) return false;
  auto versions = index::versions(index_, path, first->worktree);
  return versions && std::ranges::any_of(*versions, [&](const auto& version) {
           if (version.change.q < first->q) return false;
           auto made = handoff::count_changed_lines(index_, first->before, version.change.after);
           return made.known && made.added == counts->first && made.removed == counts->second;
         });
}

std::vector<std::string> HandoffVerifier::present_joined() const {
  std::vector<std::string> parts;
  for (const auto& section : handoff_document(style_, present_, false).sections) {
    if (!section.joined) continue;
    for (const auto& entry : section.entries) {
      for (const auto& form : entry.forms) parts.push_back(form);
    }
  }
  std::ranges::sort(parts, std::greater(), &std::string::size);
  return parts;
}

bool HandoffVerifier::is_joined(std::string_view line, const std::vector<std::string>& parts) {
  if (!line.starts_with("- ")) return false;
  line.remove_prefix(2);
  while (!line.empty()) {
    auto part = std::ranges::find_if(
        parts, [&](const std::string& each) { return line.starts_with(each); });
    if (part == parts.end()) return false;
    line.remove_prefix(part->size());
    if (line.empty()) return true;
    if (!line.starts_with(", ")) return false;
    line.remove_prefix(2);
  }
  return false;
}

bool HandoffVerifier::is_own(std::string_view body) {
  if (body.starts_with("Left out: ") || body.starts_with("(")) return true;
  if (body.starts_with("Text in code marks ") || body.starts_with("Code marks: ") ||
      body.starts_with("You go on with this work.")) {
    return true;
  }
  if (!body.starts_with("- ")) return false;
  std::string_view rest = body.substr(2);
  size_t digits = rest.find_first_not_of("0123456789");
  return digits != rest.npos && digits > 0 &&
         (rest.substr(digits).starts_with(" more") || rest.substr(digits).starts_with(" earlier"));
}

bool HandoffVerifier::may_change(std::string_view section, std::string_view body) const {
  if (section.empty()) return true;  // sessions, and where the repository stands
  for (std::string_view name : {"Tasks", "Open", "Assumptions", "Plan", "Claims", "Risks", "Scope",
                                "Notes", "Not checked"}) {
    if (section == name) return true;
  }
  // These grow with the steps of the sessions only.
  if (section == "Failed attempts" || section == "Read" || section == "Worked under") {
    return worked_on_;
  }
  if (section == "Tests") {
    for (std::string_view state : {"- fresh: ", "- stale: ", "- failed: ", "- unknown: ",
                                   "- partial: ", "- never run: ", "- tree not known: "}) {
      if (body.starts_with(state)) return true;
    }
  }
  return false;
}

}  // namespace baton::render
