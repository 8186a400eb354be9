#include "git/history.h"

#include "base/bytes.h"
#include "git/command_line.h"
#include "git/tree_listing.h"

namespace baton::git {
namespace {

void add_log_form(std::vector<std::string>& words) {
  words.insert(
      words.end(),
      {"-z", "--no-patch", "--no-show-signature", "--no-color", "--encoding=UTF-8", "--date=raw",
       "--format=tformat:%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B"});
}

Result<std::vector<Commit>> parse_log(std::string_view output) {
  std::vector<Commit> commits;
  Fields fields(output);
  while (!fields.done()) {
    std::string_view field[10];
    for (std::string_view& one : field) {
      if (!fields.next(one)) return garbled("log");
    }
    Commit commit;
    auto id = ObjectId::from_hex(field[0]), tree = ObjectId::from_hex(field[1]);
    if (!id || !tree) return garbled("log");
    commit.id = *id;
    commit.tree = *tree;
    for (std::string_view parent : split(field[2], ' ')) {
      if (auto parent_id = ObjectId::from_hex(parent)) commit.parents.push_back(*parent_id);
    }
    commit.author = {std::string(field[3]), std::string(field[4])};
    parse_time(field[5], commit.author);
    commit.committer = {std::string(field[6]), std::string(field[7])};
    parse_time(field[8], commit.committer);
    commit.message = field[9];
    commits.push_back(std::move(commit));
  }
  return commits;
}

}  // namespace

Result<std::vector<Commit>> log(const Repository& repository, const LogOptions& options) {
  std::vector<std::string> words;
  if (options.pathspecs) {
    words = command(repository, "log");
  } else {
    words = command(repository, "--literal-pathspecs", "log");
  }
  add_log_form(words);
  if (options.first_parent) words.emplace_back("--first-parent");
  if (options.limit != UINT64_MAX) words.push_back("--max-count=" + std::to_string(options.limit));
  words.emplace_back("--end-of-options");
  for (const std::string& revision : options.revisions) {
    TRY(check_name(revision));
    words.push_back(revision);
  }
  if (options.revisions.empty()) words.emplace_back("HEAD");
  words.emplace_back("--");
  words.insert(words.end(), options.paths.begin(), options.paths.end());
  return parse_log(TRY(run(words, "log")).output);
}

Result<std::vector<Commit>> line_log(const Repository& repository, const std::string& revision,
                                     const std::string& path, uint32_t first, uint32_t last) {
  auto words = command(repository, "log");
  add_log_form(words);
  words.push_back("-L" + std::to_string(first) + "," + std::to_string(last) + ":" + path);
  TRY(check_name(revision));
  words.insert(words.end(), {"--end-of-options", revision, "--"});
  return parse_log(TRY(run(words, "log")).output);
}

Result<ObjectId> commit_with(const Repository& repository, const std::string& path,
                             const ObjectId& blob, const ObjectId& history) {
  // Commits that bring the content or take it away.
  auto words = command(repository, "--literal-pathspecs", "log");
  words.insert(words.end(),
               {"--format=%H", "--no-patch", "--find-object=" + blob.hex(), "--end-of-options",
                history.empty() ? "HEAD" : history.hex(), "--", path});
  os::RunResult result = TRY(run(words, "log"));
  for (std::string_view line : split(result.output, '\n')) {
    auto id = ObjectId::from_hex(line);
    if (!id) continue;
    auto entries = TRY(ls_tree(repository, *id, false, path));
    if (!entries.empty() && entries[0].id == blob) return *id;
  }
  return ObjectId();
}

Result<ObjectId> merge_base(const Repository& repository, const ObjectId& a, const ObjectId& b) {
  os::RunResult result =
      TRY(run(command(repository, "merge-base", "--", a.hex(), b.hex()), "merge-base", {}, 1));
  if (result.exit_status != 0) return ObjectId();
  auto id = ObjectId::from_hex(trim(result.output));
  if (!id) return garbled("merge-base");
  return *id;
}

Result<bool> is_ancestor(const Repository& repository, const ObjectId& ancestor,
                         const ObjectId& descendant) {
  os::RunResult result = TRY(run(
      command(repository, "merge-base", "--is-ancestor", "--", ancestor.hex(), descendant.hex()),
      "merge-base", {}, 1));
  return result.exit_status == 0;
}

}  // namespace baton::git
