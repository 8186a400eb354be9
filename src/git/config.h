#pragma once

// git's configuration, read without git. A layer's file is opened when the answer can depend on it,
// so a key that the repository sets costs one file. Layers, the later ones win: system
// (/etc/gitconfig), the user's ($XDG_CONFIG_HOME/git/config, ~/.gitconfig), the repository's, the
// worktree's (config.worktree), the environment's (GIT_CONFIG_COUNT). `include.path` and
// `includeIf` with `gitdir:`, `gitdir/i:` and `onbranch:` are followed; `hasconfig:` is not.
// GIT_CONFIG_SYSTEM, GIT_CONFIG_GLOBAL and GIT_CONFIG_NOSYSTEM are honoured.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "git/config_parser.h"
#include "git/repository.h"

namespace baton::git {

constexpr int kMaxConfigIncludes = 10;  // nested; git's own limit

// Not for use from two threads at once: looking up may read.
class Config {
 public:
  // Reads nothing yet.
  static Config load(const Repository& repository);
  // For a folder that is no repository: the system's and the user's settings only.
  static Config load_user();

  // The last value of a key such as "core.autocrlf" (in any case).
  std::optional<std::string> get(std::string_view key) const;
  // All values, the weakest layer's first.
  std::vector<std::string> get_all(std::string_view key) const;
  std::optional<bool> get_bool(std::string_view key) const;
  // With k, m and g; nothing if it is no number.
  std::optional<int64_t> get_int(std::string_view key) const;
  // A path with a leading "~/" expanded; relative ones are taken from the worktree's root.
  std::optional<std::string> get_path(std::string_view key) const;
  // All entries whose key starts with `prefix` ("filter."), the weakest layer's first.
  std::vector<ConfigEntry> with_prefix(std::string_view prefix) const;

  // What was wrong with a file that has been read so far ("bad config line 3 in 'x'").
  const std::optional<Error>& damage() const { return damage_; }

 private:
  enum Layer { kSystem, kUserXdg, kUserHome, kLocal, kWorktree, kEnvironment, kLayers };
  using Entries = std::vector<ConfigEntry>;

  Config() = default;
  const Entries& layer(int which) const;
  void read_into(Entries& into, const std::string& path, int depth) const;
  bool condition_holds(std::string_view condition, const std::string& file) const;

  Repository repository_;
  bool in_repository_ = false;
  mutable std::array<std::optional<Entries>, kLayers> layers_;
  mutable std::optional<Error> damage_;
};

}  // namespace baton::git
