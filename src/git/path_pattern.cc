#include "git/path_pattern.h"

#include <algorithm>
#include <cstring>

#include "git/wildmatch.h"

namespace baton::git {
namespace {

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_bytes(std::string_view a, std::string_view b, bool fold_case) {
  if (a.size() != b.size()) return false;
  if (!fold_case) return memcmp(a.data(), b.data(), a.size()) == 0;
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

size_t literal_length(std::string_view text) {
  return static_cast<size_t>(std::find_if(text.begin(), text.end(), is_wild) - text.begin());
}

}  // namespace

PathPattern PathPattern::parse(std::string_view line) {
  PathPattern pattern;
  if (line.starts_with('!')) {
    pattern.negative = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    pattern.directory_only = true;
    line.remove_suffix(1);
  }
  pattern.text = line;
  pattern.any_depth = line.find('/') == std::string_view::npos;
  pattern.literal = static_cast<uint32_t>(literal_length(line));
  pattern.suffix = line.starts_with('*') && literal_length(line.substr(1)) + 1 == line.size();
  // A ']' may close a class, and a '/' may belong to a `**/` that stands for nothing.
  if (!line.empty() && !is_wild(line.back()) && line.back() != ']' && line.back() != '/') {
    pattern.last = to_lower(line.back());
  }
  return pattern;
}

bool PathPattern::matches_name(std::string_view name, bool fold_case) const {
  if (literal == text.size()) return same_bytes(text, name, fold_case);
  if (suffix) {
    size_t tail = text.size() - 1;
    return tail <= name.size() &&
           same_bytes(text.substr(1), name.substr(name.size() - tail), fold_case);
  }
  return wildmatch(text, name, {.fold_case = fold_case});
}

bool PathPattern::matches(std::string_view path, size_t base_size, bool fold_case) const {
  std::string_view name = path.substr(base_size);
  if (any_depth) {
    size_t slash = name.rfind('/');
    return matches_name(slash == std::string_view::npos ? name : name.substr(slash + 1), fold_case);
  }
  std::string_view rest = text;
  size_t prefix = literal;
  if (rest.starts_with('/')) {
    rest.remove_prefix(1);
    --prefix;
  }
  // git compares the literal part first and gives its matcher only what follows. That shows: a
  // `**` behind literal text then stands at the start of a pattern.
  if (prefix > 0) {
    if (prefix > name.size() ||
        !same_bytes(rest.substr(0, prefix), name.substr(0, prefix), fold_case)) {
      return false;
    }
    rest.remove_prefix(prefix);
    name.remove_prefix(prefix);
    if (rest.empty()) return name.empty();
  }
  return wildmatch(rest, name, {.pathname = true, .fold_case = fold_case});
}

}  // namespace baton::git
