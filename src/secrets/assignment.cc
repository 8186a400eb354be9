#include "secrets/assignment.h"

#include <algorithm>

#include "secrets/separator.h"
#include "secrets/shape.h"
#include "secrets/signs.h"

namespace baton::secrets {
namespace {

using shape::is_alnum;

constexpr size_t kMaxNameBefore = 64, kMaxNameAfter = 48;

// Where the line begins: its first byte, or what follows an escaped newline.
bool begins_line(std::string_view text, size_t i) {
  while (i > 0 && is_blank(text[i - 1])) i--;
  if (i == 0 || is_line_end(text[i - 1])) return true;
  return i >= 2 && text[i - 2] == '\\' && (text[i - 1] == 'n' || text[i - 1] == 'r');
}

// Whether the name stands as an environment variable's does: at a line's beginning, after `export`,
// `env`, `-e`, a quote or a `;`.
bool stands_as_setting(std::string_view text, size_t name_begin) {
  if (begins_line(text, name_begin)) return true;
  char before = text[name_begin - 1];
  if (is_quote(before) || before == ';' || before == '|' || before == '&') return true;
  if (before == '+' || before == '>')
    return begins_line(text, name_begin - 1);  // a diff, a quotation
  if (!is_blank(before) && before != ':' && before != '\xa0') return false;
  return true;
}

bool is_upper_name(std::string_view name) {
  bool upper = false;
  for (char c : name) {
    if (c >= 'a' && c <= 'z') return false;
    upper |= is_upper(c);
  }
  return upper;
}

// What ends an unquoted value.
using Ends = bool (*)(char);
bool ends_word(char c) {
  return static_cast<unsigned char>(c) <= ' ' || is_quote(c);
}
bool ends_code(char c) {
  return ends_word(c) || std::string_view(",;)}]>|&<").find(c) != std::string_view::npos;
}
bool ends_query(char c) {
  return ends_code(c) || c == '#';
}
bool ends_header(char c) {
  return ends_word(c) || c == ',';
}
bool ends_element(char c) {
  return is_line_end(c) || c == '<';
}
bool ends_cookie(char c) {
  return ends_word(c) || c == ';' || c == ',';
}

size_t bare_end(std::string_view text, size_t begin, Ends ends) {
  size_t i = begin;
  while (i < text.size() && !ends(text[i]) && !is_escape(text, i)) i++;
  return i;
}

// The text up to what of a value that begins at `begin` is judged: a value that is refused must
// not cost more than that, however long it is.
std::string_view judged(std::string_view text, size_t begin) {
  return text.substr(0, std::min(text.size(), begin + kJudgedBytes));
}

// Marks that close what the value stands in, not the value.
size_t trim_closing(std::string_view text, size_t begin, size_t end) {
  while (end > begin && std::string_view(",;)}]").find(text[end - 1]) != std::string_view::npos)
    end--;
  return end;
}

constexpr std::string_view kSchemes =
    "basic bearer token apikey api-key bot digest negotiate key "
    "ntlm oauth genie genie-key discogs";

// `Bearer x`, `Basic x`, `token x`: the place of x, or of the whole where there is no scheme.
size_t skip_scheme(std::string_view text, size_t begin, bool& has_scheme) {
  size_t i = begin;
  char low[16];
  size_t size = 0;
  while (size < sizeof low && (is_alpha(byte_at(text, i)) || byte_at(text, i) == '-')) {
    low[size++] = static_cast<char>(text[i++] | 0x20);
  }
  has_scheme = size > 0 && is_blank(byte_at(text, i)) && is_among(kSchemes, {low, size});
  return has_scheme ? skip_blanks(text, i) : begin;
}

// An AWS secret key has a form of its own, and documents show one that holds the word EXAMPLE.
bool is_aws_key(std::string_view value, const KeyName& key) {
  constexpr size_t kAwsKeyBytes = 40;
  return key.aws && value.size() == kAwsKeyBytes &&
         std::ranges::all_of(value, [](char c) { return is_alnum(c) || c == '/' || c == '+'; });
}

bool is_secret(std::string_view value, const KeyName& key, const Claim& claim) {
  return is_aws_key(value, key) || is_secret_value(value, claim);
}

std::optional<Value> header_value(std::string_view text, size_t begin, KeyName key) {
  bool has_scheme = false;
  size_t i = skip_scheme(text, begin, has_scheme);
  size_t end = trim_closing(text, i, bare_end(judged(text, i), i, ends_header));
  Claim claim{has_scheme ? Strength::strong : Strength::medium, Place::header,
              Family::authorization};
  if (!is_secret_value(text.substr(i, end - i), claim)) return std::nullopt;
  return Value{i, trim_closing(text, i, bare_end(text, i, ends_header)), key};
}

// A header with several `name=value`: if one of the values looks like a secret, the line is one.
std::optional<Value> cookie_value(std::string_view text, size_t begin, KeyName key) {
  size_t end = begin;
  bool found = false;
  while (end < text.size() && !is_line_end(text[end]) && !is_quote(text[end]) &&
         !is_escape(text, end)) {
    size_t value = end;
    if (text[end] == '=') {
      value = end + 1;
      end = bare_end(judged(text, value), value, ends_cookie);
      found |= is_secret_value(text.substr(value, end - value),
                               {Strength::medium, Place::setting, Family::cookie});
    } else {
      end++;
    }
    if (!found && end - begin > 512) return std::nullopt;
  }
  if (!found) return std::nullopt;
  return Value{begin, end, key};
}

// The beginning of a name of two words, "api key", of which the second begins at `begin`.
size_t with_word_before(std::string_view text, size_t begin) {
  if (begin < 2 || text[begin - 1] != ' ') return begin;
  size_t word = begin - 1;
  while (word > 0 && begin - word < 12 && is_alpha(text[word - 1])) word--;
  return is_among(
             "api Api API access Access secret Secret private Private auth Auth client Client "
             "bearer Bearer bot Bot deploy Deploy encryption Encryption signing Signing",
             text.substr(word, begin - 1 - word))
             ? word
             : begin;
}

// A name with all that is known of its place.
struct Site {
  std::string_view text;
  Name name;
  Separator separator;
  KeyName key;
  bool upper;     // the name is written in capitals
  char before;    // what stands before the name
  bool setting;   // KEY=value, as settings are written
  bool in_query;  // a part of a URL's query or of a connection string

