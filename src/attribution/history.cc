#include "attribution/history.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "index/contents.h"

namespace baton::attribution {
namespace {

constexpr uint64_t kRules = 26;     // changes with them: what older ones found is found anew
constexpr size_t kFrameEvery = 64;  // versions between kept frames
constexpr uint64_t kMaxContents = uint64_t{256} << 20;  // bytes of contents held
constexpr size_t kMaxContentCount = 16;

uint64_t print_of(uint64_t before, const index::LineVersion& version) {
  std::string bytes;
  auto add = [&](int64_t value) { bytes.append(reinterpret_cast<const char*>(&value), 8); };
  add(static_cast<int64_t>(before));
  add(version.q);
  add(static_cast<int64_t>(version.kind) << 5 | (version.skipped ? 1 : 0) |
      (version.withheld ? 2 : 0) | (version.aside ? 4 : 0) | (version.by_hand ? 8 : 0) |
      (version.committed ? 16 : 0));
  add(static_cast<int64_t>(version.owner) << 8 | static_cast<int64_t>(version.evidence));
  add(version.owner_session);
  add(version.owner_step);
  add(version.session);
  add(version.event);
  for (const ObjectId* id : {&version.before, &version.after, &version.git_id}) {
    add(id->size);
    bytes += id->view();
  }
  return checksum64(bytes);
}

}  // namespace

Result<Content> History::content(const ObjectId& id) {
  auto found = std::ranges::find(contents_, id, [](const auto& each) { return each.first; });
  if (found != contents_.end()) {
    contents_.splice(contents_.begin(), contents_, found);
    return contents_.front().second;
  }
  Content made = TRY(index_.contents().share_text(id));
  if (looks_binary(*made)) made = std::make_shared<std::string>(seen_of_binary(id));
  contents_.emplace_front(id, made);
  content_bytes_ += made->size();
  while (contents_.size() > 2 &&
         (content_bytes_ > kMaxContents || contents_.size() > kMaxContentCount)) {
    content_bytes_ -= contents_.back().second->size();
    contents_.pop_back();
  }
  return made;
}

Result<Timeline*> History::timeline(const index::TimelineKey& key, const std::string& path) {
  auto& slot = timelines_[key];
  if (slot) return slot.get();
  if (data_version_ < 0) data_version_ = TRY(index::data_version(index_));
  auto made = std::make_unique<Timeline>();
  made->key = key;
  made->path = path;
  made->versions = TRY(index::line_versions(index_, key, path));
  uint64_t print = kRules;
  for (const index::LineVersion& version : made->versions) {
    print = print_of(print, version);
    made->prints.push_back(print);
  }
  TRY(load_kept(*made));
  slot = std::move(made);
  return slot.get();
}

Status History::load_kept(Timeline& timeline) {
  if (timeline.key.path < 0) return {};
  auto kept = TRY(index::kept_lines(index_, timeline.key));
  for (const index::KeptLines& row : kept) {
    size_t at = timeline.deltas.size();
    if (row.number != static_cast<int64_t>(at) || at >= timeline.versions.size() ||
        row.print != timeline.prints[at]) {
      break;
    }
    uint32_t first = timeline.marks.size();
    auto delta = decode(row.data, timeline.marks, timeline.key);
    if (!delta || delta->base >= static_cast<int32_t>(at) ||
        delta->previous >= static_cast<int32_t>(at)) {
      break;
    }
    timeline.mark_ranges.emplace_back(first, timeline.marks.size());
    timeline.deltas.push_back(std::move(*delta));
  }
  timeline.kept = timeline.deltas.size();
  return {};
}

// Follows the deltas down to a frame that is there, and up again.
Frame History::frame(Timeline& timeline, size_t version) {
  std::vector<size_t> way;
  auto at = static_cast<int32_t>(version);
  while (at >= 0 && !timeline.frames.contains(static_cast<size_t>(at))) {
    way.push_back(static_cast<size_t>(at));
    at = timeline.deltas[static_cast<size_t>(at)].base;
  }
  Frame frame;
  if (at >= 0) frame = timeline.frames[static_cast<size_t>(at)];
  while (!way.empty()) {
    size_t next = way.back();
    way.pop_back();
    const Delta& delta = timeline.deltas[next];
    splice_in(frame, delta.splices);
    if (next % kFrameEvery == 0 || way.empty()) timeline.frames[next] = frame;
  }
  // Of the newest ones only some are wanted again.
  while (timeline.frames.size() > 4 + timeline.versions.size() / kFrameEvery * 2) {
    auto each = std::ranges::find_if(timeline.frames, [&](const auto& pair) {
      return pair.first % kFrameEvery != 0 && pair.first != version;
    });
    if (each == timeline.frames.end()) break;
    timeline.frames.erase(each);
  }
  return frame;
}

Status History::ensure(Timeline& timeline, size_t version) {
  if (timeline.deltas.size() > version) return {};
  if (timeline.busy) return fail(ErrorKind::negative, "a version rests on itself");
  timeline.busy = true;
  ++depth_;
  Status done;
  while (done && timeline.deltas.size() <= version) {
    uint32_t first = timeline.marks.size();
    auto delta = derive(timeline, timeline.deltas.size());
    if (!delta) {
      done = std::unexpected(delta.error());
      break;
    }
    timeline.mark_ranges.emplace_back(first, timeline.marks.size());
    timeline.deltas.push_back(std::move(*delta));
  }
  --depth_;
  timeline.busy = false;
  return done;
}

Result<Timeline*> History::whole_timeline(std::string_view worktree, const std::string& path) {
  auto key = TRY(index::timeline_key(index_, worktree, path));
  if (key.worktree == 0) return nullptr;
  Timeline* found = TRY(timeline(key, path));
  if (!found->versions.empty()) TRY(ensure(*found, found->versions.size() - 1));
  return found;
}

namespace {

// Whether one of the marks is of a path whose key means nothing to the next process.
bool names_unnamed(const Marks& marks, uint32_t begin, uint32_t end) {
  for (uint32_t i = begin; i < end; ++i) {
    const Mark& mark = marks[i];
    if (mark.writer.key.path < 0 || mark.reformatter.key.path < 0) return true;
    if (std::ranges::any_of(mark.rivals, [](const Origin& rival) { return rival.key.path < 0; })) {
      return true;
    }
  }
  return false;
}

}  // namespace

void History::keep(const std::vector<index::KeepGit>& git) {
  std::vector<index::Keep> lines;
  for (const auto& [key, timeline] : timelines_) {
    if (!timeline || key.path < 0 || timeline->kept >= timeline->deltas.size()) continue;
    index::Keep& one = lines.emplace_back();
    one.key = key;
    one.from = static_cast<int64_t>(timeline->kept);
    for (size_t i = timeline->kept; i < timeline->deltas.size(); ++i) {
      auto [first, end] = timeline->mark_ranges[i];
      // Marks of a content that is no version came in between.
      if (first != (i == 0 ? 0 : timeline->mark_ranges[i - 1].second)) break;
      const Delta& delta = timeline->deltas[i];
      // A content that git does not give may come back.
      if (delta.lost && !timeline->versions[i].withheld) break;
      if (names_unnamed(timeline->marks, first, end)) break;
      one.rows.push_back({static_cast<int64_t>(i), timeline->prints[i], delta.crossing,
                          delta.open ? INT64_MAX : timeline->versions[i].seen,
                          encode(delta, timeline->marks, first, end, key)});
    }
    timeline->kept = timeline->deltas.size();
  }
  if (data_version_ >= 0) index::keep(index_, data_version_, lines, git);
}

}  // namespace baton::attribution
