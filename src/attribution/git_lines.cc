#include "attribution/git_lines.h"

#include <algorithm>

#include "agents/identity.h"
#include "attribution/carry.h"
#include "base/bytes.h"
#include "git/blame.h"
#include "git/object_reader.h"

namespace baton::attribution {
namespace {

constexpr uint64_t kMaxHeadContent = uint64_t{256} << 20;
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
    while (end < lines.lines.size() && lines.lines[end].commit == lines.lines[begin].commit &&
           lines.lines[end].original_line == lines.lines[begin].original_line + (end - begin)) {
      ++end;
    }
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
    if (kind == "C" && left(6)) {
      GitCommit commit;
      commit.id = fields[at++];
      commit.author = fields[at++];
      commit.author_time = parse_int(fields[at++]).value_or(0);
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
        lines.lines.push_back(
            {static_cast<int32_t>(*commit), static_cast<uint32_t>(*original + i)});
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

}  // namespace

GitLines git_lines(index::Index* index, const git::Repository& repository, const std::string& path,
                   const ObjectId& revision, std::string_view content, bool ignore_whitespace,
                   std::vector<index::KeepGit>& news) {
  GitLines nothing;
  nothing.lines.resize(lines_of(content).size());
  git::ObjectReader reader(repository);
  ObjectId commit = revision;
  if (commit.empty()) {
    auto head = reader.commit("HEAD");
    if (!head) return nothing;
    commit = *head;
  }
  auto held = reader.read(commit.hex() + ":" + path, kMaxHeadContent);
  if (!held || held->info.type != "blob") return nothing;

  std::string name = commit.hex() + (ignore_whitespace ? " -w" : "");
  GitLines there;
  bool is_kept = false;
  if (index != nullptr) {
    auto kept = index::kept_git(*index, path, name);
    is_kept = kept && !kept->empty() && unpack(*kept, there);
    if (!is_kept) there = {};
  }
  if (!is_kept) {
    bool final = true;
    there = ask(repository, reader, path, commit, ignore_whitespace, final);
    // Of a shallow clone more can be known later.
    if (final && !there.lines.empty()) news.push_back({path, name, pack(there)});
  }
  if (held->content == content) {
    there.lines.resize(nothing.lines.size());
    return there;
  }
  // The rest of a content that no commit holds is not committed.
  GitLines result = std::move(nothing);
  result.commits = std::move(there.commits);
  result.names = std::move(there.names);
  diff::DiffOptions options;
  if (ignore_whitespace) options.whitespace = diff::Whitespace::ignore_all;
  uint32_t old_line = 0, new_line = 0;
  auto match_until = [&](uint32_t old_end) {
    for (; old_line < old_end && new_line < result.lines.size(); ++old_line, ++new_line) {
      if (old_line < there.lines.size()) result.lines[new_line] = there.lines[old_line];
    }
  };
  for (const diff::Edit& edit : diff::diff_lines(held->content, content, options)) {
    match_until(edit.old_begin);
    old_line = edit.old_end;
    new_line = edit.new_end;
  }
  match_until(static_cast<uint32_t>(there.lines.size()));
  return result;
}

}  // namespace baton::attribution
