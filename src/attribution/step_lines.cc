#include "attribution/step_lines.h"

#include <algorithm>

#include "attribution/derive.h"
#include "git/object_reader.h"
#include "git/tree_listing.h"
#include "index/queries.h"

namespace baton::attribution {
namespace {

class Count {
 public:
  Count(index::Index& index, const index::Pathspec& paths)
      : index_(index), history_(index), paths_(paths) {}

  // Lines may have been moved from one path to another: all versions are known before any line is
  // judged.
  Status versions(const std::set<std::string>& worktrees) {
    changed_ = TRY(index::changed_paths(index_));
    for (const std::string& id : worktrees) {
      for (const std::string& path : changed_) {
        Timeline* timeline = TRY(history_.whole_timeline(id, path));
        if (timeline == nullptr || timeline->versions.empty()) continue;
        timelines_.push_back(timeline);
        take_written(*timeline);
      }
    }
    return {};
  }

  void standing_as_seen() {
    for (Timeline* timeline : timelines_) {
      size_t newest = timeline->versions.size();
      while (newest > 0 && timeline->versions[newest - 1].skipped) --newest;
      if (newest == 0 || timeline->versions[newest - 1].after.empty()) continue;
      take_standing(history_.frame(*timeline, newest - 1), timeline->marks);
    }
  }

  Status standing_in(const git::Repository& repository, const ObjectId& revision,
                     const std::string& worktree) {
    git::ObjectReader reader(repository);
    for (const auto& entry : TRY(git::ls_tree(repository, revision, true))) {
      if (!std::ranges::binary_search(changed_, entry.path)) continue;
      auto content = reader.blob(entry.id);
      if (!content) continue;  // a submodule
      Lines lines = TRY(history_.lines_of_content(worktree, entry.path, *content, entry.id, {}));
      take_standing(lines.frame, lines.marks);
    }
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
      Origin own = origin_of(timeline, version);
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

  void take_standing(const Frame& frame, const Marks& marks) {
    for (uint32_t number : frame) {
      const Mark& mark = marks[number];
      if (mark.arrival != Arrival::copied) {
        auto writer = versions_.find(mark.writer);
        if (writer != versions_.end()) ++writer->second.lines.kept;
      }
      for (int32_t was = mark.was; was >= 0;) {
        const Mark& before = marks[static_cast<uint32_t>(was)];
        auto writer = versions_.find(before.writer);
        if (writer != versions_.end()) ++writer->second.lines.reworked;
        was = before.was;
      }
    }
  }

  index::Index& index_;
  History history_;
  const index::Pathspec& paths_;
  std::vector<std::string> changed_;  // paths, sorted
  std::vector<Timeline*> timelines_;
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
                                                const index::Pathspec& paths,
                                                const git::Repository* repository,
                                                const ObjectId& revision) {
  Count count(index, paths);
  TRY(count.versions(worktrees));
  if (repository == nullptr || revision.empty()) {
    count.standing_as_seen();
  } else if (!worktrees.empty()) {
    TRY(count.standing_in(*repository, revision, *worktrees.begin()));
  }
  return count.result();
}

}  // namespace baton::attribution
