#include "render/when.h"

#include <algorithm>
#include <cstdio>

#include "base/bytes.h"
#include "render/text.h"

namespace baton::render {
namespace {

constexpr Micros kMinute = 60 * kSecond;
constexpr Micros kHour = 60 * kMinute;
constexpr Micros kDay = 24 * kHour;

std::optional<Micros> unit(std::string_view name) {
  struct Unit {
    std::string_view name;
    Micros length;
  };
  const Unit units[] = {
      {"s", kSecond},       {"sec", kSecond},     {"second", kSecond}, {"m", kMinute},
      {"min", kMinute},     {"minute", kMinute},  {"h", kHour},        {"hour", kHour},
      {"d", kDay},          {"day", kDay},        {"w", 7 * kDay},     {"week", 7 * kDay},
      {"month", 30 * kDay}, {"year", 365 * kDay}, {"y", 365 * kDay},
  };
  for (const Unit& candidate : units) {
    if (name == candidate.name) return candidate.length;
    if (candidate.name.size() > 2 && name.ends_with('s') &&
        name.substr(0, name.size() - 1) == candidate.name) {
      return candidate.length;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string full_time(Micros time) {
  std::string text = format_utc(time);  // 2026-11-24T10:03:07.123456Z
  return text.substr(0, 10) + " " + text.substr(11, 8) + " UTC";
}

std::string when(const Style& style, Micros time) {
  if (time == 0) return "-";
  return format_date(style.date, time, style.now);
}

std::string short_when(const Style& style, Micros time) {
  if (time == 0 || !style.date.relative()) return when(style, time);
  Micros span = std::max<Micros>(0, style.now - time);
  auto ago = [&](Micros unit, const char* name) {
    return std::to_string((span + unit / 2) / unit) + name + " ago";
  };
  if (span < 90 * kSecond) return std::to_string(span / kSecond) + "s ago";
  if (span < 90 * kMinute) return ago(kMinute, "min");
  if (span < 36 * kHour) return ago(kHour, "h");
  if (span < 14 * kDay) return ago(kDay, "d");
  if (span < 365 * kDay) return ago(7 * kDay, "w");
  return std::to_string(span / (365 * kDay)) + "y ago";
}

std::string duration(int64_t micros) {
  char text[48];
  if (micros < kSecond) {
    snprintf(text, sizeof text, "%lld ms", static_cast<long long>(micros / 1000));
  } else if (micros < 100 * kSecond) {
    snprintf(text, sizeof text, "%.1f s", static_cast<double>(micros) / kSecond);
  } else if (micros < kHour) {
    snprintf(text, sizeof text, "%lld min %lld s", static_cast<long long>(micros / kMinute),
             static_cast<long long>(micros % kMinute / kSecond));
  } else {
    snprintf(text, sizeof text, "%lld h %lld min", static_cast<long long>(micros / kHour),
             static_cast<long long>(micros % kHour / kMinute));
  }
  return text;
}

std::optional<Micros> parse_when(std::string_view text, Micros now) {
  text = trim(text);
  std::string word = lower_ascii(text);
  if (word == "now") return now;
  if (word == "today") return now - now % kDay;
  if (word == "yesterday") return now - now % kDay - kDay;

  // git's "3.weeks.ago".
  size_t digits = word.find_first_not_of("0123456789");
  if (digits != 0 && digits != std::string::npos && digits <= 9) {
    std::ranges::replace(word, '.', ' ');
    std::string_view rest = trim(std::string_view(word).substr(digits));
    if (rest.ends_with("ago")) rest = trim(rest.substr(0, rest.size() - 3));
    rest = trim(rest);
    if (auto length = unit(rest)) {
      return now - *parse_int(std::string_view(word).substr(0, digits)) * *length;
    }
  }
  return parse_utc(text);
}

}  // namespace baton::render