  Site(std::string_view t, const Name& n, const Separator& s, const KeyName& k, bool is_upper)
      : text(t),
        name(n),
        separator(s),
        key(k),
        upper(is_upper),
        before(n.begin > 0 ? t[n.begin - 1] : '\n'),
        setting(s.tight && s.kind == Separator::Kind::assignment && stands_as_setting(t, n.begin)),
        in_query((before == '?' || before == '&' || before == ';') && s.tight &&
                 byte_at(t, n.end) == '=' &&
                 t.substr(n.begin, n.end - n.begin).find('.') == t.npos) {}
};

std::optional<Value> quoted_value(const Site& site, const Quote& quote) {
  using Kind = Separator::Kind;
  std::string_view text = site.text;
  size_t begin = quote.end;
  if (byte_at(text, begin) == quote.sign) {  // empty, or """..."""
    if (byte_at(text, begin + 1) != quote.sign) return std::nullopt;
    begin += 2;
  }
  Claim claim{site.key.strength, site.setting ? Place::setting : Place::quoted, site.key.family};
  // In a list of strings the name may be just another one of them; in capitals it is a setting's.
  if (site.separator.kind == Kind::list && !site.upper) {
    claim.strength = std::min(claim.strength, Strength::medium);
  }
  std::string_view window = judged(text, begin);
  size_t end = string_end(window, begin, quote.sign, quote.escapes);
  if (!is_secret(text.substr(begin, end - begin), site.key, claim)) return std::nullopt;
  if (end == window.size()) end = string_end(text, begin, quote.sign, quote.escapes);
  // Cut off: what follows the first word is not known to belong to it.
  bool closed = byte_at(text, end + quote.escapes) == quote.sign;
  return Value{begin, closed ? end : bare_end(text, begin, ends_word), site.key};
}

// How far an unquoted value goes, and what its place says.
struct Extent {
  Place place = Place::bare;
  Ends ends = ends_code;
  bool trims = true;  // signs that close what the value stands in are cut off its end

