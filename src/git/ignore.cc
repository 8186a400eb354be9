#include "git/ignore.h"

#include <algorithm>
#include <ranges>

#include "os/env.h"
#include "os/file.h"

namespace baton::git {
namespace {

constexpr size_t kMaxSeenDirectories = 8192;

// Spaces at the end of a line count only when escaped.
std::string_view without_trailing_spaces(std::string_view line) {
  size_t end = 0;  // behind the last byte that is not such a space
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') continue;
    if (line[i] == '\\') {
      // A backslash at the very end escapes nothing, and then git trims nothing.
      if (++i >= line.size()) return line;
    }
    end = i + 1;
  }
  return line.substr(0, end);
}

std::shared_ptr<const IgnoreRules> read_rules(const std::string& path) {
  auto text = os::read_file(path, kMaxPatternFileBytes);
  if (!text) return nullptr;
  auto rules = std::make_shared<const IgnoreRules>(std::move(*text));
  return rules->empty() ? nullptr : rules;
}

}  // namespace

IgnoreRules::IgnoreRules(std::string text) : text_(std::move(text)) {
  std::string_view rest = text_;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  while (!rest.empty()) {
    size_t newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = line.substr(0, line.find('\0'));
    line = without_trailing_spaces(line);
    PathPattern pattern = PathPattern::parse(line);
    if (!pattern.text.empty()) patterns_.push_back(pattern);
  }
}

IgnoreRules::Verdict IgnoreRules::judge(std::string_view path, size_t base_size, bool is_dir,
                                        bool fold_case) const {
  size_t slash = path.rfind('/');
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  for (const PathPattern& pattern : patterns_ | std::views::reverse) {
    if ((pattern.directory_only && !is_dir) || !pattern.can_match(name)) continue;
    bool matched = pattern.any_depth ? pattern.matches_name(name, fold_case)
                                     : pattern.matches(path, base_size, fold_case);
    if (matched) return pattern.negative ? Verdict::kept : Verdict::ignored;
  }
  return Verdict::silent;
}

std::shared_ptr<const IgnoreDirectory> IgnoreDirectory::root(
    std::shared_ptr<const IgnoreSettings> settings) {
  std::shared_ptr<IgnoreDirectory> root(new IgnoreDirectory(std::move(settings)));
  for (const auto& rules : root->settings_->global) root->layers_.push_back({rules, 0});
  root->read_files();
  return root;
}

void IgnoreDirectory::read_files() {
  for (const std::string& name : settings_->file_names) {
    std::string file = settings_->root + "/" + path_ + name;
    // Links are not followed: what they lead to may lie outside of the tree.
    auto stat = os::stat_file(file);
    if (!stat || stat->type != os::FileType::regular) continue;
    if (auto rules = read_rules(file)) layers_.push_back({std::move(rules), path_.size()});
  }
}

bool IgnoreDirectory::ignored(std::string_view name, bool is_dir) const {
  if (excluded_) return true;
  if (layers_.empty()) return false;
  std::string path;
  path.reserve(path_.size() + name.size());
  path += path_;
  path += name;
  for (const Layer& layer : layers_ | std::views::reverse) {
    switch (layer.rules->judge(path, layer.base_size, is_dir, settings_->fold_case)) {
      case IgnoreRules::Verdict::ignored:
        return true;
      case IgnoreRules::Verdict::kept:
        return false;
      case IgnoreRules::Verdict::silent:
        break;
    }
  }
  return false;
}

std::shared_ptr<const IgnoreDirectory> IgnoreDirectory::enter(std::string_view name,
                                                              bool may_have_files) const {
  std::shared_ptr<IgnoreDirectory> below(new IgnoreDirectory(settings_));
  below->path_ = path_;
  below->path_ += name;
  below->path_ += '/';
  below->excluded_ = ignored(name, true);
  if (!below->excluded_) {
    below->layers_ = layers_;
    if (may_have_files) below->read_files();
  }
  return below;
}

bool IgnoreDirectory::is_ignore_file(std::string_view name) const {
  return std::ranges::find(settings_->file_names, name) != settings_->file_names.end();
}

Ignore Ignore::load(const Repository& repository, const Config& config,
                    std::vector<std::string> extra_names) {
  Ignore ignore;
  auto settings = std::make_shared<IgnoreSettings>();
  settings->root = repository.worktree_root;
  settings->fold_case = config.get_bool("core.ignorecase").value_or(false);
  settings->file_names = std::move(extra_names);
  settings->file_names.insert(settings->file_names.begin(), ".gitignore");

  auto user = config.get("core.excludesfile");
  if (!user) {
    auto home = os::env("XDG_CONFIG_HOME");
    ignore.global_files_.push_back(
        os::join(home ? *home : os::join(os::home_directory(), ".config"), "git/ignore"));
  } else if (auto path = config.get_path("core.excludesfile")) {
    ignore.global_files_.push_back(*path);
  }
  ignore.global_files_.push_back(repository.common_dir + "/info/exclude");
  for (const std::string& file : ignore.global_files_) {
    if (auto rules = read_rules(file)) settings->global.push_back(std::move(rules));
  }
  ignore.settings_ = settings;
  return ignore;
}

Ignore Ignore::load_plain(std::string root, std::vector<std::string> names) {
  Ignore ignore;
  auto settings = std::make_shared<IgnoreSettings>();
  settings->root = std::move(root);
  settings->file_names = std::move(names);
  ignore.settings_ = settings;
  return ignore;
}

std::shared_ptr<const IgnoreDirectory> Ignore::directory(std::string_view rel_dir) {
  if (!root_) root_ = IgnoreDirectory::root(settings_);
  if (rel_dir.empty()) return root_;
  std::string key(rel_dir);
  if (auto found = seen_.find(key); found != seen_.end()) return found->second;
  size_t slash = rel_dir.rfind('/');
  auto above = directory(slash == std::string_view::npos ? "" : rel_dir.substr(0, slash));
  auto view = above->enter(slash == std::string_view::npos ? rel_dir : rel_dir.substr(slash + 1));
  if (seen_.size() >= kMaxSeenDirectories) seen_.clear();
  seen_.emplace(std::move(key), view);
  return view;
}

bool Ignore::ignored(std::string_view rel_path, bool is_dir) {
  size_t slash = rel_path.rfind('/');
  if (slash == std::string_view::npos) return directory("")->ignored(rel_path, is_dir);
  return directory(rel_path.substr(0, slash))->ignored(rel_path.substr(slash + 1), is_dir);
}

}  // namespace baton::git
