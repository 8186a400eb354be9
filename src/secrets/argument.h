#pragma once

// The words of a command as a shell reads them, in a text that may be a string in JSON. Commands go
// to the end of their line, or to ; | or &.

#include <cstddef>
#include <optional>
#include <string_view>

#include "secrets/span.h"

namespace baton::secrets {

inline constexpr size_t kMaxArgument = 256;  // a password, or user:password
inline constexpr size_t kMaxCommand = 512;   // how far around its sign a command is looked at
inline constexpr size_t kMaxEscapes = 7;     // backslashes before a quote, as in JSON in JSON

// The word of a command at `i`, without its quotes. `next` is behind it.
struct Argument {
  Span span;
  size_t next = 0;
};
std::optional<Argument> argument_at(std::string_view text, size_t i);

// Whether the word is none that stands where a password is to come, and no reference to one.
bool may_be_password(std::string_view word);

// What stands before `at` on its line; a line goes on after a backslash at its end.
std::string_view before_on_line(std::string_view text, size_t at);

// The words of the command that stands at `at`, before it.
std::string_view command_before(std::string_view text, size_t at);

// The last word of the `echo` or `printf` whose output goes into the command that begins at
// `begin`.
std::optional<Span> echoed_into(std::string_view text, size_t begin);

}  // namespace baton::secrets
