#include "attribution/line_history.h"

#include <algorithm>

#include "attribution/carry.h"
#include "attribution/history.h"
#include "base/bytes.h"
#include "diff/lines.h"
#include "index/contents.h"

namespace baton::attribution {
namespace {

using model::Change;
using model::PathVersion;

constexpr int kMaxPlaces = 64;          // that lines are followed to
constexpr size_t kMaxRanges = 100;      // of lines that git is asked about at once
constexpr int64_t kRenameWindow = 512;  // transitions of one event lie close together

// The lines [begin, end) of a content, counted from 0.
struct Span {
  uint32_t begin = 0, end = 0;
  bool empty() const { return begin >= end; }
};

bool touches(const diff::Edit& edit, const Span& span) {
  if (edit.new_begin == edit.new_end) {  // something was taken away: from between the lines
    return edit.new_begin > span.begin && edit.new_begin < span.end;
  }
  return edit.new_begin < span.end && edit.new_end > span.begin;
}

// The lines that these were before the edits.
Span earlier(const std::vector<diff::Edit>& edits, const Span& span) {
  auto shifted = [](uint32_t line, int64_t shift) {
    return static_cast<uint32_t>(static_cast<int64_t>(line) + shift);
  };
  Span before;
  int64_t shift = 0;
  bool begun = false, ended = false;
  for (const diff::Edit& edit : edits) {
    if (!begun && edit.new_end > span.begin) {
      before.begin = edit.new_begin <= span.begin && touches(edit, span)
                         ? edit.old_begin
                         : shifted(span.begin, shift);
      begun = true;
    }
    if (!ended && edit.new_begin < span.end && edit.new_end >= span.end && touches(edit, span)) {
      before.end = edit.old_end;
      ended = true;
    } else if (!ended && edit.new_begin >= span.end) {
      before.end = shifted(span.end, shift);
      ended = true;
    }
    shift = static_cast<int64_t>(edit.old_end) - edit.new_end;
  }
  if (!begun) before.begin = shifted(span.begin, shift);
  if (!ended) before.end = shifted(span.end, shift);
  return before;
}

// Lines of which nothing but white space changed are followed one by one: each is what it was.
std::vector<diff::Edit> by_line_if_reformatted(const std::vector<diff::Edit>& edits,
                                               std::string_view before, std::string_view after) {
  auto old_lines = diff::split_lines(before), new_lines = diff::split_lines(after);
  std::vector<diff::Edit> result;
  for (const diff::Edit& edit : edits) {
    uint32_t lines = edit.added();
    bool same = lines > 1 && edit.removed() == lines;
    for (uint32_t i = 0; same && i < lines; i++) {
      same = diff::same_line(old_lines[edit.old_begin + i], new_lines[edit.new_begin + i],
                             diff::Whitespace::ignore_all);
    }
    if (!same) {
      result.push_back(edit);
      continue;
    }
    for (uint32_t i = 0; i < lines; i++) {
      uint32_t old_at = edit.old_begin + i, new_at = edit.new_begin + i;
      result.push_back({old_at, old_at + 1, new_at, new_at + 1});
    }
  }
  return result;
}

class Walk {
 public:
  Walk(index::Index& index, const BlameOptions& options) : index_(index), options_(options) {}

  Result<LineHistory> run(const diff::LineRange& lines) {
    worktree_ = options_.worktree;
    path_ = options_.path;
    content_ = options_.content;
    id_ = options_.content_id;
    span_ = {static_cast<uint32_t>(lines.first - 1), static_cast<uint32_t>(lines.last)};
    TRY(begin_at_revision());
    for (int places = 0; places <= kMaxPlaces; ++places) {
      auto more = walk_path();
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
    }
    if (history_.beginning.empty()) ask_git();
    if (marks_) marks_->keep({});
    return std::move(history_);
  }

