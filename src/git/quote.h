#pragma once

// git's way of quoting paths in text: double quotes and C escapes (core.quotePath in
// git-config(1)).

#include <optional>
#include <string>
#include <string_view>

namespace baton::git {

// `text` starts with a double quote. Its content, and in `rest` what follows the closing quote;
// nothing if it is not well-formed.
std::optional<std::string> unquote(std::string_view text, std::string_view& rest);

// Always in quotes; bytes that are not printable ASCII become octal escapes.
std::string quote(std::string_view path);

}  // namespace baton::git
