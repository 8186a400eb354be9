#pragma once

// What all maskers do with findings: put marks in their places, and look again until nothing is
// found.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "secrets/mask.h"

namespace baton::secrets {

inline constexpr std::string_view kMarkBegin = "[masked:";

// Whether [begin, end) of a text overlaps a mark: what is masked is never found again.
bool holds_mark(std::string_view text, size_t begin, size_t end);

using Finder = std::function<std::vector<Finding>(std::string_view)>;
std::optional<std::string> mask_by(std::string_view text, const Finder& find_in);
std::optional<std::string> mask_member_by(std::string_view key, std::string_view value,
                                          const Finder& find_in);

}  // namespace baton::secrets
