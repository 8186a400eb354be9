#include "git/settings.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "os/env.h"

namespace baton::git {
namespace {

std::optional<bool> as_flag(std::string_view text) {
  std::string word = lower_ascii(text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return std::nullopt;
}

std::optional<int64_t> as_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int shift = 0;
  switch (text.back() | 0x20) {
    case 'k':
      shift = 10;
      break;
    case 'm':
      shift = 20;
      break;
    case 'g':
      shift = 30;
      break;
  }
  if (shift) text.remove_suffix(1);
  auto number = parse_int(text);
  if (!number || *number < 0 || *number > (INT64_MAX >> 30)) return std::nullopt;
  return *number << shift;
}

bool readable(const SettingRow& row, const std::string& value) {
  switch (row.type) {
    case SettingType::boolean:
      return as_flag(value).has_value();
    case SettingType::bytes:
    case SettingType::number:
      return as_number(value).has_value();
    case SettingType::choice: {
      auto choices = split(row.choices.view(), '|');
      return std::ranges::find(choices, value) != choices.end();
    }
    case SettingType::time:
      return parse_utc(value).has_value();
    case SettingType::text:
    case SettingType::pattern:
      return true;
  }
  return false;
}

}  // namespace

std::optional<int64_t> Settings::as_bytes(std::string_view text) {
  return as_number(text);
}

std::string Settings::written(const SettingRow& row) const {
  if (!row.variable.empty()) {
    if (auto value = os::env(std::string(row.variable.view()).c_str())) return *value;
  }
  if (row.key.empty()) return {};
  return config_.get("baton." + std::string(row.key.view())).value_or("");
}

bool Settings::flag(Setting id) const {
  const SettingRow& row = setting_row(id);
  if (auto value = as_flag(written(row))) return *value;
  return as_flag(row.otherwise.view()).value_or(false);
}

int64_t Settings::number(Setting id) const {
  const SettingRow& row = setting_row(id);
  if (auto value = as_number(written(row))) return *value;
  return as_number(row.otherwise.view()).value_or(0);
}

std::string Settings::text(Setting id) const {
  const SettingRow& row = setting_row(id);
  std::string value = written(row);
  if (!value.empty() && readable(row, value)) return value;
  return std::string(row.otherwise.view());
}

std::vector<std::string> Settings::texts(Setting id) const {
  auto values = config_.get_all("baton." + std::string(setting_row(id).key.view()));
  std::erase(values, "");
  return values;
}

std::vector<std::pair<std::string, std::string>> Settings::patterns() const {
  constexpr std::string_view kPrefix = "baton.mask.";
  std::vector<std::pair<std::string, std::string>> list;
  for (const ConfigEntry& entry : config_.with_prefix(kPrefix)) {
    std::string name = entry.key.substr(kPrefix.size());
    auto same = std::ranges::find(list, name, &std::pair<std::string, std::string>::first);
    if (same != list.end()) {
      same->second = entry.value;
    } else {
      list.emplace_back(name, entry.value);
    }
  }
  return list;
}

std::vector<std::string> Settings::problems() const {
  std::vector<std::string> list;
  for (const SettingRow& row : kSettings) {
    std::string value = written(row);
    if (value.empty() || readable(row, value)) continue;
    std::string name =
        row.key.empty() ? std::string(row.variable.view()) : "baton." + std::string(row.key.view());
    std::string what;
    switch (row.type) {
      case SettingType::choice:
        what = "none of " + std::string(row.choices.view());
        break;
      case SettingType::boolean:
        what = "neither true nor false";
        break;
      case SettingType::time:
        what = "no time";
        break;
      default:
        what = "no number";
        break;
    }
    list.push_back("setting " + name + ": '" + value + "' is " + what);
  }
  return list;
}

}  // namespace baton::git
