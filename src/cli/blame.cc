#include "render/blame.h"

#include <algorithm>

#include "attribution/blame.h"
#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "diff/lines.h"
#include "git/commands.h"
#include "index/state.h"
#include "os/file.h"
#include "record/record.h"

namespace baton::cli {
namespace {

constexpr uint64_t kMaxBlamed = 256u << 20;

// PATH or REV PATH, the path perhaps behind `--`.
struct Asked {
  std::string revision, path;
};
Result<Asked> asked_words(const Invocation& asked) {
  std::vector<std::string> words = asked.words;
  words.insert(words.end(), asked.pathspecs.begin(), asked.pathspecs.end());
  if (words.empty()) {
    return fail(ErrorKind::usage, "'blame' needs PATH", "usage: baton blame [REV] PATH");
  }
  if (words.size() > 2) {
    return fail(ErrorKind::usage, "'blame' takes one path, not '" + words[2] + "' too");
  }
  if (words.size() == 1) return Asked{"", words[0]};
  std::string revision = words[0].starts_with("git:") ? words[0].substr(4) : words[0];
  return Asked{revision, words[1]};
}

// "10,20", "10,+5", "10", ",20".
Result<std::pair<size_t, size_t>> parse_lines(const std::string& text) {
  auto wrong = [&] {
    return fail(ErrorKind::usage, "'" + text + "' names no lines", "write -L 10,20 or -L 10,+5");
  };
  size_t comma = text.find(',');
  std::string_view first = std::string_view(text).substr(0, comma);
  std::string_view second =
      comma == std::string::npos ? std::string_view() : std::string_view(text).substr(comma + 1);
  auto from = first.empty() ? std::optional<int64_t>(1) : parse_int(first);
  if (!from || *from < 1) return wrong();
  auto begin = static_cast<size_t>(*from);
  if (comma == std::string::npos || second.empty()) return std::pair(begin, SIZE_MAX);
  bool counted = second.starts_with('+');
  auto to = parse_int(counted ? second.substr(1) : second);
  if (!to || *to < 1) return wrong();
  size_t end = counted ? begin + static_cast<size_t>(*to) - 1 : static_cast<size_t>(*to);
  if (end < begin) return wrong();
  return std::pair(begin, end);
}

// The path from the worktree's root. ErrorKind::usage if it leads out of it.
Result<std::string> path_in(const std::string& root, const std::string& cwd,
                            const std::string& path) {
  std::string full = os::normalize(cwd, path);
  if (full.starts_with(root + "/")) return full.substr(root.size() + 1);
  return fail(ErrorKind::usage, "'" + path + "' lies outside of '" + root + "'");
}

Result<std::string> read_worktree_file(const std::string& file, const std::string& path) {
  auto stat = TRY(os::stat_file(file));
  if (stat.type == os::FileType::link) return os::read_link(file);
  if (!stat.exists()) return fail(ErrorKind::not_found, "no file '" + path + "' here");
  if (stat.type != os::FileType::regular) {
    return fail(ErrorKind::usage, "'" + path + "' is no file");
  }
  return os::read_file(file, kMaxBlamed);
}

// Without a store: what git knows, in the same form.
Result<attribution::Blame> git_only(const attribution::BlameOptions& options) {
  git::BlameOptions ask;
  ask.revision = options.revision;
  if (options.revision.empty()) ask.contents = options.content;
  auto known = git::blame(*options.repository, options.path, ask);
  attribution::Blame blame;
  if (!known) {
    // A file that git does not track.
    for (std::string_view text : diff::split_lines(options.content)) {
      if (text.ends_with('\n')) text.remove_suffix(1);
      attribution::BlamedLine line;
      line.text = text;
      line.owner.rule = "neither recorded nor in git";
      blame.lines.push_back(std::move(line));
    }
    return blame;
  }
  for (const git::BlameLine& from : known->lines) {
    attribution::BlamedLine line;
    line.text = from.text;
    const git::BlameCommit& commit = known->commits[from.commit];
    std::string id = commit.id.hex();
    if (id.find_first_not_of('0') == std::string::npos) {
      line.owner.rule = "not committed";
    } else {
      line.owner.kind = model::OwnerKind::git;
      line.owner.commit = line.commit = id;
      line.author = commit.author.name;
      line.author_time = commit.author.time;
      line.original_line = from.original_line;
      line.summary = commit.summary;
    }
    blame.lines.push_back(std::move(line));
  }
  return blame;
}

// Makes the file's present content known to the record, so that a person's lines are `outside` and
// not `unknown`. What cannot be recorded stays unknown.
Status look_at_file(index::Index& index, const worktree::Place& place,
                    const attribution::BlameOptions& options, Micros now) {
  auto newest = index::newest(index, options.worktree);
  if (newest && newest->known()) {
    auto entry = index::entry_at(index, *newest, options.path);
    if (entry && *entry && (*entry)->id == options.content_id) return {};
  }
  std::string session = "reader-" + format_utc(now).substr(0, 10);
  auto looked = record::look_for_reader(place.root, session, "{\"for\":\"blame\"}");
  if (looked.recorded) TRY(index.update());
  return {};
}

Status add_turns(index::Index& index, render::BlameView& view) {
  for (const attribution::BlamedLine& line : view.blame.lines) {
    if (line.owner.step.empty() || line.turn == 0) continue;
    std::string address = line.owner.step.session + ":" + std::to_string(line.turn);
    if (view.turns.contains(address)) continue;
    auto turn = index::show_turn(index, line.owner.step.session_key, line.turn);
    if (turn) view.turns.emplace(address, std::move(turn->turn));
  }
  return {};
}

}  // namespace

Result<int> run_blame(Front& front) {
  auto words = TRY(asked_words(front.asked()));
  render::BlameView view;
  for (const std::string& range : front.asked().values(OptionId::lines)) {
    view.shown.push_back(TRY(parse_lines(range)));
  }
  auto place = front.place();
  if (!place && (place.error().kind != ErrorKind::no_store || !front.repository())) {
    return std::unexpected(place.error());
  }
  attribution::BlameOptions options;
  std::string root = place ? (*place)->root : front.repository()->worktree_root;
  HashKind hash = place ? (*place)->store.hash : front.repository()->hash;
  options.path = view.path = TRY(path_in(root, front.cwd(), words.path));
  options.repository = front.repository();
  if (words.revision.empty()) {
    options.content = TRY(read_worktree_file(os::join(root, options.path), words.path));
    options.content_id = blob_id(hash, options.content);
  } else {
    if (!front.repository()) return fail(ErrorKind::not_found, "no git repository here");
    git::ObjectReader reader(*front.repository());
    options.revision = TRY(reader.commit(words.revision));
    view.revision = options.revision.hex();
    auto file = reader.read(view.revision + ":" + options.path, kMaxBlamed);
    if (!file) {
      return fail(ErrorKind::not_found,
                  "'" + options.path + "' is not in '" + words.revision + "'");
    }
    options.content = std::move(file->content);
    options.content_id = file->info.id;
  }
  if (looks_binary(options.content)) {
    return fail(ErrorKind::negative, "'" + words.path + "' is binary: it has no lines");
  }

  if (!place) {
    view.blame = TRY(git_only(options));
  } else {
    index::Index& index = *TRY(front.index());
    options.worktree = front.worktree();
    if (words.revision.empty()) {
      TRY(look_at_file(index, **place, options, front.style().now));
    }
    view.blame = TRY(attribution::blame(index, options));
    TRY(add_turns(index, view));
  }
  front.out().write(front.json() ? render::blame_json(front.style(), view)
                                 : render::blame_text(front.style(), view));
  return kFine;
}

}  // namespace baton::cli
