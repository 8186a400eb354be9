#include "render/date_form.h"

#include <ctime>

#include "render/text.h"

namespace baton::render {
namespace {

constexpr Micros kMinute = 60 * kSecond;
constexpr Micros kHour = 60 * kMinute;
constexpr Micros kDay = 24 * kHour;
constexpr size_t kMostText = 512;

std::string ago(Micros span) {
  bool ahead = span < 0;
  if (ahead) span = -span;
  std::string text;
  if (span < 90 * kSecond) {
    text = count(span / kSecond, "second");
  } else if (span < 90 * kMinute) {
    text = count((span + kMinute / 2) / kMinute, "minute");
  } else if (span < 36 * kHour) {
    text = count((span + kHour / 2) / kHour, "hour");
  } else if (span < 14 * kDay) {
    text = count((span + kDay / 2) / kDay, "day");
  } else if (span < 70 * kDay) {
    text = count((span + 7 * kDay / 2) / (7 * kDay), "week");
  } else if (span < 365 * kDay) {
    text = count((span + 15 * kDay) / (30 * kDay), "month");
  } else {
    text = count(span / (365 * kDay), "year");
  }
  return ahead ? "in " + text : text + " ago";
}

tm parts(const DateForm& form, Micros time, Zone zone) {
  time_t seconds = static_cast<time_t>(time / kSecond);
  if (!form.local) seconds += zone.value_or(0) * 60;
  tm broken{};
  if (form.local) {
    localtime_r(&seconds, &broken);
  } else {
    gmtime_r(&seconds, &broken);
    broken.tm_gmtoff = zone.value_or(0) * 60;  // for %z
  }
  return broken;
}

std::string by_pattern(const tm& broken, const std::string& pattern) {
  char text[kMostText];
  // A blank in front tells an empty text from one that does not fit.
  size_t size = strftime(text, sizeof text, (" " + pattern).c_str(), &broken);
  return size == 0 ? std::string() : std::string(text + 1, size - 1);
}

// "3 hours ago" today, then as much as tells the day.
std::string human(const DateForm& form, Micros time, Micros now, Zone zone) {
  tm then = parts(form, time, zone), today = parts(form, now, zone);
  if (then.tm_year != today.tm_year) return by_pattern(then, "%b %e %Y");
  if (then.tm_yday == today.tm_yday) return ago(now - time);
  bool this_week = time < now && now - time < 5 * kDay;
  return by_pattern(then, this_week ? "%a %H:%M" : "%a %b %e %H:%M");
}

}  // namespace

std::optional<DateForm> parse_date_form(std::string_view text) {
  using Kind = DateForm::Kind;
  DateForm form;
  for (std::string_view prefix : {"format:", "format-local:"}) {
    if (!text.starts_with(prefix)) continue;
    form.kind = Kind::pattern;
    form.local = prefix.size() > 7;
    form.pattern = text.substr(prefix.size());
    return form;
  }
  if (text == "local") return DateForm{Kind::plain, true, {}};
  if (text.ends_with("-local")) {
    form.local = true;
    text.remove_suffix(6);
  }
  struct Name {
    std::string_view name;
    Kind kind;
  };
  const Name names[] = {
      {"relative", Kind::relative}, {"human", Kind::human},       {"iso", Kind::iso},
      {"iso8601", Kind::iso},       {"iso-strict", Kind::strict}, {"iso8601-strict", Kind::strict},
      {"rfc", Kind::rfc},           {"rfc2822", Kind::rfc},       {"short", Kind::brief},
      {"unix", Kind::seconds},      {"raw", Kind::raw},           {"default", Kind::plain},
  };
  for (const Name& name : names) {
    if (text != name.name) continue;
    form.kind = name.kind;
    return form;
  }
  return std::nullopt;
}

std::string format_date(const DateForm& form, Micros time, Micros now, Zone zone) {
  using Kind = DateForm::Kind;
  const tm then = parts(form, time, zone);
  switch (form.kind) {
    case Kind::relative:
      return ago(now - time);
    case Kind::human:
      return human(form, time, now, zone);
    case Kind::iso:
      if (zone) return by_pattern(then, "%Y-%m-%d %H:%M:%S %z");
      if (!form.local) return format_utc(time).substr(0, 19) + "Z";
      return by_pattern(then, "%Y-%m-%dT%H:%M:%S%z");
    case Kind::strict: {
      std::string text = by_pattern(then, "%Y-%m-%dT%H:%M:%S%z");
      return text.insert(text.size() - 2, ":");
    }
    case Kind::rfc:
      return by_pattern(then, "%a, %-d %b %Y %H:%M:%S %z");
    case Kind::brief:
      return by_pattern(then, "%Y-%m-%d");
    case Kind::seconds:
      return std::to_string(time / kSecond);
    case Kind::raw:
      return std::to_string(time / kSecond) + " " + by_pattern(then, "%z");
    case Kind::plain:
      return by_pattern(then, form.local ? "%a %b %-d %H:%M:%S %Y" : "%a %b %-d %H:%M:%S %Y %z");
    case Kind::pattern:
      return by_pattern(then, form.pattern);
  }
  return {};
}

}  // namespace baton::render
