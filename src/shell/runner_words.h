#pragma once

// The words of a command that runs a checker: its options and operands, as far as they tell what is
// checked.

#include <string>
#include <string_view>
#include <vector>

#include "model/session.h"

namespace baton::shell {

using Words = std::vector<std::string>;

constexpr model::TestKind kTest = model::TestKind::test;
constexpr model::TestKind kLint = model::TestKind::lint;
constexpr model::TestKind kBuild = model::TestKind::build;

// "--only" of "--only=x".
std::string_view option_name(std::string_view word);
bool looks_like_file(std::string_view word);
// Whether one of the options in the list is there.
bool has_option(const Words& words, std::string_view list);
// The first word that is no option, after `from`; options with values of their own are passed over.
size_t first_operand(const Words& words, size_t from, std::string_view value_options);

}  // namespace baton::shell
