#pragma once

// Moments and stretches of time as people read and write them.

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "render/style.h"

namespace baton::render {

// In the style's form: "2 hours ago", "2026-11-24T10:03:07Z"; "-" for 0.
std::string when(const Style& style, Micros time);
// The same as narrow as it can be said: "2h ago", as a target has it (@{2h}).
std::string short_when(const Style& style, Micros time);
// "2026-11-24 10:03:07 UTC".
std::string full_time(Micros time);
// "340 ms", "1.2 s", "3 min 5 s", "2 h 10 min".
std::string duration(int64_t micros);

// What a user writes for a moment: RFC 3339 and its beginnings (a day, a day and a time; UTC unless
// an offset is given), "now", "today", "yesterday", "2h", "3 days ago", "30 min". Nothing if it is
// none of these.
std::optional<Micros> parse_when(std::string_view text, Micros now);

}  // namespace baton::render
