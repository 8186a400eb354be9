#include "render/text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/bytes.h"
#include "secrets/mask.h"
#include "secrets/masker.h"

namespace baton::render {
namespace {

struct Range {
  char32_t first, last;
};

// Unicode 15: East Asian Wide and Fullwidth, and emoji that terminals draw in two columns.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x23F0, 0x23F0},   {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267F, 0x267F},   {0x2693, 0x2693},   {0x26A1, 0x26A1},
    {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26CE, 0x26CE},
    {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
    {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},
    {0x2728, 0x2728},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27B0},   {0x27BF, 0x27BF},
    {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x2E80, 0x303E},
    {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
    {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F004, 0x1F004},
    {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F200, 0x1F320},
    {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C}, {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA},
    {0x1F3CF, 0x1F3D3}, {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E},
    {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC}, {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F54E},
    {0x1F550, 0x1F567}, {0x1F57A, 0x1F57A}, {0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A4},
    {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5}, {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2},
    {0x1F6D5, 0x1F6D7}, {0x1F6DC, 0x1F6DF}, {0x1F6EB, 0x1F6EC}, {0x1F6F4, 0x1F6FC},
    {0x1F7E0, 0x1F7EB}, {0x1F7F0, 0x1F7F0}, {0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945},
    {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x2FFFD}, {0x30000, 0x3FFFD},
};

// Combining marks and joiners of the scripts that are common; a wrong width only moves a column.
constexpr Range kZero[] = {
    {0x0300, 0x036F},   {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x05BF, 0x05BF}, {0x05C1, 0x05C2},
    {0x05C4, 0x05C5},   {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06DC},
    {0x06DF, 0x06E4},   {0x0900, 0x0902}, {0x093A, 0x093A}, {0x093C, 0x093C}, {0x0941, 0x0948},
    {0x094D, 0x094D},   {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF},   {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    {0xE0100, 0xE01EF},
};

template <size_t N>
bool within(const Range (&ranges)[N], char32_t point) {
  auto after = std::upper_bound(std::begin(ranges), std::end(ranges), point,
                                [](char32_t p, const Range& range) { return p < range.first; });
  return after != std::begin(ranges) && point <= std::prev(after)->last;
}

// Takes the first character off well-formed UTF-8.
char32_t take_point(std::string_view& text) {
  auto lead = static_cast<unsigned char>(text[0]);
  size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  size = std::min(size, text.size());
  char32_t point = size == 1 ? lead : lead & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; i++) {
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  text.remove_prefix(size);
  return point;
}

size_t point_columns(char32_t point) {
  if (point < 0x300) return point < 0x20 || point == 0x7F ? 0 : 1;
  if (within(kZero, point)) return 0;
  return within(kWide, point) ? 2 : 1;
}

void show(std::string& out, char32_t point) {
  if (point < 0x20 || point == 0x7F) {
    out += '^';
    out += static_cast<char>(point ^ 0x40);
    return;
  }
  char text[16];
  snprintf(text, sizeof text, "<U+%04X>", static_cast<unsigned>(point));
  out += text;
}

// Whether any byte could belong to a character that acts; most text has none.
bool may_act(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\n' && byte != '\t') || byte >= 0x7F;
  });
}

}  // namespace

// C0, DEL, C1, and what reorders text or is not seen in it. Joiners stay: scripts and emoji need
// them.
bool acts(char32_t point) {
  return (point < 0x20 && point != '\n' && point != '\t') || (point >= 0x7F && point < 0xA0) ||
         point == 0x061C || point == 0x200E || point == 0x200F ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
         point == 0xAD || point == 0x115F || point == 0x1160 || point == 0x180E ||
         point == 0x200B || (point >= 0x2060 && point <= 0x2064) ||
         (point >= 0x206A && point <= 0x206F) || point == 0x3164 || point == 0xFFA0 ||
         point == 0xFEFF || (point >= 0xE0000 && point <= 0xE007F) ||
         (point >= 0xE0100 && point <= 0xE01EF);
}

std::string masked(const Style& style, std::string_view text) {
  auto changed = style.masker ? style.masker->mask(text) : secrets::mask(text);
  return changed ? std::move(*changed) : std::string(text);
}

std::string neutral(std::string_view text) {
  std::string out;
  append_neutral(out, text);
  return out;
}

void append_neutral(std::string& out, std::string_view text) {
  if (!may_act(text)) {
    out += text;
    return;
  }
  std::string proper = to_utf8(text);
  for (std::string_view rest = proper; !rest.empty();) {
    const char* at = rest.data();
    char32_t point = take_point(rest);
    if (point == '\r' && rest.starts_with('\n')) continue;
    if (acts(point)) {
      show(out, point);
    } else {
      out.append(at, static_cast<size_t>(rest.data() - at));
    }
  }
}

std::string clean(const Style& style, std::string_view text) {
  return neutral(masked(style, text));
}

size_t columns(std::string_view text) {
  // Most texts are plain: one column a byte.
  auto plain = [](char c) { return c >= ' ' && c <= '~'; };
  auto rest = std::ranges::find_if_not(text, plain);
  auto sum = static_cast<size_t>(rest - text.begin());
  text.remove_prefix(sum);
  while (!text.empty()) sum += point_columns(take_point(text));
  return sum;
}

