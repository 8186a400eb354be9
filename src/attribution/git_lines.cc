#include "attribution/git_lines.h"

#include <algorithm>

#include "agents/identity.h"
#include "base/bytes.h"
#include "diff/diff.h"
#include "diff/lines.h"
#include "git/blame.h"
#include "git/command_line.h"
#include "git/head.h"
#include "git/object_reader.h"
#include "index/contents.h"
#include "index/old_trees.h"

namespace baton::attribution {
namespace {

constexpr uint64_t kMaxHeadContent = uint64_t{256} << 20;
constexpr size_t kMaxKept = size_t{1} << 20;  // bytes of one content's lines
constexpr char kField = '\0';

// "C" and the fields of a commit, "N" and a name, "L", commit, first original line and count of a
// run; each ends with a NUL, which names and summaries cannot hold.
std::string pack(const GitLines& lines) {
  std::string bytes;
  auto put = [&](std::string_view text) {
    bytes += text;
    bytes += kField;
  };
  for (const GitCommit& commit : lines.commits) {
    put("C");
    put(commit.id);
    put(commit.author);
    put(std::to_string(commit.author_time));
    put(std::to_string(commit.author_zone));
    put(std::to_string(commit.commit_time));
    put(commit.agent);
    put(commit.summary);
  }
  for (const std::string& name : lines.names) {
    put("N");
    put(name);
  }
  for (size_t begin = 0; begin < lines.lines.size();) {
    size_t end = begin + 1;
    const GitLine& first = lines.lines[begin];
    auto goes_on = [&](const GitLine& line) {
      return line.commit == first.commit &&
             (line.commit < 0 || line.original_line == first.original_line + (end - begin));
    };
    while (end < lines.lines.size() && goes_on(lines.lines[end])) ++end;
    put("L");
    put(std::to_string(lines.lines[begin].commit));
    put(std::to_string(lines.lines[begin].original_line));
    put(std::to_string(end - begin));
    begin = end;
  }
  return bytes;
}

bool unpack(std::string_view bytes, GitLines& lines) {
  auto fields = split(bytes, kField);
  size_t at = 0;
  auto left = [&](size_t count) { return at + count <= fields.size(); };
  while (at < fields.size()) {
    std::string_view kind = fields[at++];
    if (kind == "C" && left(7)) {
      GitCommit commit;
      commit.id = fields[at++];
      commit.author = fields[at++];
      commit.author_time = parse_int(fields[at++]).value_or(0);
      commit.author_zone = static_cast<int>(parse_int(fields[at++]).value_or(0));
      commit.commit_time = parse_int(fields[at++]).value_or(0);
      commit.agent = fields[at++];
      commit.summary = fields[at++];
      lines.commits.push_back(std::move(commit));
    } else if (kind == "N" && left(1)) {
      lines.names.emplace_back(fields[at++]);
    } else if (kind == "L" && left(3)) {
      auto commit = parse_int(fields[at++]);
      auto original = parse_int(fields[at++]);
      auto count = parse_int(fields[at++]);
      if (!commit || !original || !count || *count < 0 ||
          *commit >= static_cast<int64_t>(lines.commits.size())) {
        return false;
      }
      for (int64_t i = 0; i < *count; ++i) {
        auto number = static_cast<uint32_t>(*commit < 0 ? 0 : *original + i);
        lines.lines.push_back({static_cast<int32_t>(*commit), number});
      }
    } else {
      return kind.empty() && at == fields.size();
    }
  }
  return true;
}

GitLines ask(const git::Repository& repository, git::ObjectReader& reader, const std::string& path,
             const ObjectId& revision, bool ignore_whitespace, bool& final) {
  GitLines result;
  git::BlameOptions options;
  options.revision = revision;
  options.ignore_whitespace = ignore_whitespace;
  auto told = git::blame(repository, path, options);
  if (!told) return result;
  for (const git::BlameCommit& from : told->commits) {
    GitCommit commit;
    commit.id = from.id.hex();
    commit.author = from.author.name;
    commit.author_time = from.author.time;
    commit.author_zone = from.author.offset_minutes;
    commit.commit_time = from.committer.time;
    commit.summary = from.summary;
    final &= !from.boundary;
    std::string message;
    if (auto object = reader.read(commit.id)) {
      size_t body = object->content.find("\n\n");
      if (body != std::string::npos) message = object->content.substr(body + 2);
    }
    commit.agent = agents::agent_of_commit(from.author.name, from.author.email, message);
    result.commits.push_back(std::move(commit));
  }
  result.names = std::move(told->files);
  for (const git::BlameLine& line : told->lines) {
    result.lines.push_back({static_cast<int32_t>(line.commit), line.original_line});
  }
  return result;
}

// HEAD's commit from git's own files, else from git.
ObjectId head_of(const git::Repository& repository, git::ObjectReader& reader) {
  if (auto hex = git::resolve_ref(repository, "HEAD")) {
    if (auto id = ObjectId::from_hex(*hex)) return *id;
  }
  auto head = reader.commit("HEAD");
  return head ? *head : ObjectId{};
}

// What a commit holds at a path.
struct Held {
  ObjectId id;
  std::optional<Result<std::string>> content;  // where it came with the answer
};

std::optional<Held> held_by(index::Index& index, git::ObjectReader& reader, const ObjectId& commit,
                            const std::string& path) {
  std::string name = commit.hex() + ":" + path;
  if (!git::check_name(name)) return std::nullopt;
  // The index may know, and asks git in the process that gives it contents.
  if (auto entry = index::tree_entry(index, commit.hex(), path)) {
    if (!*entry) return std::nullopt;
    return Held{(*entry)->id, std::nullopt};
  }
  auto object = reader.read(name, kMaxHeadContent);
  if (!object || object->info.type != "blob") return std::nullopt;
  return Held{object->info.id, std::move(object->content)};
}

// The lines of a commit's content, and those of another content on top of it.
GitLines on_top(GitLines of_commit, std::string_view committed, std::string_view content,
                size_t count, bool ignore_whitespace) {
  if (committed == content) {
    of_commit.lines.resize(count);
    return of_commit;
  }
  // The rest of a content that no commit holds is not committed.
  GitLines result;
  result.lines.resize(count);
  result.commits = std::move(of_commit.commits);
  result.names = std::move(of_commit.names);
  // Binary contents are the same or not.
  if (looks_binary(content) || looks_binary(committed)) return result;
  diff::DiffOptions options;
  if (ignore_whitespace) options.whitespace = diff::Whitespace::ignore_all;
  uint32_t old_line = 0, new_line = 0;
  auto match_until = [&](uint32_t old_end) {
    for (; old_line < old_end && new_line < result.lines.size(); ++old_line, ++new_line) {
      if (old_line < of_commit.lines.size()) result.lines[new_line] = of_commit.lines[old_line];
    }
  };
  for (const diff::Edit& edit : diff::diff_lines(committed, content, options)) {
    match_until(edit.old_begin);
    old_line = edit.old_end;
    new_line = edit.new_end;
  }
  match_until(static_cast<uint32_t>(of_commit.lines.size()));
  return result;
}

}  // namespace

GitLines git_lines(index::Index& index, const git::Repository& repository, const std::string& path,
                   const ObjectId& revision, std::string_view content, const ObjectId& content_id,
                   bool ignore_whitespace, std::vector<index::KeepGit>& news) {
  const size_t count = looks_binary(content) ? 1 : diff::count_lines(content);
  GitLines nothing;
  nothing.lines.resize(count);
  git::ObjectReader reader(repository);
  ObjectId commit = revision.empty() ? head_of(repository, reader) : revision;
  if (commit.empty()) return nothing;
  auto kept = [&](const std::string& name) -> std::optional<GitLines> {
    GitLines lines;
    auto data = index::kept_git(index, path, name);
    if (data && !data->empty() && unpack(*data, lines)) return lines;
    return std::nullopt;
  };
  std::string of_commit = commit.hex() + (ignore_whitespace ? " -w" : "");
  if (auto settings = git::blame_settings(repository); !settings.empty()) {
    of_commit += " " + settings;
  }
  bool keeps = !content_id.empty() && !looks_binary(content);
  std::string of_content = keeps ? of_commit + " " + content_id.hex() : "";
  if (!of_content.empty()) {
    auto known = kept(of_content);
    if (known && known->lines.size() == count) return std::move(*known);
  }

  auto held = held_by(index, reader, commit, path);
  if (!held) return nothing;
  // A content that is the commit's own need not be read.
  std::string other;
  std::string_view committed = content;
  if (held->id != content_id) {
    auto read = held->content ? std::move(*held->content) : index.contents().get(held->id);
    if (!read) return nothing;
    other = std::move(*read);
    committed = other;
  }
  bool final = true;  // of a shallow clone more can be known later
  auto there = kept(of_commit);
  if (!there) {
    there = ask(repository, reader, path, commit, ignore_whitespace, final);
    final &= !there->lines.empty();
    if (final) news.push_back({path, of_commit, pack(*there)});
  }
  GitLines result = on_top(std::move(*there), committed, content, count, ignore_whitespace);
  if (final && !of_content.empty()) {
    std::string data = pack(result);
    if (data.size() <= kMaxKept) news.push_back({path, std::move(of_content), std::move(data)});
  }
  return result;
}

std::optional<CommittedLines> committed_lines(index::Index& index,
                                              const git::Repository& repository,
                                              const std::string& path, const ObjectId& revision,
                                              std::vector<index::KeepGit>& news) {
  CommittedLines found;
  ObjectId id, commit = revision;
  {
    git::ObjectReader reader(repository);
    if (commit.empty()) commit = head_of(repository, reader);
    if (commit.empty()) return std::nullopt;
    auto held = held_by(index, reader, commit, path);
    if (!held) return std::nullopt;
    auto read = held->content ? std::move(*held->content) : index.contents().get(held->id);
    if (!read || looks_binary(*read)) return std::nullopt;
    id = held->id;
    found.content = std::move(*read);
  }
  found.git = git_lines(index, repository, path, commit, found.content, id, false, news);
  return found;
}

}  // namespace baton::attribution
