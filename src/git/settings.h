#pragma once

// What the user has set (base/settings.h): in the environment, which wins, or in git's
// configuration below `baton.`. A value that cannot be read counts as not set; `problems` names it.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/settings.h"
#include "git/config.h"

namespace baton::git {

class Settings {
 public:
  // `config` must outlive this. Reads nothing by itself.
  explicit Settings(const Config& config) : config_(config) {}

  bool flag(Setting id) const;
  int64_t number(Setting id) const;  // bytes and numbers
  std::string text(Setting id) const;
  // A value as the configuration has it, in bytes: with k, m or g. Nothing if it is none.
  static std::optional<int64_t> as_bytes(std::string_view text);
  // All values of one that may be set more than once.
  std::vector<std::string> texts(Setting id) const;
  // Setting::mask: name and expression of each.
  std::vector<std::pair<std::string, std::string>> patterns() const;

  // One message for each value that cannot be read, as errors have them.
  std::vector<std::string> problems() const;

 private:
  // As the user wrote it, "" if not set.
  std::string written(const SettingRow& row) const;
  const Config& config_;
};

}  // namespace baton::git
