#pragma once

// Every setting that a user can make, in one table: read by git/settings.h, and docs/settings.md is
// made from it. Rows hold their text in place, see fixed_text.h.

#include <cstdint>

#include "base/fixed_text.h"

namespace baton {

enum class Setting : uint8_t {
  off,
  color,
  date,
  pager,
  untracked_file,
  tracked_file,
  untracked_pass,
  untracked_folder,
  mask,
  inject,
  inject_budget,
  budget,
  scope,
  test_command,
  clock,
};

enum class SettingType : uint8_t {
  boolean,
  bytes,  // with k, m or g
  number,
  choice,  // one of `choices`
  text,
  pattern,  // any number of them, each under a name of its own
  time,
};

struct SettingRow {
  Setting id;
  SettingType type;
  FixedText<24> key;        // below "baton.", "" if it is a variable only
  FixedText<24> variable;   // of the environment, "" if there is none; it wins
  FixedText<24> otherwise;  // the default
  FixedText<24> choices;    // separated by '|'
  FixedText<300> meaning;
};

// clang-format off
inline constexpr SettingRow kSettings[] = {
    {Setting::off, SettingType::boolean, "off", "BATON_OFF", "false", "",
     "Record nothing. In a repository's own configuration it pauses recording there; `baton status` "
     "says so while it lasts."},
    {Setting::color, SettingType::choice, "color", "BATON_COLOR", "auto", "auto|always|never",
     "When to use colour. `auto`: on a terminal, unless NO_COLOR is set."},
    {Setting::date, SettingType::choice, "date", "BATON_DATE", "auto", "auto|relative|iso",
     "How times are written. `auto`: relative on a terminal, else ISO 8601 in UTC."},
    {Setting::pager, SettingType::text, "pager", "BATON_PAGER", "", "",
     "The pager; without it GIT_PAGER, core.pager, PAGER and `less` are asked, in this order. "
     "`cat` or nothing: no pager."},
    {Setting::untracked_file, SettingType::bytes, "untrackedFile", "", "10m", "",
     "Untracked files that are larger are not recorded."},
    {Setting::tracked_file, SettingType::bytes, "trackedFile", "", "256m", "",
     "Files in git that are larger are not recorded."},
    {Setting::untracked_pass, SettingType::bytes, "untrackedPass", "", "64m", "",
     "New untracked content that one look at the whole worktree takes in, at most."},
    {Setting::untracked_folder, SettingType::number, "untrackedFolder", "", "5000", "",
     "A new untracked folder with more files is left out as a whole."},
    {Setting::mask, SettingType::pattern, "mask.<name>", "", "", "",
     "A regular expression (PCRE2) of a secret that the built-in rules do not know, masked in all "
     "that is shown. Its first group is masked, or all of it without one."},
    {Setting::inject, SettingType::boolean, "inject", "BATON_INJECT", "true", "",
     "Tell an agent that begins a session what it needs to know of the work that is open here."},
    {Setting::inject_budget, SettingType::number, "injectBudget", "BATON_INJECT_BUDGET", "300", "",
     "Milliseconds that this may take after the event was recorded; later nothing is told."},
    {Setting::budget, SettingType::bytes, "budget", "", "", "",
     "How large the store may be, without its index: `baton gc` thins binary versions that lay there "
     "only in the middle of a turn, more than a week ago, the oldest first. Without it no version "
     "goes."},
    {Setting::scope, SettingType::text, "scope", "", "", "",
     "What a task may touch: a path, a folder or a glob; may be set more than once. `baton handoff` and "
     "`baton check` say what lies outside of it."},
    {Setting::test_command, SettingType::text, "testCommand", "", "", "",
     "A command of yours that runs tests, as a shell pattern over its program and arguments "
     "(`./verify *`); may be set more than once. The index is made anew when it changes."},
    {Setting::clock, SettingType::time, "", "BATON_CLOCK", "", "",
     "What time it is (RFC 3339), for tests and for showing an old record as it looked then."},
};
// clang-format on

constexpr const SettingRow& setting_row(Setting id) {
  return kSettings[static_cast<size_t>(id)];
}
static_assert([] {
  for (size_t i = 0; i < sizeof kSettings / sizeof kSettings[0]; i++) {
    if (static_cast<size_t>(kSettings[i].id) != i) return false;
  }
  return true;
}());

}  // namespace baton
