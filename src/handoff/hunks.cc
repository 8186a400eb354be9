#include "handoff/hunks.h"

#include <algorithm>
#include <unordered_set>

#include "base/bytes.h"
#include "diff/diff.h"
#include "diff/lines.h"
#include "handoff/changed_lines.h"
#include "secrets/mask.h"

namespace baton::handoff {
namespace {

constexpr size_t kMaxStepsCompared = 30;  // of one file, the newest

std::string without_end(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line);
}

// The lines that one step added to a file and took from it.
struct StepLines {
  const model::Step* step = nullptr;
  std::unordered_set<std::string> added, removed;
};

StepLines lines_of(const Facts& facts, const model::Step& step, const Net& net) {
  StepLines lines{&step, {}, {}};
  std::vector<std::pair<ObjectId, ObjectId>> contents;  // before and after
  ObjectId gone;
  for (const auto& change : step.changes) {
    if (!net.is_called(change.path) || change.skipped) continue;
    contents.emplace_back(change.before, change.after);
    if (change.after.empty()) gone = change.before;
  }
  // A step that moved it wrote only what it changed on the way.
  bool moved = net.moved_by_step && !gone.empty() && contents.size() > 1;
  if (moved) {
    std::erase_if(contents, [](const auto& each) { return each.second.empty(); });
    for (auto& each : contents) {
      if (each.first.empty()) each.first = gone;
    }
  }
  for (const auto& [old_id, new_id] : contents) {
    std::string before = facts.content(old_id), after = facts.content(new_id);
    auto old_lines = diff::split_lines(before), new_lines = diff::split_lines(after);
    for (const auto& edit : diff::diff_lines(old_lines, new_lines)) {
      for (uint32_t i = edit.old_begin; i < edit.old_end; ++i) {
        lines.removed.insert(without_end(old_lines[i]));
      }
      for (uint32_t i = edit.new_begin; i < edit.new_end; ++i) {
        lines.added.insert(without_end(new_lines[i]));
      }
    }
  }
  return lines;
}

// The newest of the steps with the most lines in common.
const model::Step* writer_of(const std::vector<StepLines>& steps,
                             const std::vector<std::string>& removed,
                             const std::vector<std::string>& added) {
  const model::Step* best = nullptr;
  size_t most = 0;
  for (const auto& step : steps) {
    size_t common = 0;
    for (const auto& line : added) common += step.added.contains(line);
    if (added.empty()) {
      for (const auto& line : removed) common += step.removed.contains(line);
    }
    if (common > 0 && common >= most) {
      most = common;
      best = step.step;
    }
  }
  return best;
}

}  // namespace

std::vector<Hunk> hunks_of(const Facts& facts, const Net& net) {
  std::vector<Hunk> hunks;
  if (net.withheld || !net.changed()) return hunks;
  std::string before = facts.content(net.first.before), after = facts.content(net.last.after);
  if ((before.empty() && !net.first.before.empty()) || looks_binary(before) ||
      looks_binary(after) || before.size() + after.size() > kMaxHunkContent) {
    return hunks;
  }
  // Masked before they are cut into lines: some secrets are several lines long.
  if (auto masked = secrets::mask(before)) before = std::move(*masked);
  if (auto masked = secrets::mask(after)) after = std::move(*masked);
  auto old_lines = diff::split_lines(before), new_lines = diff::split_lines(after);
  auto edits = diff::diff_lines(old_lines, new_lines);
  if (edits.size() > kMaxHunks) edits.resize(kMaxHunks);
  // One step and nobody else: no need to compare.
  bool alone = net.steps.size() == 1 && net.others.empty();
  std::vector<StepLines> steps;
  if (!alone) {
    size_t first = net.steps.size() > kMaxStepsCompared ? net.steps.size() - kMaxStepsCompared : 0;
    for (size_t i = first; i < net.steps.size(); ++i) {
      steps.push_back(lines_of(facts, *net.steps[i], net));
    }
  }
  for (const auto& edit : edits) {
    Hunk hunk;
    int first = static_cast<int>(edit.new_begin) + 1, last = static_cast<int>(edit.new_end);
    hunk.lines = edit.added() ? LineRange{first, last} : LineRange{first - 1, first - 1};
    for (uint32_t i = edit.old_begin; i < edit.old_end; ++i) {
      hunk.removed.push_back(without_end(old_lines[i]));
    }
    for (uint32_t i = edit.new_begin; i < edit.new_end; ++i) {
      hunk.added.push_back(without_end(new_lines[i]));
    }
    hunk.step = alone ? net.steps[0] : writer_of(steps, hunk.removed, hunk.added);
    for (const auto& line : hunk.added) {
      auto wrote = [&](const StepLines& each) { return each.added.contains(line); };
      auto newest = std::ranges::find_if(steps.rbegin(), steps.rend(), wrote);
      hunk.writers.push_back(alone                    ? net.steps[0]
                             : newest == steps.rend() ? nullptr
                                                      : newest->step);
    }
    hunks.push_back(std::move(hunk));
  }
  return hunks;
}

HunkLine hunk_line(const Facts& facts, const Hunk& hunk) {
  HunkLine line;
  line.lines = hunk.lines;
  auto quote = [&](char sign, const std::vector<std::string>& lines) {
    for (const auto& each : lines) {
      if (line.quoted.size() == kMaxQuotedLines) {
        line.quoted.push_back("…");
      }
      if (line.quoted.size() > kMaxQuotedLines) return;
      line.quoted.push_back(sign + std::string(utf8_prefix(each, kMaxQuotedBytes)));
    }
  };
  quote('-', hunk.removed);
  quote('+', hunk.added);
  if (hunk.step) {
    line.step = hunk.step->ref.address();
    line.turn = turn_address(*hunk.step);
    line.words = facts.words_before(*hunk.step);
  }
  return line;
}

}  // namespace baton::handoff
