#include "git/wildmatch.h"

#include <cstddef>

namespace baton::git {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

bool is_upper(unsigned char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(unsigned char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(unsigned char c) {
  return is_upper(c) || is_lower(c);
}
unsigned char to_lower(unsigned char c) {
  return is_upper(c) ? static_cast<unsigned char>(c + 32) : c;
}

enum class Verdict { no, yes, never };  // never: this pattern matches nothing at all

// The named classes, with git's own idea of "space" (no vertical tab, no form feed).
Verdict in_named_class(std::string_view name, unsigned char c, bool fold_case) {
  bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
  bool print = c >= 0x20 && c < 0x7f;
  bool in = false;
  if (name == "alnum") {
    in = is_alpha(c) || is_digit(c);
  } else if (name == "alpha") {
    in = is_alpha(c);
  } else if (name == "blank") {
    in = c == ' ' || c == '\t';
  } else if (name == "cntrl") {
    in = c < 0x20 || c == 0x7f;
  } else if (name == "digit") {
    in = is_digit(c);
  } else if (name == "graph") {
    in = print && !space;
  } else if (name == "lower") {
    in = is_lower(c);
  } else if (name == "print") {
    in = print;
  } else if (name == "punct") {
    in = print && !space && !is_alpha(c) && !is_digit(c);
  } else if (name == "space") {
    in = space;
  } else if (name == "upper") {
    in = is_upper(c) || (fold_case && is_lower(c));
  } else if (name == "xdigit") {
    in = is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
  } else {
    return Verdict::never;
  }
  return in ? Verdict::yes : Verdict::no;
}

// One element of the pattern that is not a star, against one byte. `at` moves behind the element.
class Element {
 public:
  Element(std::string_view pattern, WildOptions options) : pattern_(pattern), options_(options) {}

  Verdict match(size_t& at, unsigned char c) const {
    if (options_.fold_case) c = to_lower(c);
    unsigned char p = byte(at);
    switch (p) {
      case '?':
        ++at;
        return options_.pathname && c == '/' ? Verdict::no : Verdict::yes;
      case '[':
        return match_class(at, c);
      case '\\': {
        // An escaped letter keeps its case even where case is folded: git's own oddity.
        if (at + 1 >= pattern_.size()) return Verdict::never;
        p = byte(at + 1);
        at += 2;
        return p == c ? Verdict::yes : Verdict::no;
      }
      default:
        ++at;
        return (options_.fold_case ? to_lower(p) : p) == c ? Verdict::yes : Verdict::no;
    }
  }

 private:
  unsigned char byte(size_t at) const {
    return at < pattern_.size() ? static_cast<unsigned char>(pattern_[at]) : 0;
  }

  Verdict match_class(size_t& at, unsigned char c) const {
    size_t i = at + 1;
    bool negated = byte(i) == '!' || byte(i) == '^';
    if (negated) ++i;
    bool in = false;
    bool first = true;
    unsigned char low = 0;  // what a following '-' would start its range at
    for (;; first = false) {
      if (i >= pattern_.size()) return Verdict::never;
      unsigned char p = byte(i);
      if (p == ']' && !first) break;
      if (p == '\\') {
        if (++i >= pattern_.size()) return Verdict::never;
        low = byte(i);
        in |= low == c;
      } else if (p == '-' && low && byte(i + 1) && byte(i + 1) != ']') {
        unsigned char high = byte(++i);
        if (high == '\\') {
          if (++i >= pattern_.size()) return Verdict::never;
          high = byte(i);
        }
        in |= low <= c && c <= high;
        if (options_.fold_case && is_lower(c)) in |= low <= c - 32 && c - 32 <= high;
        low = 0;
      } else if (p == '[' && byte(i + 1) == ':') {
        size_t close = pattern_.find(']', i + 2);
        if (close == std::string_view::npos) return Verdict::never;
        if (close >= i + 3 && byte(close - 1) == ':') {
          Verdict named =
              in_named_class(pattern_.substr(i + 2, close - i - 3), c, options_.fold_case);
          if (named == Verdict::never) return named;
          in |= named == Verdict::yes;
          low = 0;
          i = close;
        } else {  // no ":]": the bracket is an ordinary member
          in |= c == '[';
          low = '[';
        }
      } else {
        in |= p == c;
        low = p;
      }
      ++i;
    }
    at = i + 1;
    if (options_.pathname && c == '/') return Verdict::no;
    return in != negated ? Verdict::yes : Verdict::no;
  }

  std::string_view pattern_;
  WildOptions options_;
};

}  // namespace

// Backtracking needs to remember one `*` and one `**` only. What a star before the newest one of
// its kind could still do, the newest can do too: between two `*` of a path component the rest has
// a fixed length, and a `**` reached earlier in the text reaches all that it would reach later. A
// `*` never crosses a '/', so when it is used up the last `**` takes one more step.
bool wildmatch(std::string_view pattern, std::string_view text, WildOptions options) {
  Element element(pattern, options);
  size_t p = 0, t = 0;
  size_t star_p = kNone, star_t = 0;  // resume the pattern here with the star one byte longer
  size_t deep_p = kNone, deep_t = 0;
  bool deep_is_directories = false;  // `**/`: stands for whole path components

  // Where a star may end at or after `from`, if the pattern goes on at `behind`: the byte there has
  // to be in the text.
  auto stop = [&](size_t behind, size_t from) -> size_t {
    char c = pattern[behind];
    if (options.fold_case || is_wild(c)) return from;
    size_t at = text.find(c, from);
    return at == std::string_view::npos ? text.size() : at;
  };
  auto backtrack = [&]() -> bool {
    if (star_p != kNone) {
      if (star_t < text.size() && text[star_t] != '/') {
        size_t next = stop(star_p, star_t + 1);
        if (text.substr(star_t, next - star_t).find('/') == std::string_view::npos) {
          p = star_p;
          t = star_t = next;
          return true;
        }
      }
      star_p = kNone;
    }
    if (deep_p == kNone) return false;
    if (deep_is_directories) {
      size_t slash = text.find('/', deep_t);
      if (slash == std::string_view::npos) return false;
      deep_t = slash + 1;
    } else {
      if (deep_t >= text.size()) return false;
      deep_t = stop(deep_p, deep_t + 1);
    }
    p = deep_p;
    t = deep_t;
    return true;
  };

  for (;;) {
    if (p < pattern.size() && pattern[p] == '*') {
      size_t end = pattern.find_first_not_of('*', p);
      if (end == std::string_view::npos) end = pattern.size();
      std::string_view rest = pattern.substr(end);
      bool deep =
          !options.pathname || (end - p >= 2 && (p == 0 || pattern[p - 1] == '/') &&
                                (rest.empty() || rest.starts_with('/') || rest.starts_with("\\/")));
      if (rest.empty()) {
        if (deep || text.find('/', t) == std::string_view::npos) return true;
        if (!backtrack()) return false;
        continue;
      }
      if (deep) {
        deep_is_directories = options.pathname && rest.starts_with('/');
        p = deep_p = deep_is_directories ? end + 1 : end;
        deep_t = t;
        star_p = kNone;
      } else {
        p = star_p = end;
        star_t = t;
      }
      continue;
    }
    if (t == text.size()) {
      if (p == pattern.size()) return true;
    } else if (p < pattern.size()) {
      Verdict verdict = element.match(p, static_cast<unsigned char>(text[t]));
      if (verdict == Verdict::never) return false;
      if (verdict == Verdict::yes) {
        ++t;
        continue;
      }
    }
    if (!backtrack()) return false;
  }
}

}  // namespace baton::git
