// Whose the lines of a content are, whether or not it is a version of its path.

#include "attribution/derive.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::attribution {
using index::LineVersion;

Result<Lines> History::lines_of_content(std::string_view worktree, const std::string& path,
                                        std::string_view bytes, const ObjectId& id,
                                        const std::vector<std::string>& other_names) {
  Lines result;
  std::string_view text = bytes;
  std::string seen;
  if (looks_binary(bytes)) text = seen = seen_of_binary(id);
  size_t count = attribution::lines_of(text).size();
  constexpr uint32_t kNobody = 0;
  result.marks.add({});  // number 0: nobody
  result.frame.assign(count, kNobody);
  auto key = TRY(index::timeline_key(index_, worktree, path));
  Timeline nowhere;
  Timeline* own = &nowhere;
  if (key.worktree != 0) own = TRY(timeline(key, path));
  own->path = path;
  if (key.worktree == 0) nowhere.key.path = key.path;
  size_t end = own->versions.size();
  if (end > 0) TRY(ensure(*own, end - 1));
  LineVersion wanted;
  wanted.after = id;
  wanted.seen = INT64_MAX;
  wanted.q = INT64_MAX;
  auto take = [&](Timeline& from, const Frame& frame) {
    std::vector<uint32_t> taken(from.marks.size(), kOpen);
    for (size_t i = 0; i < frame.size() && i < count; ++i) {
      if (frame[i] == kOpen) continue;
      uint32_t& mark = taken[frame[i]];
      if (mark == kOpen) mark = result.marks.import(from.marks, frame[i]);
      result.frame[i] = mark;
    }
  };
  // False if the timeline does not hold this content.
  auto take_known = [&](Timeline& other) {
    int32_t there = known(other, wanted, other.versions.size());
    if (there < 0 || !ensure(other, static_cast<size_t>(there))) return false;
    Frame lines = frame(other, static_cast<size_t>(there));
    if (lines.size() != count) return false;
    take(other, lines);
    return true;
  };
  int32_t same = known(*own, wanted, end);
  if (same >= 0) {
    Frame there = frame(*own, static_cast<size_t>(same));
    if (there.size() == count) {
      result.version = same;
      take(*own, there);
      return result;
    }
  }
  // As if git had brought it after everything else.
  Subject subject;
  subject.content = std::make_shared<const std::string>(text);
  subject.lines = attribution::lines_of(*subject.content);
  subject.marks.assign(count, kOpen);
  subject.from_git = true;
  if (key.path > 0) {
    for (int64_t other_key : TRY(index::worktrees_of_path(index_, key.path, key.worktree))) {
      if (other_key == key.worktree) continue;
      Timeline* other = TRY(timeline({other_key, key.path}, path));
      if (take_known(*other)) return result;
    }
  }
  // The same content under another name: it was renamed and taken back before anybody looked.
  bool tells = letters_of(text) >= kMinCopyLetters;
  for (int64_t other_key : TRY(index::worktrees_of_path(index_, key.path, key.worktree))) {
    if (!tells) break;
    auto held = TRY(index::version_with(index_, other_key, id, INT64_MAX));
    if (!held || held->path == key.path) continue;
    Timeline* other =
        TRY(timeline({other_key, held->path}, TRY(index::path_name(index_, held->path))));
    if (take_known(*other)) return result;
  }
  bool lost = false;
  int32_t newest = previous(*own, end, lost);
  if (newest >= 0) TRY(align_with(*own, subject, *own, static_cast<size_t>(newest)));
  if (end > 0) TRY(put_back(*own, subject, *own, end));
  if (newest >= 0) TRY(in_another_order(*own, subject, static_cast<size_t>(newest)));
  if (key.path > 0) TRY(from_worktrees(*own, subject));
  TRY(from_kin(*own, subject));
  for (const std::string& name : other_names) {
    if (name == path || !has_open(subject)) continue;
    auto other_key = TRY(index::timeline_key(index_, worktree, name));
    if (other_key.worktree == 0) continue;
    Timeline* other = TRY(timeline(other_key, name));
    size_t limit = other->versions.size();
    if (limit == 0 || !ensure(*other, limit - 1)) continue;
    int32_t last = previous(*other, limit, lost);
    if (last >= 0) TRY(align_with(*own, subject, *other, static_cast<size_t>(last)));
    TRY(put_back(*own, subject, *other, limit));
  }
  take(*own, subject.marks);
  return result;
}

Status History::lines_left(std::string_view worktree, const std::string& path,
                           std::string_view text, const std::vector<uint32_t>& wanted,
                           const std::vector<FileLeft>& files, Micros until, Lines& lines) {
  if (looks_binary(text)) return {};
  Timeline here;  // whose marks the blocks get; the content is no version of it
  here.path = path;
  Subject subject;
  subject.content = std::make_shared<const std::string>(text);
  subject.from_git = true;
  auto texts = attribution::lines_of(*subject.content);
  std::vector<uint32_t> hashes;
  for (uint32_t i = 0; i < texts.size(); ++i) {
    bool open = std::ranges::binary_search(wanted, i);
    subject.lines.push_back(texts[i]);
    subject.marks.push_back(open ? kOpen : here.marks.add({}));
    if (open && is_telling(texts[i])) hashes.push_back(line_hash(texts[i]));
  }
  if (hashes.empty()) return {};
  BlockSources sources;
  for (const FileLeft& file : files) {
    auto key = TRY(index::timeline_key(index_, worktree, file.path));
    if (key.path < 0) continue;
    for (int64_t each : TRY(index::worktrees_of_path(index_, key.path, key.worktree))) {
      Timeline* from = TRY(timeline({each, key.path}, file.path));
      size_t limit = from->versions.size();
      while (limit > 0 && from->versions[limit - 1].seen > until) --limit;
      if (limit == 0 || !ensure(*from, from->versions.size() - 1)) continue;
      bool lost = false;
      int32_t newest = previous(*from, limit, lost);
      if (newest >= 0) offer_gone(*from, static_cast<size_t>(newest), file.content, sources);
      TRY(offer_earlier(*from, from->versions.size(), file.content, hashes, sources));
    }
  }
  take_blocks(here, subject, sources);
  for (uint32_t number : wanted) {
    if (subject.marks[number] == kOpen) continue;
    lines.frame[number] = lines.marks.import(here.marks, subject.marks[number]);
  }
  return {};
}

}  // namespace baton::attribution
