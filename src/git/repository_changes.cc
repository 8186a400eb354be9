#include "git/repository_changes.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/command_line.h"

namespace baton::git {

Status update_ref(const Repository& repository, const std::string& ref, const ObjectId& id,
                  const std::optional<ObjectId>& expected) {
  if (!ref.starts_with("refs/") || ref.find('\0') != std::string::npos) {
    return fail(ErrorKind::usage, "'" + to_utf8(ref) + "' is not the full name of a ref");
  }
  const std::string null(2 * hash_size(repository.hash), '0');
  std::string input = id.empty() ? "delete " : "update ";
  input += ref;
  input += '\0';
  if (!id.empty()) {
    input += id.hex();
    input += '\0';
  }
  if (expected) input += expected->empty() ? null : expected->hex();
  input += '\0';
  TRY(run(command(repository, "update-ref", "--no-deref", "-z", "--stdin"), "update-ref",
          std::move(input)));
  return {};
}

Status add_worktree(const Repository& repository, const std::string& directory,
                    const std::string& branch, const std::string& commit) {
  auto added =
      run(command(repository, "worktree", "add", "-q", "-b", branch, "--", directory, commit),
          "worktree add");
  if (added) return {};
  drop_worktree(repository, directory, branch, commit);
  return std::unexpected(added.error());
}

void drop_worktree(const Repository& repository, const std::string& directory,
                   const std::string& branch, const std::string& commit) {
  (void)run(command(repository, "worktree", "remove", "--force", "--", directory),
            "worktree remove");
  auto id = ObjectId::from_hex(commit);
  if (id) (void)update_ref(repository, "refs/heads/" + branch, {}, *id);
}

Result<std::string> index_entries(const Repository& repository,
                                  const std::vector<std::string>& paths) {
  std::vector<std::string> words = command(repository, "ls-files", "-s", "-z", "--");
  words.insert(words.begin() + 1, "--literal-pathspecs");
  std::string entries;
  constexpr size_t kAtOnce = 500;
  for (size_t at = 0; at < paths.size(); at += kAtOnce) {
    std::vector<std::string> some = words;
    size_t end = std::min(paths.size(), at + kAtOnce);
    for (size_t i = at; i < end; ++i) some.push_back(paths[i]);
    entries += TRY(run(some, "ls-files")).output;
  }
  return entries;
}

Status set_index_entries(const Repository& repository, const std::vector<std::string>& paths,
                         const std::string& entries) {
  const std::string null(2 * hash_size(repository.hash), '0');
  std::string input;
  for (const std::string& path : paths) {
    input += "0 " + null + "\t" + path;
    input += '\0';
  }
  input += entries;
  TRY(run(command(repository, "update-index", "-z", "--index-info"), "update-index",
          std::move(input)));
  return {};
}

Status stage_paths(const Repository& repository, const std::vector<std::string>& paths) {
  std::string input;
  for (const std::string& path : paths) {
    input += path;
    input += '\0';
  }
  TRY(run(command(repository, "update-index", "--add", "--remove", "-z", "--stdin"), "update-index",
          std::move(input)));
  return {};
}

}  // namespace baton::git
