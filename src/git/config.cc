#include "git/config.h"

#include "base/bytes.h"
#include "git/head.h"
#include "git/wildmatch.h"
#include "os/env.h"
#include "os/file.h"

namespace baton::git {
namespace {

constexpr int kMaxEnvironmentPairs = 1000;

std::string expand_home(std::string_view path) {
  if (path.starts_with("~/")) return os::join(os::home_directory(), path.substr(2));
  return std::string(path);
}

}  // namespace

Config Config::load(const Repository& repository) {
  Config config;
  config.repository_ = repository;
  config.in_repository_ = true;
  return config;
}

Config Config::load_user() {
  return Config();
}

const Config::Entries& Config::layer(int which) const {
  auto& slot = layers_[static_cast<size_t>(which)];
  if (slot) return *slot;
  slot.emplace();  // so that an include which asks for a key does not come here again
  Entries entries;
  auto global = os::env("GIT_CONFIG_GLOBAL");
  switch (which) {
    case kSystem:
      if (!config_bool(os::env("GIT_CONFIG_NOSYSTEM").value_or("")).value_or(false)) {
        read_into(entries, os::env("GIT_CONFIG_SYSTEM").value_or("/etc/gitconfig"), 0);
      }
      break;
    case kUserXdg:
      if (!global) {
        auto home = os::env("XDG_CONFIG_HOME");
        read_into(entries,
                  os::join(home ? *home : os::join(os::home_directory(), ".config"), "git/config"),
                  0);
      }
      break;
    case kUserHome:
      read_into(entries, global ? *global : os::join(os::home_directory(), ".gitconfig"), 0);
      break;
    case kLocal:
      if (in_repository_) read_into(entries, repository_.common_dir + "/config", 0);
      break;
    case kWorktree:
      if (in_repository_) {
        for (const ConfigEntry& entry : layer(kLocal)) {
          if (entry.key == "extensions.worktreeconfig" &&
              config_bool(entry.value).value_or(false)) {
            read_into(entries, repository_.git_dir + "/config.worktree", 0);
            break;
          }
        }
      }
      break;
    case kEnvironment:
      if (auto count = os::env("GIT_CONFIG_COUNT")) {
        int64_t pairs = parse_int(*count).value_or(0);
        for (int64_t i = 0; i < pairs && i < kMaxEnvironmentPairs; ++i) {
          auto key = os::env(("GIT_CONFIG_KEY_" + std::to_string(i)).c_str());
          auto value = os::env(("GIT_CONFIG_VALUE_" + std::to_string(i)).c_str());
          if (key) entries.push_back({canonical_key(*key), value.value_or("")});
        }
      }
      break;
  }
  slot = std::move(entries);
  return *slot;
}

void Config::read_into(Entries& into, const std::string& path, int depth) const {
  if (depth > kMaxConfigIncludes) return;
  auto text = os::read_file(path, kMaxConfigBytes);
  if (!text) {
    if (text.error().kind != ErrorKind::not_found && !damage_) damage_ = text.error();
    return;
  }
  ConfigText parsed = parse_config(*text);
  if (parsed.bad_line && !damage_) {
    damage_ = Error{ErrorKind::damage,
                    "bad config line " + std::to_string(parsed.bad_line) + " in '" + path + "'",
                    {}};
  }
  for (ConfigEntry& entry : parsed.entries) {
    std::string_view key = entry.key;
    bool include = key == "include.path";
    if (key.starts_with("includeif.") && key.ends_with(".path") &&
        key.size() > sizeof("includeif.") - 1 + sizeof(".path") - 1) {
      key.remove_prefix(sizeof("includeif.") - 1);
      key.remove_suffix(sizeof(".path") - 1);
      include = condition_holds(key, path);
    }
    std::string target = include ? expand_home(entry.value) : std::string();
    into.push_back(std::move(entry));
    if (include && !target.empty()) {
      read_into(into, os::join(os::dirname(path), target), depth + 1);
    }
  }
}

bool Config::condition_holds(std::string_view condition, const std::string& file) const {
  if (!in_repository_) return false;
  WildOptions options{.pathname = true};
  if (condition.starts_with("onbranch:")) {
    condition.remove_prefix(sizeof("onbranch:") - 1);
    auto head = read_head(repository_);
    if (!head || head->branch.empty()) return false;
    std::string pattern(condition);
    if (pattern.ends_with('/')) pattern += "**";
    return wildmatch(pattern, head->branch, options);
  }
  if (condition.starts_with("gitdir/i:")) {
    options.fold_case = true;
    condition.remove_prefix(sizeof("gitdir/i:") - 1);
  } else if (condition.starts_with("gitdir:")) {
    condition.remove_prefix(sizeof("gitdir:") - 1);
  } else {
    return false;
  }
  // What "~/" and "./" stand for is literal text, not a pattern.
  std::string prefix;
  std::string pattern;
  if (condition.starts_with("~/")) {
    auto home = os::real_path(os::home_directory());
    if (!home) return false;
    prefix = *home == "/" ? *home : *home + "/";
    pattern = condition.substr(2);
  } else if (condition.starts_with("./")) {
    auto real = os::real_path(file);
    if (!real) return false;
    prefix = std::string(os::dirname(*real)) + "/";
    pattern = condition.substr(2);
  } else if (condition.starts_with('/')) {
    pattern = condition;
  } else {
    pattern = "**/" + std::string(condition);
  }
  if (condition.ends_with('/')) pattern += "**";
  std::string_view text = repository_.git_dir;
  if (text.size() < prefix.size()) return false;
  std::string_view head = text.substr(0, prefix.size());
  if (options.fold_case ? lower_ascii(head) != lower_ascii(prefix) : head != prefix) return false;
  return wildmatch(pattern, text.substr(prefix.size()), options);
}

std::optional<std::string> Config::get(std::string_view key) const {
  std::string wanted = canonical_key(key);
  for (int which = kLayers - 1; which >= 0; --which) {
    const Entries& entries = layer(which);
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (entry->key == wanted) return entry->value;
    }
  }
  return std::nullopt;
}

