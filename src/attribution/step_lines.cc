#include "attribution/step_lines.h"

#include <algorithm>

#include "attribution/history.h"
#include "index/queries.h"

namespace baton::attribution {
namespace {

class Count {
 public:
  Count(index::Index& index, const index::Pathspec& paths)
      : index_(index), history_(index), paths_(paths) {}

  Status worktree(const std::string& id) {
    auto changed = TRY(index::changed_paths(index_));
    // Lines may have been moved from one path to another: all versions are known before any line is
    // judged.
    std::vector<Timeline*> timelines;
    for (const std::string& path : changed) {
      Timeline* timeline = TRY(history_.whole_timeline(id, path));
      if (timeline == nullptr || timeline->versions.empty()) continue;
      timelines.push_back(timeline);
      take_written(*timeline);
    }
    for (Timeline* timeline : timelines) take_standing(*timeline);
    return {};
  }

  std::map<StepKey, StepLines> result() {
    std::map<StepKey, StepLines> steps;
    for (auto& [origin, version] : versions_) {
      StepLines lines = version.lines;
      lines.kept = std::min(lines.kept, lines.written);
      lines.reworked = std::min(lines.reworked, lines.written - lines.kept);
      lines.removed = lines.written - lines.kept - lines.reworked;
      steps[version.step] += lines;
    }
    return steps;
  }

 private:
  struct Version {
    StepKey step;
    StepLines lines;
  };

  void take_written(const Timeline& timeline) {
    if (!paths_.matches(timeline.path)) return;
    for (size_t i = 0; i < timeline.versions.size() && i < timeline.deltas.size(); ++i) {
      const index::LineVersion& version = timeline.versions[i];
      if (version.owner != model::OwnerKind::step || version.owner_step == 0) continue;
      Origin own{timeline.key, version.q, version.base};
      Version& entry = versions_[own];
      entry.step = {version.owner_session, version.owner_step};
      const Delta& delta = timeline.deltas[i];
      entry.lines.deleted += static_cast<int64_t>(delta.removed.size());
      for (const Splice& splice : delta.splices) {
        entry.lines.written += std::ranges::count_if(
            splice.marks, [&](uint32_t mark) { return timeline.marks[mark].writer == own; });
      }
    }
  }

  void take_standing(Timeline& timeline) {
    size_t newest = timeline.versions.size();
    while (newest > 0 && timeline.versions[newest - 1].skipped) --newest;
    if (newest == 0 || timeline.versions[newest - 1].after.empty()) return;
    Frame frame = history_.frame(timeline, newest - 1);
    for (uint32_t number : frame) {
      const Mark& mark = timeline.marks[number];
      if (mark.arrival != Arrival::copied) {
        auto writer = versions_.find(mark.writer);
        if (writer != versions_.end()) ++writer->second.lines.kept;
      }
      for (int32_t was = mark.was; was >= 0;) {
        const Mark& before = timeline.marks[static_cast<uint32_t>(was)];
        auto writer = versions_.find(before.writer);
        if (writer != versions_.end()) ++writer->second.lines.reworked;
        was = before.was;
      }
    }
  }

  index::Index& index_;
  History history_;
  const index::Pathspec& paths_;
  std::map<Origin, Version> versions_;
};

}  // namespace

StepLines& StepLines::operator+=(const StepLines& other) {
  written += other.written;
  kept += other.kept;
  reworked += other.reworked;
  removed += other.removed;
  deleted += other.deleted;
  return *this;
}

Result<std::map<StepKey, StepLines>> step_lines(index::Index& index,
                                                const std::set<std::string>& worktrees,
                                                const index::Pathspec& paths) {
  Count count(index, paths);
  for (const std::string& id : worktrees) TRY(count.worktree(id));
  return count.result();
}

}  // namespace baton::attribution
