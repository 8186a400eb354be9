// Where lines stood before they were moved, copied or put back to where they are.

#include "attribution/derive.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <unordered_map>

namespace baton::attribution {
namespace {

using index::LineVersion;
using index::OtherVersion;
using index::VersionKind;

constexpr size_t kMaxKnownPaths = 8;

// A line that is sought.
struct Sought {
  uint32_t hash;
  Origin writer;
};

struct Run {
  uint32_t begin = 0, count = 0;
};

// The longest run of lines that stand there as they are sought.
Run longest_run(const std::vector<Sought>& sought, const std::vector<std::string_view>& lines,
                const Frame& frame, const Marks& marks) {
  // By hash the last line sought that has it, and from each the one before; 0: none, else from 1.
  std::unordered_map<uint32_t, uint32_t> last;
  std::vector<uint32_t> before_it(sought.size() + 1);
  for (uint32_t i = 1; i <= sought.size(); ++i) {
    uint32_t& newest = last[sought[i - 1].hash];
    before_it[i] = newest;
    newest = i;
  }
  Run best;
  // By sought line: behind which line a run that ends with it ends, and how long it is.
  std::vector<Run> runs(sought.size() + 1);
  for (uint32_t line = 0; line < lines.size() && line < frame.size(); ++line) {
    auto found = last.find(line_hash(lines[line]));
    if (found == last.end()) continue;
    // Later ones first: each looks at its neighbour as that was at the line before.
    for (uint32_t i = found->second; i != 0; i = before_it[i]) {
      if (marks[frame[line]].writer != sought[i - 1].writer) continue;
      const Run& before = runs[i - 1];
      uint32_t count = before.count > 0 && before.begin == line ? before.count + 1 : 1;
      runs[i] = {line + 1, count};
      if (count > best.count) best = {line + 1 - count, count};
    }
  }
  return best;
}

}  // namespace

// Files whose lines the version may have taken, its own first.
Result<std::vector<int64_t>> History::giving_paths(const Timeline& timeline,
                                                   const LineVersion& version) {
  std::vector<int64_t> paths{timeline.key.path};
  auto add = [&](int64_t path) {
    if (path != 0 && std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
  };
  auto window =
      TRY(index::versions_around(index_, timeline.key.worktree, version, kMaxEventPaths + 1));
  if (window.versions.size() <= kMaxEventPaths) {
    for (const OtherVersion& other : window.versions) {
      if (in_one_hand(version, other.version)) add(other.path);
    }
  }
  if (version.owner != model::OwnerKind::step || version.owner_session == 0) return paths;
  for (const OtherVersion& other : TRY(turns_.before(timeline.key, version, kMaxTurnVersions))) {
    add(other.path);
  }
  for (int64_t path : TRY(known_.before(timeline.key.worktree, version, kMaxKnownPaths))) {
    add(path);
  }
  return paths;
}

Result<std::optional<LinePlace>> History::came_from(std::string_view worktree,
                                                    const std::string& path, int64_t q,
                                                    bool interim, uint32_t begin, uint32_t end) {
  Timeline* here = TRY(whole_timeline(worktree, path));
  if (here == nullptr) return std::nullopt;
  auto at = change_at(*here, q);
  if (!at) return std::nullopt;
  if (interim) {
    if (*at == 0 || here->versions[*at - 1].kind != VersionKind::interim) return std::nullopt;
    --*at;
  }
  const LineVersion& version = here->versions[*at];
  auto text = content(version.after);
  if (!text) return std::nullopt;
  auto lines = lines_of(**text);
  Frame marks = frame(*here, *at);
  const Origin mover = origin_of(*here, version);
  std::vector<Sought> sought;
  auto paths = TRY(giving_paths(*here, version));
  bool from_git = version.owner == model::OwnerKind::git;
  std::vector<Sought> brought;
  std::set<Origin> written;
  for (uint32_t i = begin; i < end && i < marks.size() && i < lines.size(); ++i) {
    const Mark& mark = here->marks[marks[i]];
    if (mark.writer.none()) continue;
    if (from_git && mark.writer != mover && mark.writer.kind == VersionKind::change) {
      brought.push_back({line_hash(lines[i]), mark.writer});
      written.insert(mark.writer);
    }
    if (mark.mover != mover) continue;
    sought.push_back({line_hash(lines[i]), mark.writer});
    int64_t from = mark.writer.key.path;
    if (from != 0 && std::ranges::find(paths, from) == paths.end()) paths.push_back(from);
  }
  std::optional<LinePlace> best;
  uint32_t most = 0;
  auto consider = [&](Timeline& from, size_t number, const std::vector<Sought>& what,
                      bool there_first) -> Status {
    const LineVersion& there = from.versions[number];
    auto held = content(there.after);
    if (!held || (*held)->size() > kMaxSourceBytes) return {};
    Run run = longest_run(what, lines_of(**held), frame(from, number), from.marks);
    if (run.count <= most) return {};
    most = run.count;
    best = {TRY(index::worktree_name(index_, from.key.worktree)),
            from.path,
            there.after,
            there.q,
            run.begin,
            run.begin + run.count,
            there_first};
    return {};
  };
  for (const Origin& writer : written | std::views::reverse) {
    Timeline* from =
        TRY(this->timeline(writer.key, TRY(index::path_name(index_, writer.key.path))));
    if (from->versions.empty() || !ensure(*from, from->versions.size() - 1)) continue;
    auto at_it = change_at(*from, writer.q);
    if (!at_it || from->versions[*at_it].owner == model::OwnerKind::git) continue;
    TRY(consider(*from, *at_it, brought, true));
  }
  if (best || sought.empty()) return best;
  for (int64_t key : paths) {
    Timeline* from = here;
    if (key != here->key.path) {
      std::string name = TRY(index::path_name(index_, key));
      from = TRY(this->timeline({here->key.worktree, key}, name));
      if (from->versions.empty() || !ensure(*from, from->versions.size() - 1)) continue;
    }
    // As it was last, and before what was taken away.
    size_t limit = from == here ? *at : earlier_versions(*from, version.q);
    bool lost = false;
    std::set<int32_t> tried{previous(*from, limit, lost)};
    read_removals(*from);
    for (const Sought& line : sought) {
      auto found = from->removals.find(line.hash);
      if (found == from->removals.end()) continue;
      for (const Removal& removal : found->second) {
        int32_t before = from->deltas[removal.version].previous;
        if (before < static_cast<int32_t>(limit)) tried.insert(before);
      }
    }
    size_t left = kMaxTries;
    for (int32_t number : tried | std::views::reverse) {
      if (number < 0 || left-- == 0) break;
      TRY(consider(*from, static_cast<size_t>(number), sought, false));
    }
  }
  return best;
}

Result<std::optional<LinePlace>> History::last_written(std::string_view worktree,
                                                       const std::string& path,
                                                       std::string_view content, const ObjectId& id,
                                                       uint32_t begin, uint32_t end) {
  Lines lines = TRY(lines_of_content(worktree, path, content, id, {}));
  std::set<Origin> writers;
  for (uint32_t i = begin; i < end && i < lines.frame.size(); ++i) {
    const Origin& writer = lines.marks[lines.frame[i]].writer;
    if (!writer.none() && writer.kind == VersionKind::change) writers.insert(writer);
  }
  std::optional<LinePlace> newest;
  Micros seen = 0;
  for (const Origin& writer : writers) {
    std::string name = TRY(index::path_name(index_, writer.key.path));
    Timeline* from = TRY(timeline(writer.key, name));
    auto at = change_at(*from, writer.q);
    if (!at) continue;
    const LineVersion& version = from->versions[*at];
    if (version.owner == model::OwnerKind::git || version.seen < seen) continue;
    seen = version.seen;
    newest = {TRY(index::worktree_name(index_, writer.key.worktree)), name, version.after,
              writer.q};
  }
  return newest;
}

}  // namespace baton::attribution
