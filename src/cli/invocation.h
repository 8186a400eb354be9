#pragma once

// What the user asked for: a command line taken apart by the table of commands.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command_table.h"

namespace baton::cli {

constexpr size_t kMaxArguments = 10'000;
constexpr size_t kMaxArgumentBytes = 1u << 20;

struct Invocation {
  CommandId command = CommandId::none;  // none: `baton` alone
  std::vector<std::string> words;
  std::vector<std::string> pathspecs;  // what follows `--`
  // Values by option, in the order given; a flag has one empty value.
  std::array<std::vector<std::string>, static_cast<size_t>(OptionId::count_)> options;

  bool has(OptionId id) const { return !options[static_cast<size_t>(id)].empty(); }
  // The last value, "" without.
  std::string_view value(OptionId id) const {
    const auto& values = options[static_cast<size_t>(id)];
    return values.empty() ? std::string_view() : std::string_view(values.back());
  }
  const std::vector<std::string>& values(OptionId id) const {
    return options[static_cast<size_t>(id)];
  }
  // The value as a number from `least` on. ErrorKind::usage if it is none.
  Result<std::optional<int64_t>> number(OptionId id, int64_t least) const;
};

// `arguments` without the program's name. ErrorKind::usage, with the nearest known word in the
// hint.
Result<Invocation> parse_invocation(const std::vector<std::string_view>& arguments);

// One word of a shell's.
std::string shell_quoted(std::string_view word);
// The command line that asks for the same, to be given to a shell.
std::string command_line(const Invocation& asked);

// The candidate that `word` is most likely a slip of, "" if none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace baton::cli
