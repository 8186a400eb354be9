#include "rollback/runs.h"

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "diff/apply.h"
#include "diff/unified.h"
#include "index/contents.h"

namespace baton::rollback {
namespace {

constexpr std::string_view kLink = "120000";

// A run's two contents and how they differ; no edits: it is one hunk as a whole.
struct Difference {
  std::string before, after;
  std::vector<diff::Edit> edits;

  std::vector<std::span<const diff::Edit>> hunks() const {
    return diff::hunks_of(edits, diff::kContext);
  }
};

Result<Difference> difference_of(index::Index& index, const Run& run) {
  Difference difference;
  bool as_whole = !run.before.exists() || !run.after.exists() || run.before.id == run.after.id ||
                  run.before.mode == kLink || run.after.mode == kLink;
  if (as_whole) return difference;
  for (auto [version, content] :
       {std::pair(&run.before, &difference.before), std::pair(&run.after, &difference.after)}) {
    auto loaded = index.contents().text(version->id);
    if (!loaded && loaded.error().kind == ErrorKind::not_found) return Difference();
    *content = TRY(std::move(loaded));
    if (looks_binary(*content)) return Difference();
  }
  difference.edits = diff::diff_lines(difference.before, difference.after);
  return difference;
}

}  // namespace

std::vector<Run> runs_of(const std::vector<model::Change>& changes, const index::Pathspec& paths) {
  std::map<std::string, std::vector<Run>> of_path;
  for (const model::Change& change : changes) {
    if (!paths.matches(change.path)) continue;
    Version before{change.before, change.before_mode}, after{change.after, change.after_mode};
    auto& runs = of_path[change.path];
    if (!runs.empty() && runs.back().after == before) {
      runs.back().after = after;
    } else {
      runs.push_back({change.path, before, after, {}});
    }
  }
  std::vector<Run> all;
  for (auto& [path, runs] : of_path) {
    for (Run& run : runs) {
      if (run.before != run.after) all.push_back(std::move(run));
    }
  }
  return all;
}

Result<std::vector<Hunk>> hunks_of(index::Index& index, const std::vector<Run>& runs) {
  std::vector<Hunk> all;
  for (const Run& run : runs) {
    Difference difference = TRY(difference_of(index, run));
    if (difference.edits.empty()) {
      all.push_back({all.size() + 1, run.path, 0, {}, {}});
      continue;
    }
    auto before = diff::split_lines(difference.before);
    auto after = diff::split_lines(difference.after);
    for (std::span<const diff::Edit> edits : difference.hunks()) {
      Hunk hunk{all.size() + 1, run.path, edits.front().new_begin + 1, {}, {}};
      for (const diff::Edit& edit : edits) {
        std::ranges::move(diff::texts_of(before, edit.old_begin, edit.old_end),
                          std::back_inserter(hunk.removed));
        std::ranges::move(diff::texts_of(after, edit.new_begin, edit.new_end),
                          std::back_inserter(hunk.added));
      }
      all.push_back(std::move(hunk));
    }
  }
  return all;
}

Result<std::vector<Run>> only_hunks(index::Index& index, const std::vector<Run>& runs,
                                    const std::set<size_t>& numbers) {
  std::vector<Run> chosen;
  size_t number = 0;
  for (const Run& run : runs) {
    Difference difference = TRY(difference_of(index, run));
    if (difference.edits.empty()) {
      if (numbers.contains(++number)) chosen.push_back(run);
      continue;
    }
    // Without the chosen hunks' edits, the old content becomes what it was but for them.
    std::vector<diff::Edit> others;
    auto hunks = difference.hunks();
    for (std::span<const diff::Edit> edits : hunks) {
      if (!numbers.contains(++number)) others.insert(others.end(), edits.begin(), edits.end());
    }
    if (others.size() == difference.edits.size()) continue;
    Run part = run;
    if (!others.empty()) {
      part.before_content = TRY(diff::apply_edits(difference.before, difference.after, others));
      part.before.id = blob_id(index.store().hash, *part.before_content);
      part.before.mode = run.after.mode;
    }
    chosen.push_back(std::move(part));
  }
  if (!numbers.empty() && (*numbers.begin() == 0 || *numbers.rbegin() > number)) {
    size_t wrong = *numbers.begin() == 0 ? 0 : *numbers.rbegin();
    return fail(ErrorKind::not_found, "there is no hunk " + std::to_string(wrong) + ", but " +
                                          (number == 0 ? "none" : std::to_string(number)));
  }
  return chosen;
}

}  // namespace baton::rollback
