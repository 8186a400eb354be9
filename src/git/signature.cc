#include "git/signature.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::git {

void parse_time(std::string_view text, Signature& signature) {
  size_t space = text.find(' ');
  signature.time = parse_int(text.substr(0, space)).value_or(0);
  if (space == std::string_view::npos || text.size() < space + 6) return;
  int64_t zone = parse_int(text.substr(space + 2, 4)).value_or(0);
  signature.offset_minutes = static_cast<int>(zone / 100 * 60 + zone % 100);
  if (text[space + 1] == '-') signature.offset_minutes = -signature.offset_minutes;
}

std::string format_signature(const Signature& signature) {
  auto clean = [](std::string_view text) {
    std::string out;
    for (char c : text) {
      if (c != '<' && c != '>' && c != '\n' && c != '\0') out += c;
    }
    return std::string(trim(out));
  };
  int minutes = std::abs(signature.offset_minutes);
  char zone[8];
  snprintf(zone, sizeof zone, "%c%02d%02d", signature.offset_minutes < 0 ? '-' : '+',
           minutes / 60 % 100, minutes % 60);
  std::string name = clean(signature.name);
  return (name.empty() ? "unknown" : name) + " <" + clean(signature.email) + "> " +
         std::to_string(std::max<int64_t>(signature.time, 0)) + " " + zone;
}

}  // namespace baton::git
