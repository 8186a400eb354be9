#pragma once

// The forms that git writes dates in (git-log(1), --date). A time of which no zone is known is told
// in UTC, and in this machine's zone where the form says `local`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace baton::render {

struct DateForm {
  enum class Kind : uint8_t {
    relative,
    human,
    iso,
    strict,
    rfc,
    brief,
    seconds,
    raw,
    plain,
    pattern
  };
  Kind kind = Kind::iso;
  bool local = false;
  std::string pattern;  // strftime's

  bool relative() const { return kind == Kind::relative; }
};

// "relative", "human", "iso", "iso-strict", "rfc", "short", "unix", "raw", "default", "local", each
// with
// "-local" or not, and "format:%d.%m.%Y". Nothing for anything else.
std::optional<DateForm> parse_date_form(std::string_view text);

using Zone = std::optional<int>;  // minutes east of UTC

// `now` is for forms that tell how long ago it was.
std::string format_date(const DateForm& form, Micros time, Micros now, Zone zone = {});

}  // namespace baton::render