  size_t end_in(std::string_view text, size_t begin) const {
    size_t end = bare_end(text, begin, ends);
    if (trims) end = trim_closing(text, begin, end);
    if (place == Place::prose && end > begin && (text[end - 1] == '.' || text[end - 1] == '!'))
      end--;
    return end;
  }
};

// Whether the value of `name: value` is the rest of the line, as in YAML and headers; else it is
// taken for program text.
bool is_rest_of_line(const Site& site, size_t begin) {
  std::string_view text = site.text;
  size_t word = bare_end(judged(text, begin), begin, ends_word), rest = skip_blanks(text, word);
  if (word > begin && (text[word - 1] == ';' || text[word - 1] == ',')) return false;
  bool ends = rest >= text.size() || is_line_end(text[rest]) || is_escape(text, rest) ||
              is_quote(text[rest]) || text[rest] == '#';
  bool begins = begins_line(text, site.name.begin) || site.before == ' ' || site.before == '-' ||
                site.before == '+' || site.before == ':' || is_quote(site.before);
  return ends && begins;
}

Extent bare_extent(const Site& site, size_t begin) {
  using Kind = Separator::Kind;
  switch (site.separator.kind) {
    case Kind::element:
      return {Place::quoted, ends_element, false};
    case Kind::prose:
    case Kind::beside:
      return {Place::prose, ends_word};
    case Kind::flag:
      return {Place::line, ends_word, false};
    case Kind::encoded:
      return {Place::line, ends_query};
    case Kind::login:
      return {Place::setting, ends_word, false};
    case Kind::colon:
      return is_rest_of_line(site, begin) ? Extent{Place::line, ends_word} : Extent{};
    default:
      break;
  }
  if (site.in_query) return {Place::line, ends_query};
  if (site.separator.tight && site.before == '-') return {Place::line, ends_word};
  const bool begins = begins_line(site.text, site.name.begin);
  if (site.setting) return {site.upper || begins ? Place::setting : Place::bare, ends_word};
  if (site.upper && begins) return {Place::line, ends_word};
  return {};
}

std::optional<Value> bare_value(const Site& site, size_t begin) {
  std::string_view text = site.text, window = judged(text, begin);
  // A path of names, not a value: arn:aws:...:secret:...
  if (site.separator.kind == Separator::Kind::colon && site.separator.tight && site.before == ':') {
    return std::nullopt;
  }
  const bool beside = site.separator.kind == Separator::Kind::beside;
  if (beside && site.key.strength != Strength::strong) return std::nullopt;
  Extent extent = bare_extent(site, begin);
  size_t end = extent.end_in(window, begin);
  // A call, an element of an array.
  if (extent.place == Place::bare && (byte_at(text, end) == '(' || byte_at(text, end) == '[')) {
    return std::nullopt;
  }
  std::string_view value = text.substr(begin, end - begin);
  // Two words side by side say little: the second must be as long and as wild as generated ones.
  if (beside && !is_aws_key(value, site.key) && (value.size() < 16 || !looks_random(value))) {
    return std::nullopt;
  }
  Claim claim{site.key.strength, extent.place, site.key.family};
  if (!is_secret(value, site.key, claim)) return std::nullopt;
  return Value{begin, end == window.size() ? extent.end_in(text, begin) : end, site.key};
}

}  // namespace

bool is_escape(std::string_view text, size_t i) {
  if (text[i] != '\\') return false;
  size_t limit = i + 8;  // JSON inside JSON
  while (i < limit && byte_at(text, i) == '\\') i++;
  char next = byte_at(text, i);
  if (next == 'u') {
    return is_among("0009 000a 000A 000d 000D 001b 001B 0020 0022 0027", text.substr(i + 1, 4));
  }
  return next == 'n' || next == 'r' || next == 't' || is_quote(next);
}

size_t string_end(std::string_view text, size_t begin, char quote, size_t escapes) {
  size_t backslashes = 0;
  for (size_t i = begin; i < text.size(); i++) {
    char c = text[i];
    if (c == '\\') {
      backslashes++;
      continue;
    }
    if (c == quote && backslashes % (2 * escapes + 2) == escapes) return i - escapes;
    if (is_line_end(c)) return i;
    backslashes = 0;
  }
  return text.size();
}

size_t name_begin(std::string_view text, size_t at) {
  size_t begin = at, first = at > kMaxNameBefore ? at - kMaxNameBefore : 0;
  while (begin > first) {
    char c = text[begin - 1];
    if (!is_name_byte(c) && c != '-' && c != '.') break;
    begin--;
  }
  // The escape of a newline or a quote is no part of the name.
  if (begin > 0 && text[begin - 1] == '\\' && begin < at) {
    char c = text[begin];
    if (c == 'n' || c == 'r' || c == 't')
      begin++;
    else if (c == 'u' && begin + 5 <= at)
      begin += 5;
  }
  // Nor is what stands for a sign in an encoded address: %3Ftoken%3D
  if (begin > 0 && text[begin - 1] == '%' && begin + 2 <= at) begin += 2;
  while (begin < at && !is_name_byte(text[begin])) begin++;
  return begin;
}

size_t name_end(std::string_view text, size_t at) {
  size_t end = at, last = std::min(text.size(), at + kMaxNameAfter);
  while (end < last) {
    char c = text[end];
    if (!is_name_byte(c) && !((c == '-' || c == '.') && is_name_byte(byte_at(text, end + 1))))
      break;
    end++;
  }
  return end;
}

bool may_separate(std::string_view text, size_t name_end) {
  switch (byte_at(text, name_end)) {
    case '=':
    case ':':
    case '"':
    case '\'':
    case '`':
    case '\\':
    case ']':
    case '>':
    case ' ':
    case '\t':
    case ',':
    case '(':
    case '!':
    case '?':
    case '+':
    case '|':
    case '\n':
    case '\r':
    case '\x1b':
    case '%':
      return true;
    default:
      return false;
  }
}

std::optional<Value> bearer_value(std::string_view text, size_t at) {
  bool has_scheme = false;
  size_t begin = skip_scheme(text, at, has_scheme);
  if (!has_scheme) return std::nullopt;
  size_t end = bare_end(judged(text, begin), begin, ends_code);
  std::string_view value = text.substr(begin, end - begin);
  if (value.size() < 16 ||
      !is_secret_value(value, {Strength::medium, Place::header, Family::authorization})) {
    return std::nullopt;
  }
  return Value{begin, bare_end(text, begin, ends_code), {Strength::medium, Family::authorization}};
}

std::optional<Value> secret_value(std::string_view text, const Name& name) {
  using Kind = Separator::Kind;
  // The name is part of our own mark.
  if (text.substr(0, name.begin).ends_with("[masked:")) return std::nullopt;
  auto separator = separator_after(text, name);
  if (!separator) return std::nullopt;
  std::string_view written = text.substr(name.begin, name.end - name.begin);
  const bool upper = is_upper_name(written);
  KeyName key = key_name(written, upper);
  if (key.strength < Strength::strong) {  // "the api key is x"
    size_t begin = with_word_before(text, name.begin);
    if (begin < name.begin) key = key_name(text.substr(begin, name.end - begin), false);
  }
  if (key.strength == Strength::none) return std::nullopt;
  const Site site(text, name, *separator, key, upper);

  size_t begin = separator->end;
  if (is_quote(byte_at(text, begin + 1))) {  // b"..." and its like
    char prefix = byte_at(text, begin);
    if (is_alpha(prefix) || prefix == '@' || prefix == '$') begin++;
  }
  auto quote = quote_at(text, begin);
  size_t inside = quote ? quote->end : begin;
  if (key.family == Family::signature && !site.in_query) return std::nullopt;
  if (key.family == Family::cookie) {
    if (separator->kind != Kind::colon) return std::nullopt;
    return cookie_value(text, inside, key);
  }
  if (key.family == Family::authorization && key.strength == Strength::strong) {
    return header_value(text, inside, key);
  }
  if (quote) return quoted_value(site, *quote);
  return separator->must_quote ? std::nullopt : bare_value(site, begin);
}

}  // namespace baton::secrets
