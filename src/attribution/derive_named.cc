// Lines of a file that the command itself names as the source: `cp a b`, `head -5 a >> b`. The
// words say what alikeness alone has to prove, so no line is too short.

#include "attribution/derive.h"

#include <algorithm>

#include "base/bytes.h"
#include "diff/similarity.h"
#include "shell/sources.h"

namespace baton::attribution {
namespace {

using index::LineVersion;

constexpr int kMaxTimes = 8;  // that one file is taken from

bool of_one_event(const LineVersion& a, const LineVersion& b) {
  return a.session == b.session && a.event == b.event;
}

}  // namespace

// Null: no command made it. One that changed a thousand files is read once.
Result<const History::CommandBehind*> History::command_behind(const LineVersion& version) {
  if (version.owner != model::OwnerKind::step || version.owner_session == 0) return nullptr;
  std::array<int64_t, 4> key{version.owner_session, version.owner_step, version.session,
                             version.event};
  if (!command_ || command_->key != key) {
    command_ = CommandBehind{key, {}, {}, {}};
    if (auto read = TRY(index::command_behind(index_, version))) {
      command_->line = shell::parse_shell(read->command);
      command_->directory = std::move(read->cwd);
      command_->root = std::move(read->root);
    }
  }
  return command_->line.commands.empty() ? nullptr : &*command_;
}

// The versions of those files: of each the one that is this content, even if the same command made
// it, else the one that the command found.
Result<std::vector<History::NamedSource>> History::sources_named(const Timeline& timeline,
                                                                 const Subject& subject) {
  std::vector<NamedSource> found;
  const LineVersion& version = *subject.version;
  const CommandBehind* behind = TRY(command_behind(version));
  if (behind == nullptr) return found;
  std::string prefix = behind->root + "/";
  for (const std::string& absolute :
       shell::sources_named(behind->line, behind->directory, prefix + timeline.path)) {
    if (!absolute.starts_with(prefix)) continue;
    std::string path = absolute.substr(prefix.size());
    auto key = TRY(index::timeline_key(
        index_, TRY(index::worktree_name(index_, timeline.key.worktree)), path));
    Timeline* from = TRY(this->timeline(key, path));
    const auto& versions = from->versions;
    std::optional<size_t> newest, equal;
    for (size_t i = 0; i < versions.size(); ++i) {
      const LineVersion& other = versions[i];
      if (other.after.empty() || other.skipped || other.withheld) continue;
      bool at_once = of_one_event(other, version);
      if (other.after == version.after) {
        // Later in the event: only one that was there before and so does not rest on this one.
        if (other.q < version.q || (at_once && !other.before.empty())) equal = i;
      } else if (other.q < version.q && !at_once) {
        newest = i;
      }
    }
    std::optional<size_t> taken = equal ? equal : newest;
    if (!taken || !ensure(*from, *taken)) continue;
    bool left = std::ranges::any_of(versions, [&](const LineVersion& other) {
      return of_one_event(other, version) && other.after.empty();
    });
    found.push_back({from, *taken, left ? Arrival::renamed : Arrival::copied});
  }
  return found;
}

// The one of them that is this content, or most like it.
Result<std::optional<History::NamedSource>> History::whole_named(const Timeline& timeline,
                                                                 const Subject& subject) {
  std::optional<NamedSource> found;
  if (subject.exact) return found;
  int best = 0;
  for (const NamedSource& each : TRY(sources_named(timeline, subject))) {
    const LineVersion& version = each.from->versions[each.version];
    if (version.after == subject.version->after) return each;
    auto there = content(version.after);
    if (!there || (*there)->size() > kMaxSourceBytes || looks_binary(**there)) continue;
    if (subject.content->size() > kMaxSourceBytes || looks_binary(*subject.content)) continue;
    int like = diff::similarity(**there, *subject.content);
    if (like < kMinRename || like <= best) continue;
    best = like;
    found = each;
  }
  return found;
}

// Open lines that stand there in the same order.
bool History::take_named(Timeline& timeline, Subject& subject, const NamedSource& source,
                         std::span<const std::string_view> there) {
  bool took = false;
  Frame frame_there = frame(*source.from, source.version);
  diff::DiffOptions options;
  options.whitespace = diff::Whitespace::ignore_all;
  for (const auto& [begin, end] : open_runs(subject.marks)) {
    auto run = std::span<const std::string_view>(subject.lines).subspan(begin, end - begin);
    uint32_t old_line = 0, new_line = begin;
    auto match_until = [&](uint32_t old_end) {
      bool says = false;
      for (uint32_t i = old_line; i < old_end; ++i) says |= letters_of(there[i]) > 0;
      for (; old_line < old_end; ++old_line, ++new_line) {
        if (!says || old_line >= frame_there.size()) continue;
        Mark made =
            timeline.marks[timeline.marks.import(source.from->marks, frame_there[old_line])];
        made.mover = subject.origin;
        made.arrival = source.arrival == Arrival::renamed ? Arrival::moved : source.arrival;
        if (there[old_line] != subject.lines[new_line]) made.reformatter = subject.origin;
        subject.marks[new_line] = timeline.marks.add(made);
        took = true;
      }
    };
    for (const diff::Edit& edit : diff::diff_lines(there, run, options)) {
      match_until(edit.old_begin);
      old_line = edit.old_end;
      new_line = begin + edit.new_end;
    }
    match_until(static_cast<uint32_t>(there.size()));
  }
  return took;
}

Status History::from_named(Timeline& timeline, Subject& subject) {
  if (subject.version->kind == index::VersionKind::base || subject.exact || depth_ > kMaxDepth)
    return {};
  for (const NamedSource& each : TRY(sources_named(timeline, subject))) {
    auto got = content(each.from->versions[each.version].after);
    if (!got || (*got)->size() > kMaxSourceBytes || looks_binary(**got)) continue;
    subject.crossing = true;
    auto there = lines_of(**got);
    // It may be there several times: `cat a b a > c`.
    for (int times = 0; times < kMaxTimes; ++times) {
      if (!take_named(timeline, subject, each, there)) break;
    }
  }
  return {};
}

}  // namespace baton::attribution
