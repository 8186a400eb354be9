#pragma once

// Time is microseconds since 1970-01-01T00:00:00Z in a 64-bit integer; the clock itself is in os/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

using Micros = int64_t;

constexpr Micros kSecond = 1'000'000;

// 2026-11-24T10:03:07.123456Z
std::string format_utc(Micros time);
// RFC 3339 with any number of fractional digits, `Z` or an offset; also without the time of day.
std::optional<Micros> parse_utc(std::string_view text);

}  // namespace baton
