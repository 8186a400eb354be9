#include "record/targets.h"

#include <algorithm>

#include "base/bytes.h"
#include "os/env.h"

namespace baton::record {
namespace {

using agents::Moment;
using agents::ToolClass;

constexpr size_t kMaxNamedDirectories = 8;
constexpr size_t kMaxCommandScanned = 64 * 1024;

bool may_change_anything(ToolClass tool_class) {
  return tool_class == ToolClass::shell || tool_class == ToolClass::mcp ||
         tool_class == ToolClass::other;
}

// Whether the whole worktree is to be looked at (design: a fence before and a look after whatever
// can change any file; and at the borders of turns).
bool wants_full(const agents::Heard& heard) {
  switch (heard.moment) {
    case Moment::session_start:
    case Moment::session_end:
    case Moment::prompt:
    case Moment::turn_end:
    case Moment::turn_failed:
    case Moment::interrupt:
    case Moment::subagent_end:
      return true;
    case Moment::tool_before:
    case Moment::tool_after:
      return std::ranges::any_of(heard.calls, [](const agents::ToolCall& call) {
        return may_change_anything(call.tool_class);
      });
    default:
      return false;
  }
}

// The path with the links of its directory resolved; the last part stays what it is.
std::string resolve_directory(const std::string& path) {
  std::string directory(os::dirname(path));
  std::string rest(os::basename(path));
  for (;;) {
    if (auto real = os::real_path(directory)) return os::join(*real, rest);
    if (directory == "/" || directory == ".") return path;
    rest = os::join(os::basename(directory), rest);
    directory = std::string(os::dirname(directory));
  }
}

std::optional<std::string> below(const std::string& root, const std::string& path) {
  if (root == "/") return path.substr(1);
  if (!path.starts_with(root) || path.size() <= root.size() + 1 || path[root.size()] != '/') {
    return std::nullopt;
  }
  return path.substr(root.size() + 1);
}

class Finder {
 public:
  explicit Finder(Targets& targets) : targets_(targets) {}

  Target* at(const std::string& directory) {
    auto place = worktree::find_place(directory);
    if (!place || place->root.empty()) return nullptr;
    for (Target& target : targets_.list) {
      if (target.place.root == place->root) return &target;
    }
    targets_.list.push_back({std::move(*place), false, {}});
    return &targets_.list.back();
  }

  // The repositories inside of a worktree that have a store of their own: what runs around them may
  // change them.
  void inside(worktree::Place place) {
    auto worktree = worktree::open_worktree(place);
    if (!worktree) return;
    for (const std::string& path : worktree::nested_repositories(*worktree)) {
      std::string root = os::join(worktree->root, path);
      if (!git::is_nested_repository(root)) continue;
      if (Target* target = at(root)) target->full = true;
    }
  }

  void name(const std::string& absolute, const std::string& call, const agents::FileEdit* edit) {
    std::string path = resolve_directory(absolute);
    Target* target = at(std::string(os::dirname(path)));
    std::optional<std::string> relative;
    if (target) relative = below(target->place.root, path);
    // A file of git's own, or the store's, is nobody's work.
    if (relative && (relative == ".git" || relative->starts_with(".git/") ||
                     relative->starts_with(".baton/"))) {
      return;
    }
    targets_.edited.push_back({path, relative ? target->place.store.path : std::string()});
    if (!relative) return;
    auto known = std::ranges::find(target->paths, *relative, &NamedPath::path);
    if (known != target->paths.end()) {
      // Two edits of one path in one event: only the disk can tell what came of them.
      known->edit = nullptr;
      return;
    }
    target->paths.push_back({*relative, call, edit});
    // Editing through a link changes what it leads to.
    if (auto real = os::real_path(path); real && *real != path) name(*real, call, edit);
  }

 private:
  Targets& targets_;
};

}  // namespace

std::vector<std::string> named_directories(std::string_view command, const std::string& cwd,
                                           const std::string& root) {
  std::vector<std::string> found;
  command = command.substr(0, kMaxCommandScanned);
  constexpr std::string_view kSeparators = " \t\n;|&()<>\"'`=";
  size_t at = 0;
  while (at < command.size() && found.size() < kMaxNamedDirectories) {
    size_t begin = command.find_first_not_of(kSeparators, at);
    if (begin == std::string_view::npos) break;
    size_t end = std::min(command.find_first_of(kSeparators, begin), command.size());
    std::string word(command.substr(begin, end - begin));
    at = end;
    if (word.starts_with("~/")) word = os::home_directory() + word.substr(1);
    bool path_like = word.starts_with('/') || word == ".." || contains(word, "../");
    if (!path_like) continue;
    std::string path = os::normalize(cwd, word);
    if (path == root || below(root, path) || path.starts_with("/dev/") ||
        path.starts_with("/proc/") || path.starts_with("/usr/") || path.starts_with("/bin/")) {
      continue;
    }
    if (!os::is_directory(path)) path = std::string(os::dirname(path));
    if (!os::is_directory(path) || path == "/" || std::ranges::find(found, path) != found.end()) {
      continue;
    }
    found.push_back(path);
  }
  return found;
}

Targets find_targets(const agents::Heard& heard, const std::string& cwd) {
  Targets targets;
  Finder finder(targets);
  Target* here = finder.at(cwd);
  targets.here = here != nullptr;
  bool full = wants_full(heard);
  if (here) here->full = full;
  std::string root = here ? here->place.root : std::string();
  if (here && full) finder.inside(here->place);

  for (const agents::ToolCall& call : heard.calls) {
    std::string base = call.workdir.empty() ? cwd : os::normalize(cwd, call.workdir);
    for (const agents::FileEdit& edit : call.edits) {
      bool told =
          heard.moment == Moment::tool_after && call.outcome.kind == agents::OutcomeKind::ok;
      finder.name(os::normalize(base, edit.path), told ? call.id : std::string(),
                  told ? &edit : nullptr);
      if (!edit.move_to.empty()) {
        finder.name(os::normalize(base, edit.move_to), told ? call.id : std::string(),
                    told ? &edit : nullptr);
      }
    }
    if (full && may_change_anything(call.tool_class)) {
      if (base != cwd) {
        if (Target* target = finder.at(base)) target->full = true;
      }
      for (const std::string& directory : named_directories(call.command, base, root)) {
        if (Target* target = finder.at(directory)) target->full = true;
      }
    }
  }
  return targets;
}

}  // namespace baton::record