std::string fit(std::string_view text, size_t max) {
  if (max == 0 || columns(text) <= max) return std::string(text);
  size_t used = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view before = rest;
    size_t width = point_columns(take_point(rest));
    if (used + width > max - 1) {
      rest = before;
      break;
    }
    used += width;
  }
  std::string cut(text.substr(0, text.size() - rest.size()));
  while (cut.ends_with(' ')) cut.pop_back();
  return cut + "…";
}

std::string pad(std::string_view text, size_t width, bool right) {
  size_t have = columns(text);
  std::string blanks(have < width ? width - have : 0, ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

std::string first_line(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = trim(line);
    if (line.empty()) continue;
    std::string out;
    out.reserve(line.size());
    for (char c : line) {
      if (c == '\t') c = ' ';
      if (c != ' ' || !out.ends_with(' ')) out += c;
    }
    return out;
  }
  return {};
}

std::string shown_path(const Style& style, std::string_view path) {
  std::string text;
  for (char c : clean(style, path)) {
    if (c == '\n' || c == '\t') {
      text += c == '\n' ? "^J" : "^I";
    } else {
      text += c;
    }
  }
  return text;
}

std::vector<std::string> wrap(std::string_view text, size_t max) {
  std::vector<std::string> lines;
  while (text.ends_with('\n')) text.remove_suffix(1);
  for (std::string_view raw : split(text, '\n')) {
    std::string line;
    size_t at = 0;
    for (std::string_view rest = raw; !rest.empty();) {
      const char* from = rest.data();
      char32_t point = take_point(rest);
      if (point == '\t') {
        size_t blanks = 4 - at % 4;
        line.append(blanks, ' ');
        at += blanks;
      } else {
        line.append(from, static_cast<size_t>(rest.data() - from));
        at += point_columns(point);
      }
    }
    if (max == 0 || at <= max) {
      lines.push_back(std::move(line));
      continue;
    }
    // What follows a break stands under the line's own beginning.
    size_t inset = line.find_first_not_of(' ');
    if (inset == std::string::npos || inset > max / 2) inset = 0;
    std::string_view rest = line;
    bool first = true;
    while (!rest.empty()) {
      size_t room = first ? max : max - inset;
      size_t used = 0, blank = std::string_view::npos;
      std::string_view ahead = rest;
      while (!ahead.empty()) {
        size_t offset = rest.size() - ahead.size();
        if (ahead[0] == ' ' && offset > (first ? inset : 0)) blank = offset;
        size_t width = point_columns(take_point(ahead));
        if (used + width > room && offset > 0) {
          ahead = rest.substr(offset);
          break;
        }
        used += width;
      }
      size_t cut = rest.size() - ahead.size();
      if (!ahead.empty() && blank != std::string_view::npos && ahead[0] != ' ') cut = blank;
      std::string_view piece = rest.substr(0, cut);
      while (piece.ends_with(' ')) piece.remove_suffix(1);
      lines.push_back((first ? std::string() : std::string(inset, ' ')) + std::string(piece));
      rest.remove_prefix(cut);
      while (rest.starts_with(' ')) rest.remove_prefix(1);
      first = false;
    }
  }
  return lines;
}

std::string block(const Style& style, std::string_view text, std::string_view indent,
                  size_t max_lines, Look look) {
  size_t used = columns(indent);
  auto lines = wrap(text, style.width > used + 20 ? style.width - used : style.width ? 20 : 0);
  size_t shown = lines.size();
  // One line more is shorter than to say that there is one.
  if (!style.full && max_lines && lines.size() > max_lines + 1) shown = max_lines;
  std::string out;
  for (size_t i = 0; i < shown; i++) {
    if (!lines[i].empty()) {
      out += indent;
      out += style.paint(look, lines[i]);
    }
    out += '\n';
  }
  if (shown < lines.size()) {
    out += indent;
    out += style.paint(Look::faint,
                       "… " + count(static_cast<int64_t>(lines.size() - shown), "more line"));
    out += '\n';
  }
  return out;
}

std::string count(int64_t number, std::string_view noun, std::string_view plural) {
  std::string text = std::to_string(number) + " ";
  if (number == 1) return text += noun;
  return plural.empty() ? text + std::string(noun) + "s" : text + std::string(plural);
}

std::string size_text(uint64_t bytes) {
  constexpr std::array<const char*, 4> kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    unit++;
  }
  char text[32];
  snprintf(text, sizeof text, value < 10 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
  return text;
}

std::string Table::text(const Style& style, std::string_view indent) const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    if (row.size() > widths.size()) widths.resize(row.size());
    for (size_t i = 0; i + 1 < row.size(); i++) {
      widths[i] = std::max(widths[i], columns(row[i].text));
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line(indent);
    size_t used = columns(indent);
    for (size_t i = 0; i < row.size(); i++) {
      const Cell& cell = row[i];
      bool last = i + 1 == row.size();
      if (last) {
        size_t room = style.width > used + 10 ? style.width - used : style.width ? 10 : 0;
        line += style.paint(cell.look, fit(cell.text, room));
        break;
      }
      size_t gap = widths[i] - columns(cell.text);
      if (cell.right) line.append(gap, ' ');
      line += style.paint(cell.look, cell.text);
      if (!cell.right) line.append(gap, ' ');
      if (widths[i] > 0) line += "  ";
      used += widths[i] + (widths[i] > 0 ? 2 : 0);
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + '\n';
  }
  return out;
}

}  // namespace baton::render