std::vector<std::string> Config::get_all(std::string_view key) const {
  std::string wanted = canonical_key(key);
  std::vector<std::string> values;
  for (int which = 0; which < kLayers; ++which) {
    for (const ConfigEntry& entry : layer(which)) {
      if (entry.key == wanted) values.push_back(entry.value);
    }
  }
  return values;
}

std::optional<bool> Config::get_bool(std::string_view key) const {
  auto value = get(key);
  return value ? config_bool(*value) : std::nullopt;
}

std::optional<int64_t> Config::get_int(std::string_view key) const {
  auto value = get(key);
  if (!value || value->empty()) return std::nullopt;
  int64_t unit = 1;
  switch (value->back()) {
    case 'k':
    case 'K':
      unit = 1 << 10;
      break;
    case 'm':
    case 'M':
      unit = 1 << 20;
      break;
    case 'g':
    case 'G':
      unit = 1 << 30;
      break;
    default:
      break;
  }
  std::string_view digits = *value;
  if (unit > 1) digits.remove_suffix(1);
  auto number = parse_int(digits);
  int64_t result;
  if (!number || __builtin_mul_overflow(*number, unit, &result)) return std::nullopt;
  return result;
}

std::optional<std::string> Config::get_path(std::string_view key) const {
  auto value = get(key);
  if (!value || value->empty()) return std::nullopt;
  return os::join(repository_.worktree_root, expand_home(*value));
}

std::vector<ConfigEntry> Config::with_prefix(std::string_view prefix) const {
  std::vector<ConfigEntry> found;
  for (int which = 0; which < kLayers; ++which) {
    for (const ConfigEntry& entry : layer(which)) {
      if (entry.key.starts_with(prefix)) found.push_back(entry);
    }
  }
  return found;
}

}  // namespace baton::git
