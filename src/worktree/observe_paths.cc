#include "worktree/observe.h"

#include <algorithm>

#include "base/bytes.h"
#include "os/clock.h"
#include "secrets/mask.h"
#include "worktree/observe_look.h"

namespace baton::worktree {
namespace {

using os::FileStat;
using os::FileType;
using store::ManifestEntry;
using store::SkipReason;

int64_t now_ns() {
  return os::now() * 1000;
}

}  // namespace

// The id that stands for a withheld content: it changes with the content and, being keyed with the
// store's own random id, tells nothing about it.
ObjectId Observer::keyed_id(std::string_view content) const {
  return blob_id(store_.hash, "withheld " + store_.id + '\n' + std::string(content));
}

Result<FileStat> Observer::stat_inside(const std::string& path) {
  for (size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    std::string folder = path.substr(0, slash);
    auto known = folders_.find(folder);
    if (known == folders_.end()) {
      auto st = os::stat_file(absolute(folder));
      // One that cannot be looked at is told of by the look at the path.
      known = folders_.emplace(folder, !st || st->type == FileType::directory).first;
    }
    if (!known->second) return FileStat{};
  }
  return os::stat_file(absolute(path));
}

Result<Observer::Look> Observer::look(const std::string& path, bool tracked,
                                      const std::optional<Expected>& expected) {
  Look result;
  std::string full = absolute(path);
  result.stat = TRY(stat_inside(path));
  switch (result.stat.type) {
    case FileType::none:
    case FileType::directory:
      return result;
    case FileType::fifo:
      result.skip = SkipReason::fifo;
      return result;
    case FileType::socket:
      result.skip = SkipReason::socket;
      return result;
    case FileType::device:
      result.skip = SkipReason::device;
      return result;
    case FileType::link: {
      auto target = os::read_link(full);
      if (!target) {
        result.stat = {};
        return result;
      }
      result.content = std::move(*target);
      result.version = {blob_id(store_.hash, result.content), "120000"};
      return result;
    }
    case FileType::regular:
      break;
  }
  if (result.stat.size > (tracked ? limits_.tracked_file_bytes : limits_.untracked_file_bytes)) {
    result.skip = SkipReason::large;
    return result;
  }
  for (int attempt = 0;; ++attempt) {
    auto content = os::read_regular(full, limits_.tracked_file_bytes);
    if (!content) {
      if (content.error().kind == ErrorKind::not_found) {
        result.stat = {};
      } else {
        result.skip =
            content.error().kind == ErrorKind::limit ? SkipReason::large : SkipReason::unreadable;
      }
      return result;
    }
    result.content = std::move(*content);
    FileStat after = TRY(os::stat_file(full));
    bool same = after == result.stat;
    result.stat = after;
    result.unsettled = !same || now_ns() - after.mtime_ns < kSettleNs;
    if (same || attempt == 1) break;
    if (after.type != FileType::regular) return look(path, tracked);
  }
  result.withheld = secrets::is_credential_file(path);
  ManifestEntry as_entry;
  as_entry.set_stat(result.stat);
  if (result.withheld) {
    as_entry.id = keyed_id(result.content);
  } else if (expected && *expected->content == result.content) {
    as_entry.id = expected->id;
  } else {
    as_entry.id = blob_id(store_.hash, result.content);
  }
  result.version = {as_entry.id, std::string(as_entry.mode())};
  return result;
}

Status Observer::store_content(const ObjectId& id, std::string_view content,
                               const ObjectId& base_id, std::string_view base) {
  if (!base.empty()) return objects_.put(id, content, store::DeltaBase{base_id, base});
  if (!base_id.empty() && content.size() <= kMaxDeltaContent && objects_.contains(base_id)) {
    if (auto before = objects_.get(base_id)) {
      return objects_.put(id, content, store::DeltaBase{base_id, *before});
    }
  }
  return objects_.put(id, content);
}

void Observer::add_transition(Observation& observation, Transition transition) {
  if (base_pending_) {
    auto same_path = [&](const Base::Exception& each) { return each.path == transition.path; };
    auto found = std::ranges::find_if(base_.except, same_path);
    Base::Exception exception{transition.path, transition.after, transition.git_id};
    if (found != base_.except.end()) {
      *found = exception;
    } else {
      base_.except.push_back(std::move(exception));
    }
    return;
  }
  observation.transitions.push_back(std::move(transition));
}

Status Observer::settle_path(const std::string& path, Observation& observation,
                             std::string_view call) {
  auto before = known(path);
  FileStat st = TRY(stat_inside(path));
  if (before && !before->unsettled && before->type != FileType::directory &&
      before->same_stat(st)) {
    return {};
  }
  // What was too much once stays out until git tracks it or a tool names it.
  if (before && before->skipped == SkipReason::bulk && before->type == FileType::regular &&
      st.type == FileType::regular && !before->tracked && call.empty()) {
    before->set_stat(st);
    before->unsettled = false;
    update(path, *before);
    return {};
  }
  bool tracked = is_tracked(path, before);
  Look now = TRY(look(path, tracked));
  Version was;
  if (before) was = {before->id, std::string(before->mode())};

  if (now.skip != SkipReason::none) {
    if (!before || before->skipped != now.skip) observation.skipped.push_back({path, now.skip});
    ManifestEntry entry = before.value_or(ManifestEntry{});
    entry.set_stat(now.stat);
    entry.tracked = tracked;
    entry.skipped = now.skip;
    entry.unsettled = false;
    update(path, entry);
    return {};
  }
  if (now.stat.type == FileType::none) {
    if (before && before->skipped == SkipReason::none && was.exists() && left_cone(path)) {
      update(path, ManifestEntry{});
      return {};
    }
    if (was.exists()) {
      Transition gone;
      gone.path = path;
      gone.before = was;
      gone.call = call;
      add_transition(observation, std::move(gone));
    }
    if (before && before->skipped != SkipReason::none && !was.exists()) {
      observation.skipped.push_back({path, SkipReason::vanished});
    }
    if (before) update(path, ManifestEntry{});
    return {};
  }
  if (now.stat.type == FileType::directory) {
    if (was.exists()) {
      Transition gone;
      gone.path = path;
      gone.before = was;
      gone.call = call;
      add_transition(observation, std::move(gone));
    }
    if (!before || before->type != FileType::directory) {
      ManifestEntry directory;
      directory.type = FileType::directory;
      update(path, directory);
    }
    return {};
  }

  ManifestEntry entry;
  entry.set_stat(now.stat);
  entry.id = now.version.id;
  entry.unsettled = now.unsettled;
  entry.tracked = tracked;
  entry.skipped = now.withheld ? SkipReason::withheld : SkipReason::none;
  if (now.withheld && (!before || before->skipped != SkipReason::withheld)) {
    observation.skipped.push_back({path, SkipReason::withheld});
  }
  if (now.version == was && before->borrowed) {
    entry.borrowed = true;
    update(path, entry);
    return {};
  }
  ObjectId git_id;
  if (before && before->borrowed && now.version.id != was.id)
    git_id = conversion_id(path, now.stat);
  if (!git_id.empty()) entry.converted = true;
  // Content that a checkout just brought is git's: the pin keeps it, once it has moved.
  if (!entry.converted && !now.withheld && came_with_head(path, now.version.id)) {
    entry.borrowed = true;
  } else {
    if (!before) {
      bool fits = new_untracked_bytes_ + now.content.size() <= limits_.untracked_pass_bytes;
      if (fits) new_untracked_bytes_ += now.content.size();
      if (!fits) {
        observation.skipped.push_back({path, SkipReason::bulk});
        entry.skipped = SkipReason::bulk;
        entry.unsettled = false;
        entry.id = {};
        update(path, entry);
        return {};
      }
    }
    if (!now.withheld) TRY(store_content(now.version.id, now.content, was.id, {}));
  }
  if (now.version != was || base_pending_) {
    Transition change;
    change.path = path;
    change.call = call;
    change.before = was;
    change.after = now.version;
    change.ctime_ns = now.stat.ctime_ns;
    change.git_id = git_id;
    change.unsettled = now.unsettled;
    change.withheld = now.withheld;
    add_transition(observation, std::move(change));
  }
  update(path, entry);
  return {};
}

// Whether settling the path would tell anything.
bool Observer::is_news(const std::string& path) {
  auto before = known(path);
  auto st = stat_inside(path);
  if (!st) return true;
  bool same = before && before->type != FileType::directory && before->same_stat(*st);
  if (same && !before->unsettled) return false;
  bool bulk = before && before->skipped == SkipReason::bulk && !before->tracked;
  if (bulk && st->type == FileType::regular) return false;
  bool left_out = before && before->skipped != SkipReason::none && before->id.empty();
  if (left_out && !st->exists()) return true;
  auto now = look(path, is_tracked(path, before));
  if (!now) return true;
  if (now->skip != SkipReason::none) return !before || before->skipped != now->skip;
  Version was;
  if (before) was = {before->id, std::string(before->mode())};
  bool gone = now->stat.type == FileType::none || now->stat.type == FileType::directory;
  if (gone) return was.exists() && before->skipped == SkipReason::none && !left_cone(path);
  return now->version != was;
}

}  // namespace baton::worktree
