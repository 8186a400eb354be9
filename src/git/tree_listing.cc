#include "git/tree_listing.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/command_line.h"
#include "git/object_writer.h"

namespace baton::git {
namespace {

bool is_null(const ObjectId& id) {
  return std::ranges::all_of(id.view(), [](char c) { return c == 0; });
}

}  // namespace

Result<std::vector<TreeEntry>> ls_tree(const Repository& repository, const ObjectId& tree,
                                       bool recursive, const std::string& path) {
  // A name may begin with what is magic in a pathspec.
  auto words = command(repository, "--literal-pathspecs", "ls-tree", "-z", "--full-tree");
  if (recursive) words.emplace_back("-r");
  words.emplace_back("--");
  words.push_back(tree.hex());
  if (!path.empty()) words.push_back(path);
  os::RunResult result = TRY(run(words, "ls-tree"));
  std::vector<TreeEntry> entries;
  Fields fields(result.output);
  // MODE SP TYPE SP ID TAB PATH
  for (std::string_view field; fields.next(field);) {
    size_t tab = field.find('\t');
    if (tab == std::string_view::npos) return garbled("ls-tree");
    auto parts = split(field.substr(0, tab), ' ');
    if (parts.size() != 3) return garbled("ls-tree");
    auto mode = parse_octal(parts[0]);
    auto id = ObjectId::from_hex(parts[2]);
    if (!mode || !id) return garbled("ls-tree");
    entries.push_back({*mode, *id, std::string(field.substr(tab + 1))});
  }
  return entries;
}

Result<std::vector<TreeChange>> diff_tree(const Repository& repository, const ObjectId& before,
                                          const ObjectId& after, const DiffOptions& options) {
  auto empty_tree = [&] { return tree_id(repository.hash, {})->hex(); };
  auto words = command(repository, "--literal-pathspecs");
  words.insert(words.end(), {"diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-ext-diff",
                             "--no-textconv", options.renames ? "--find-renames" : "--no-renames"});
  words.push_back(before.empty() ? empty_tree() : before.hex());
  words.push_back(after.empty() ? empty_tree() : after.hex());
  words.emplace_back("--");
  words.insert(words.end(), options.paths.begin(), options.paths.end());
  os::RunResult result = TRY(run(words, "diff-tree"));
  std::vector<TreeChange> changes;
  Fields fields(result.output);
  // ":OLDMODE NEWMODE OLDID NEWID STATUS" NUL PATH NUL [NEWPATH NUL]
  for (std::string_view field; fields.next(field);) {
    if (!field.starts_with(':')) return garbled("diff-tree");
    auto parts = split(field.substr(1), ' ');
    if (parts.size() != 5 || parts[4].empty()) return garbled("diff-tree");
    auto old_mode = parse_octal(parts[0]), new_mode = parse_octal(parts[1]);
    auto old_id = ObjectId::from_hex(parts[2]), new_id = ObjectId::from_hex(parts[3]);
    std::string_view path, new_path;
    if (!old_mode || !new_mode || !old_id || !new_id || !fields.next(path)) {
      return garbled("diff-tree");
    }
    TreeChange change;
    change.status = parts[4][0];
    change.old_mode = *old_mode;
    change.new_mode = *new_mode;
    if (!is_null(*old_id)) change.old_id = *old_id;
    if (!is_null(*new_id)) change.new_id = *new_id;
    change.path = path;
    if (change.status == 'R' || change.status == 'C') {
      if (!fields.next(new_path)) return garbled("diff-tree");
      change.old_path = path;
      change.path = new_path;
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

Result<std::vector<std::string>> staged_paths(const Repository& repository,
                                              const ObjectId& commit) {
  auto words = command(repository, "diff-index", "--cached", "--no-renames", "--name-only", "-z",
                       commit.hex(), "--");
  os::RunResult result = TRY(run(words, "diff-index"));
  std::vector<std::string> paths;
  Fields fields(result.output);
  for (std::string_view field; fields.next(field);) paths.emplace_back(field);
  return paths;
}

}  // namespace baton::git
