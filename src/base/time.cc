#include "base/time.h"

#include <cstdio>

namespace baton {
namespace {

// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant's days_from_civil).
int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  auto year_of_era = static_cast<unsigned>(year - era * 400);
  unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<int64_t>(day_of_era) - 719468;
}

void civil_from_days(int64_t days, int64_t& year, unsigned& month, unsigned& day) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  auto day_of_era = static_cast<unsigned>(days - era * 146097);
  unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  year = static_cast<int64_t>(year_of_era) + era * 400;
  unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  unsigned shifted = (5 * day_of_year + 2) / 153;
  day = day_of_year - (153 * shifted + 2) / 5 + 1;
  month = shifted < 10 ? shifted + 3 : shifted - 9;
  year += month <= 2;
}

// Reads exactly `count` digits.
bool digits(std::string_view& text, size_t count, int64_t& value) {
  if (text.size() < count) return false;
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool literal(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string format_utc(Micros time) {
  int64_t seconds = time / kSecond;
  int64_t micros = time % kSecond;
  if (micros < 0) {
    micros += kSecond;
    --seconds;
  }
  int64_t days = seconds / 86400;
  int64_t rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  int64_t year;
  unsigned month, day;
  civil_from_days(days, year, month, day);
  // A listing has one a line: printf would be most of its cost.
  std::string text;
  text.reserve(32);
  auto put = [&](int64_t number, size_t width, char behind) {
    char digits[20];
    size_t at = sizeof digits;
    for (; number > 0 || sizeof digits - at < width; number /= 10) {
      digits[--at] = static_cast<char>('0' + number % 10);
    }
    text.append(digits + at, sizeof digits - at);
    text += behind;
  };
  if (year < 0) text += '-';
  put(year < 0 ? -year : year, 4, '-');
  put(month, 2, '-');
  put(day, 2, 'T');
  put(rest / 3600, 2, ':');
  put(rest / 60 % 60, 2, ':');
  put(rest % 60, 2, '.');
  put(micros, 6, 'Z');
  return text;
}

std::optional<Micros> parse_utc(std::string_view text) {
  int64_t year, month, day, hour = 0, minute = 0, second = 0, micros = 0, offset = 0;
  if (!digits(text, 4, year) || !literal(text, '-') || !digits(text, 2, month) ||
      !literal(text, '-') || !digits(text, 2, day)) {
    return std::nullopt;
  }
  if (month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  if (!text.empty()) {
    if (!literal(text, 'T') && !literal(text, ' ') && !literal(text, 't')) return std::nullopt;
    if (!digits(text, 2, hour) || !literal(text, ':') || !digits(text, 2, minute)) {
      return std::nullopt;
    }
    if (literal(text, ':') && !digits(text, 2, second)) return std::nullopt;
    if (hour > 24 || minute > 59 || second > 60) return std::nullopt;
    if (literal(text, '.')) {
      int64_t scale = kSecond / 10;
      while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
        micros += (text[0] - '0') * scale;
        scale /= 10;
        text.remove_prefix(1);
      }
    }
    if (literal(text, 'Z') || literal(text, 'z')) {
    } else if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
      int64_t sign = text[0] == '-' ? -1 : 1;
      text.remove_prefix(1);
      int64_t offset_hour, offset_minute = 0;
      if (!digits(text, 2, offset_hour)) return std::nullopt;
      literal(text, ':');
      if (!text.empty() && !digits(text, 2, offset_minute)) return std::nullopt;
      offset = sign * (offset_hour * 60 + offset_minute) * 60;
    }
    if (!text.empty()) return std::nullopt;
  }
  int64_t days = days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  return (days * 86400 + hour * 3600 + minute * 60 + second - offset) * kSecond + micros;
}

}  // namespace baton