 private:
  // A revision may hold what no worktree ever did: a squash merge that was fetched, a half of what
  // was staged. Then the walk begins at the newest version that wrote one of the lines.
  Status begin_at_revision() {
    if (options_.revision.empty() || looks_binary(content_)) return {};
    if (auto found = index::versions(index_, path_, worktree_)) {
      for (const PathVersion& version : *found) {
        if (version.change.after == id_ || version.change.git_id == id_) return {};
      }
    }
    if (!marks_) marks_.emplace(index_);
    auto place = TRY(marks_->last_written(worktree_, path_, content_, id_, span_.begin, span_.end));
    if (!place) return {};
    auto text = index_.contents().text(place->content);
    if (!text) return {};
    auto edits = by_line_if_reformatted(diff::diff_lines(*text, content_), *text, content_);
    Span before = earlier(edits, span_);
    if (before.empty()) return {};
    Change brought;
    brought.owner.kind = model::OwnerKind::git;
    brought.owner.commit = options_.revision.hex();
    add(brought, *text, edits);
    for (LineChange& change : history_.changes) {
      if (change.commit) change.seen = change.commit->committer.time * kSecond;
    }
    place->begin = before.begin;
    place->end = before.end;
    go(*place);
    return {};
  }

  // Goes back through the path's versions. Whether to go on, at another place.
  Result<bool> walk_path() {
    auto found = index::versions(index_, path_, worktree_);
    std::vector<PathVersion> versions;
    if (found) versions = std::move(*found);
    TRY(index::add_interims(index_, path_, worktree_, versions));
    auto same = [&](const PathVersion& version) {
      const Change& change = version.change;
      return !change.skipped && !change.after.empty() &&
             (change.after == id_ || change.git_id == id_) && change.q < limit_;
    };
    auto at = std::ranges::find_if(versions.rbegin(), versions.rend(), same);
    if (at == versions.rend()) return false;
    size_t i = static_cast<size_t>(versions.rend() - at) - 1;
    for (;;) {
      const PathVersion& version = versions[i];
      const Change& change = version.change;
      // Content that came back by no tool call is what it was then.
      if (change.owner.kind != model::OwnerKind::step) {
        size_t j = i;
        while (j > 0 && !(versions[j - 1].change.after == change.after)) --j;
        if (j > 0) {
          i = j - 1;
          continue;
        }
      }
      if (version.base && change.before.empty()) return false;  // git's, from here on
      if (change.before.empty()) {
        auto renamed = TRY(renamed_from(change));
        if (renamed) {
          path_ = renamed->path;
          id_ = renamed->before;
          limit_ = renamed->q;
          return true;
        }
        // What git brought is git's to tell, but for what was recorded of it under another name.
        auto place = TRY(stood_at(version));
        if (change.owner.kind == model::OwnerKind::git) return place && go(*place);
        add(change, std::string(), {{0, 0, 0, span_end()}});
        if (place && go(*place)) return true;
        history_.beginning = "written";
        return false;
      }
      auto before = index_.contents().text(change.before);
      if (!before) {
        history_.beginning = "lost";
        return false;
      }
      // None of the lines was one before.
      if (looks_binary(*before)) before = seen_of_binary(change.before);
      auto edits = by_line_if_reformatted(diff::diff_lines(*before, content_), *before, content_);
      std::optional<LinePlace> place;
      if (all_new(edits)) place = TRY(stood_at(version));
      // What git brought is what it was where it was written.
      if (!place || !place->written) add(change, *before, edits);
      if (place && go(*place)) return true;
      span_ = earlier(edits, span_);
      content_ = std::move(*before);
      id_ = change.before;
      if (span_.empty()) {
        history_.beginning = "written";
        return false;
      }
      // The version that this one was made of, as far as it was seen.
      size_t j = i;
      while (j > 0 && !(versions[j - 1].change.after == id_)) --j;
      if (j == 0) return false;
      i = j - 1;
    }
  }

  // Whether none of the lines was there before the edits.
  bool all_new(const std::vector<diff::Edit>& edits) const {
    uint32_t fresh = 0;
    for (const diff::Edit& edit : edits) {
      uint32_t begin = std::max(edit.new_begin, span_.begin);
      uint32_t end = std::min(edit.new_end, span_.end);
      if (begin < end) fresh += end - begin;
    }
    return fresh == span_.end - span_.begin;
  }

