#pragma once

// What a working tree ignores, with exactly git's meaning (gitignore(5)): `.gitignore` in every
// directory, the repository's info/exclude, the user's core.excludesFile; in addition files of
// other names with the same syntax (`.batonignore`), read behind a folder's `.gitignore`, so that
// their lines win. As in git, nothing below an ignored directory can be taken back, and an ignore
// file that is a link is not read.
//
// Whether git tracks a path is no matter of this: tracked files are never ignored, the caller
// knows them. `.git` itself is skipped by name, not by a rule.
// Not known: a `.gitignore` that a sparse checkout left out of the working tree.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "git/config.h"
#include "git/path_pattern.h"
#include "git/repository.h"

namespace baton::git {

// The patterns of one file, in its order.
class IgnoreRules {
 public:
  explicit IgnoreRules(std::string text);
  IgnoreRules(const IgnoreRules&) = delete;

  enum class Verdict { silent, ignored, kept };
  // The last pattern that matches decides. `base_size` as in PathPattern.
  Verdict judge(std::string_view path, size_t base_size, bool is_dir, bool fold_case) const;
  bool empty() const { return patterns_.empty(); }

 private:
  std::string text_;
  std::vector<PathPattern> patterns_;
};

// What holds for all directories.
struct IgnoreSettings {
  std::string root;  // of the worktree
  bool fold_case = false;
  std::vector<std::string> file_names;                     // ".gitignore", ".batonignore"
  std::vector<std::shared_ptr<const IgnoreRules>> global;  // the weakest first
};

// One directory's view. It never changes, so threads may share it.
class IgnoreDirectory {
 public:
  static std::shared_ptr<const IgnoreDirectory> root(
      std::shared_ptr<const IgnoreSettings> settings);

  // Whether an entry of this directory is ignored.
  bool ignored(std::string_view name, bool is_dir) const;
  // Whether the directory itself is, and with it all that is below.
  bool excluded() const { return excluded_; }
  // The view of a subdirectory; reads its ignore files. A caller that has listed it and saw none
  // of them (`is_ignore_file`) says so.
  std::shared_ptr<const IgnoreDirectory> enter(std::string_view name,
                                               bool may_have_files = true) const;
  bool is_ignore_file(std::string_view name) const;
  // "" for the root, else with a slash at its end.
  const std::string& path() const { return path_; }

 private:
  struct Layer {  // rules and the length of the folder they come from
    std::shared_ptr<const IgnoreRules> rules;
    size_t base_size;
  };
  explicit IgnoreDirectory(std::shared_ptr<const IgnoreSettings> settings)
      : settings_(std::move(settings)) {}
  void read_files();

  std::shared_ptr<const IgnoreSettings> settings_;
  std::string path_;
  bool excluded_ = false;
  std::vector<Layer> layers_;  // the weakest first
};

// Answers for paths in any order, keeping the directories it has seen. For one thread.
class Ignore {
 public:
  static Ignore load(const Repository& repository, const Config& config,
                     std::vector<std::string> extra_names = {".batonignore"});
  // For a folder without git: the files of these names only.
  static Ignore load_plain(std::string root, std::vector<std::string> names);

  // Whether the path (from the root, no slash at its end) or a directory above it is ignored.
  bool ignored(std::string_view rel_path, bool is_dir);
  // The view of a directory; "" is the root.
  std::shared_ptr<const IgnoreDirectory> directory(std::string_view rel_dir);

  // The files outside of the tree's directories whose change changes the answers; they may not
  // exist.
  const std::vector<std::string>& global_files() const { return global_files_; }

 private:
  Ignore() = default;
  std::shared_ptr<const IgnoreSettings> settings_;
  std::vector<std::string> global_files_;
  std::shared_ptr<const IgnoreDirectory> root_;
  std::unordered_map<std::string, std::shared_ptr<const IgnoreDirectory>> seen_;
};

}  // namespace baton::git