  // Lines that the change moved, copied, put back or brought are followed to where they stood.
  Result<std::optional<LinePlace>> stood_at(const PathVersion& version) {
    const Change& change = version.change;
    if (!marks_) marks_.emplace(index_);
    return marks_->came_from(change.worktree, path_, change.q, version.interim, span_.begin,
                             span_.end);
  }

  bool go(const LinePlace& place) {
    auto text = index_.contents().get(place.content);
    if (!text) return false;
    worktree_ = place.worktree;
    path_ = place.path;
    content_ = std::move(*text);
    id_ = place.content;
    span_ = {place.begin, place.end};
    limit_ = place.q + 1;
    return true;
  }

  uint32_t span_end() const { return static_cast<uint32_t>(diff::count_lines(content_)); }

  void add(const Change& change, const std::string& before, const std::vector<diff::Edit>& edits) {
    LineChange entry;
    for (const diff::Edit& edit : edits) {
      if (touches(edit, span_)) entry.edits.push_back(edit);
    }
    if (entry.edits.empty()) return;
    entry.owner = change.owner;
    entry.at = {change.worktree, change.q};
    entry.seen = change.seen;
    entry.path = path_;
    Span old = earlier(edits, span_);
    entry.lines = {old.begin, std::max(old.begin, old.end), span_.begin, span_.end};
    entry.commit = commit_of(change, entry.edits);
    entry.before_content = before;
    entry.after_content = content_;
    history_.changes.push_back(std::move(entry));
  }

  std::optional<git::BlameCommit> commit_of(const Change& change,
                                            const std::vector<diff::Edit>& edits) {
    auto id = ObjectId::from_hex(change.owner.commit);
    if (change.owner.kind != model::OwnerKind::git || !id || !options_.repository) return {};
    git::BlameOptions ask;
    ask.revision = *id;
    auto ask_of = [&](uint32_t begin, uint32_t end) {
      ask.ranges.push_back(std::to_string(begin + 1) + "," + std::to_string(end));
    };
    for (const diff::Edit& edit : edits) {
      uint32_t begin = std::max(edit.new_begin, span_.begin);
      uint32_t end = std::min(edit.new_end, span_.end);
      if (begin < end && ask.ranges.size() < kMaxRanges) ask_of(begin, end);
    }
    if (ask.ranges.empty()) ask_of(span_.begin, span_.end);
    auto told = git::blame(*options_.repository, path_, ask);
    if (!told || told->commits.empty()) return {};
    return *std::ranges::max_element(
        told->commits, {}, [](const git::BlameCommit& commit) { return commit.committer.time; });
  }

  // What had this content and went away when the file came.
  Result<std::optional<Change>> renamed_from(const Change& born) {
    model::Position from{born.worktree, std::max<int64_t>(born.q - kRenameWindow, 0)};
    model::Position to{born.worktree, born.q + kRenameWindow};
    for (const Change& change : TRY(index::changes(index_, from, to))) {
      if (change.path != born.path && change.after.empty() && change.before == born.after &&
          change.seen == born.seen) {
        return change;
      }
    }
    return std::nullopt;
  }

  // The commits behind what no version explains.
  void ask_git() {
    history_.beginning = "before";
    if (!options_.repository) return;
    ObjectId commit = options_.revision;
    bool asked = !commit.empty() && content_ == options_.content && path_ == options_.path;
    if (!asked) {
      auto found = git::commit_with(*options_.repository, path_, id_, options_.revision);
      if (!found || found->empty()) return;
      commit = *found;
    }
    auto commits =
        git::line_log(*options_.repository, commit.hex(), path_, span_.begin + 1, span_.end);
    if (!commits) return;
    history_.commits = std::move(*commits);
    history_.beginning = "git";
  }

  index::Index& index_;
  const BlameOptions& options_;
  LineHistory history_;
  std::optional<History> marks_;  // asked of lines that came from elsewhere
  std::string worktree_, path_, content_;
  ObjectId id_;
  Span span_;
  int64_t limit_ = INT64_MAX;  // only versions before this number
};

}  // namespace

Result<LineHistory> line_history(index::Index& index, const BlameOptions& options,
                                 const diff::LineRange& lines) {
  return Walk(index, options).run(lines);
}

}  // namespace baton::attribution
