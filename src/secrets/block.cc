#include "secrets/block.h"

#include <algorithm>
#include <string>

#include "secrets/assignment.h"
#include "secrets/judge.h"
#include "secrets/shape.h"

namespace baton::secrets {
namespace {

using shape::is_alnum;

constexpr size_t kMaxLabel = 64;       // "ENCRYPTED PRIVATE KEY"
constexpr size_t kMaxLinePrefix = 24;  // "   1042→", "+", "> ", "# "
constexpr size_t kMaxHeader = 256;     // "DEK-Info: AES-128-CBC,...", and any line of a key
constexpr size_t kMinKeyBytes = 16;    // a body shorter than this is no key
constexpr size_t kMaxUserInfo = 512;

char byte_at(std::string_view text, size_t i) {
  return i < text.size() ? text[i] : '\0';
}
bool is_base64(char c) {
  return is_alnum(c) || c == '+' || c == '/' || c == '=';
}

// Behind a line end: LF, CRLF, or these as escapes (`\n`, `\\n`, `\r\n`).
std::optional<size_t> skip_line_end(std::string_view text, size_t i) {
  size_t start = i;
  while (byte_at(text, i) == '\r') i++;
  if (byte_at(text, i) == '\n') return i + 1;
  if (i > start) return i;
  while (byte_at(text, i) == '\\') {
    size_t slash = i;
    while (byte_at(text, slash) == '\\') slash++;
    char c = byte_at(text, slash);
    if (c != 'n' && c != 'r') break;
    i = slash + 1;
    if (c == 'n') return i;
  }
  return i > start ? std::optional(i) : std::nullopt;
}

// What tools and languages put before a line: blanks, numbers, `→ | + - > # * " '`, `cat -n`'s tab.
size_t skip_line_prefix(std::string_view text, size_t i) {
  size_t start = i, limit = std::min(text.size(), i + kMaxLinePrefix);
  auto is_sign = [&](size_t k) {
    char c = text[k];
    return c == ' ' || c == '\t' || c == '|' || c == '>' || c == '#' || c == '*' || c == ':' ||
           c == '"' || c == '\'' || c == '`' || c == ',' || static_cast<unsigned char>(c) >= 0x80;
  };
  auto skip_signs = [&] {
    while (i < limit && (is_sign(i) || (byte_at(text, i) == '\\' && byte_at(text, i + 1) == 't'))) {
      i += text[i] == '\\' ? 2 : 1;
    }
  };
  skip_signs();
  size_t number = i;
  while (number < limit && is_digit(text[number])) number++;
  // A number counts as one only with a sign behind it: digits are base64 too.
  if (number > i && number < limit && (is_sign(number) || text[number] == '-')) i = number;
  if (i == start && i + 1 < limit && (text[i] == '+' || text[i] == '-') && text[i + 1] != '-') i++;
  skip_signs();
  return i;
}

// Signs that close a string in a program's text at a line's end: `MIIE...\n" +`.
size_t skip_line_suffix(std::string_view text, size_t i) {
  size_t limit = std::min(text.size(), i + 8);
  while (i < limit && (text[i] == '"' || text[i] == '\'' || text[i] == ' ' || text[i] == '+' ||
                       text[i] == ',' || text[i] == '.' || text[i] == ';' || text[i] == '\t')) {
    i++;
  }
  return i;
}

// "Proc-Type: 4,ENCRYPTED", "DEK-Info: ...", "Comment: ...": the headers of old PEM.
bool is_pem_header(std::string_view line) {
  size_t colon = line.find(": ");
  return colon != line.npos && colon >= 3 && colon <= 24 &&
         std::ranges::all_of(line.substr(0, colon), [](char c) { return is_alpha(c) || c == '-'; });
}

// Behind "-----BEGIN RSA PRIVATE KEY-----" that begins at `i`; nothing if it is another label.
std::optional<size_t> skip_label(std::string_view text, size_t i, std::string_view word) {
  size_t dashes = i;
  while (byte_at(text, i) == '-') i++;
  if (i - dashes < 4) return std::nullopt;
  if (byte_at(text, i) == ' ') i++;  // "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"
  if (!text.substr(i).starts_with(word)) return std::nullopt;
  size_t end = text.substr(0, std::min(text.size(), i + kMaxLabel)).find("--", i);
  if (end == text.npos) {
    // Cut inside the label: nothing of the key is there.
    return std::nullopt;
  }
  if (text.substr(i, end - i).find("PRIVATE KEY") == text.npos) return std::nullopt;
  while (byte_at(text, end) == '-') end++;
  return end;
}

// Where the run of base64 that begins at `i` ends.
size_t base64_end(std::string_view text, size_t i) {
  while (i < text.size()) {
    if (is_base64(text[i]))
      i++;
    else if (text[i] == '\\' && byte_at(text, i + 1) == '/')
      i += 2;  // as some write it in JSON
    else
      break;
  }
  return i;
}

// Whether the line that a run of base64 is on ends behind it.
bool line_ends(std::string_view text, size_t i) {
  i = skip_line_suffix(text, i);
  if (text.find_first_not_of('\\', i) == text.npos) return true;  // cut inside an escape
  return i >= text.size() || text[i] == '-' || text[i] == '\x1b' || skip_line_end(text, i);
}

// From the end of one line to where the next one's content begins. `file` is the name that grep put
// before each line.
size_t next_line(std::string_view text, size_t i, std::string_view file = {}) {
  for (int ends = 0; ends < 4; ends++) {  // `\n" +` and a newline are two
    size_t suffix = skip_line_suffix(text, i);
    auto next = skip_line_end(text, suffix);
    if (!next) break;
    i = *next;
  }
  if (!file.empty() && text.substr(i).starts_with(file)) {
    char sign = byte_at(text, i + file.size());
    if (sign == ':' || sign == '-') {
      i += file.size() + 1;
      size_t number = i;
      while (is_digit(byte_at(text, number))) number++;
      if (number > i && byte_at(text, number) == sign) i = number + 1;
    }
  }
  return skip_line_prefix(text, i);
}

// The body of a key from `i` on: where it ends and how many of its bytes are base64.
struct Body {
  size_t end = 0, bytes = 0;
};
Body key_body(std::string_view text, size_t i, std::string_view file = {}) {
  Body body{i, 0};
  for (;;) {
    size_t line = next_line(text, i, file);
    size_t end = base64_end(text, line);
    if (body.bytes == 0) {
      std::string_view head = text.substr(0, std::min(text.size(), line + kMaxHeader));
      size_t head_end = std::min({head.find('\n', line), head.find("\\n", line), head.size()});
      if (is_pem_header(head.substr(line, head_end - line))) {
        i = head_end;
        continue;
      }
    }
    size_t size = end - line;
    if (size == 0) return body;
    // What is not the whole of a line is a key's only if it is as long as its lines are.
    if (line_ends(text, end) ? body.bytes == 0 && size < kMinKeyBytes : size < 60) return body;
    // The last line of a key may be short; a word that follows a cut key is none.
    if (body.bytes > 0 && size < 24 && end < text.size() &&
        !looks_random(text.substr(line, size)) &&
        text.substr(line, size).find_first_of("0123456789+/=") == text.npos) {
      return body;
    }
    body.bytes += size;
    body.end = i = end;
  }
}

// The place where the line that holds `i` begins, as far as it is not before `floor`; lines may be
// joined by `\n`.
size_t line_begin(std::string_view text, size_t i, size_t floor) {
  floor = std::max(floor, i > kMaxHeader ? i - kMaxHeader : 0);
  while (i > floor && text[i - 1] != '\n' &&
         !(text[i - 1] == 'n' && i >= floor + 2 && text[i - 2] == '\\')) {
    i--;
  }
  return i;
}

// The end of the line before the one that begins at `i`.
size_t line_end_before(std::string_view text, size_t i) {
  if (i > 0 && text[i - 1] == '\n')
    i--;
  else if (i > 1 && text[i - 1] == 'n')
    i--;
  while (i > 0 && (text[i - 1] == '\\' || text[i - 1] == '\r')) i--;
  return i;
}

// The file's name in `keys/a.pem:12:` and `keys/a.pem:`, which is all that stands before a line's
// content; nothing if something else does.
std::string_view file_before(std::string_view text, size_t i) {
  size_t begin = line_begin(text, i, 0);
  std::string_view before = text.substr(begin, i - begin);
  if (!before.ends_with(':')) return {};
  before.remove_suffix(1);
  size_t digits = before.size();
  while (digits > 0 && is_digit(before[digits - 1])) digits--;
  if (digits < before.size() && digits > 1 && before[digits - 1] == ':') {
    before = before.substr(0, digits - 1);
  }
  bool name =
      std::ranges::none_of(before, [](char c) { return c == ' ' || c == '\t' || c == ':'; });
  return name ? before : std::string_view();
}

bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}

}  // namespace

bool is_key_line(std::string_view line) {
  size_t begin = skip_line_prefix(line, 0), end = base64_end(line, begin);
  return end - begin >= 16 && line_ends(line, end);
}

std::optional<Span> private_key_from(std::string_view text, size_t at) {
  size_t begin = at;
  while (begin > 0 && at - begin < 4 && text[begin - 1] == '-') begin--;
  auto label = skip_label(text, begin, "BEGIN ");
  if (!label) return std::nullopt;
  std::string_view file = file_before(text, begin);
  Body body = key_body(text, *label, file);
  if (body.bytes < kMinKeyBytes) return std::nullopt;
  // The END line belongs to it.
  if (auto last = skip_label(text, next_line(text, body.end, file), "END "))
    return Span{begin, *last};
  return Span{begin, body.end};
}

std::optional<Span> private_key_before(std::string_view text, size_t at, size_t floor) {
  size_t begin = at;
  while (begin > floor && at - begin < 4 && text[begin - 1] == '-') begin--;
  auto end = skip_label(text, begin, "END ");
  if (!end) return std::nullopt;
  size_t first = line_begin(text, begin, floor), bytes = 0;
  if (skip_line_prefix(text, first) < begin && text[first] != '+') return std::nullopt;
  while (first > floor) {
    size_t line_end = line_end_before(text, first);
    size_t line = line_begin(text, line_end, floor);
    std::string_view content = text.substr(line, line_end - line);
    size_t key = skip_line_prefix(content, 0), key_end = base64_end(content, key);
    bool whole = skip_line_suffix(content, key_end) >= content.size();
    bool is_last = bytes == 0 && key_end > key;
    if (!whole || (key_end - key < 16 && !is_last) || line >= first) break;
    bytes += key_end - key;
    first = line;
  }
  if (bytes < kMinKeyBytes) return std::nullopt;
  return Span{first, *end};
}

std::optional<Span> encoded_private_key(std::string_view text, size_t at) {
  constexpr std::string_view kBegin = "LS0tLS1CRUdJTi";
  constexpr size_t kBefore = kBegin.find("CRU"), kLabelBytes = 64;
  if (at < kBefore || !text.substr(at - kBefore).starts_with(kBegin)) return std::nullopt;
  const size_t begin = at - kBefore;
  // The label, decoded.
  std::string label;
  uint32_t bits = 0;
  size_t digits = 0;
  for (char c : text.substr(begin, kLabelBytes)) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t digit = kDigits.find(c);
    if (digit == kDigits.npos) break;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    if (++digits % 4 != 0) continue;
    for (int shift : {16, 8, 0}) label.push_back(static_cast<char>(bits >> shift));
  }
  if (label.find("PRIVATE KEY") == label.npos) return std::nullopt;
  Body body = key_body(text, begin);
  if (body.bytes <= kLabelBytes) return std::nullopt;
  return Span{begin, body.end};
}

std::optional<Span> putty_key(std::string_view text, size_t at) {
  constexpr std::string_view kHeading = "Private-Lines:";
  if (at < 7 || !text.substr(at - 7).starts_with(kHeading)) return std::nullopt;
  size_t i = at - 7 + kHeading.size();
  while (byte_at(text, i) == ' ' || is_digit(byte_at(text, i))) i++;
  auto next = skip_line_end(text, i);
  if (!next) return std::nullopt;
  Body body = key_body(text, i);
  if (body.bytes < kMinKeyBytes) return std::nullopt;
  return Span{skip_line_prefix(text, *next), body.end};
}

std::optional<Span> url_password(std::string_view text, size_t at) {
  size_t begin = at + 3;
  if (at == 0 || !is_alnum(text[at - 1])) return std::nullopt;
  size_t limit = std::min(text.size(), begin + kMaxUserInfo);
  size_t colon = 0, last_at = 0, i = begin;
  for (; i < limit; i++) {
    char c = text[i];
    if (static_cast<unsigned char>(c) <= ' ' || is_quote(c) || c == '<' || c == '>' ||
        is_escape(text, i)) {
      break;
    }
    if (c == '/' || c == '?' || c == '#') {
      // Unescaped in a password is wrong, yet found: only where a host cannot end here.
      if (last_at != 0 || colon == 0) break;
      bool port = std::ranges::all_of(text.substr(colon + 1, i - colon - 1), is_digit);
      if (port) break;
    }
    if (c == ':' && colon == 0) colon = i;
    if (c == '@') last_at = i;
  }
  if (last_at == 0) return std::nullopt;
  char host = byte_at(text, last_at + 1);
  if (!is_alnum(host) && host != '[' && host != '$' && host != '{' && host != '%' && host != '/') {
    return std::nullopt;
  }
  size_t user_end = colon != 0 && colon < last_at ? colon : last_at;
  std::string_view user = text.substr(begin, user_end - begin);
  size_t secret = user_end == colon ? colon + 1 : last_at;
  std::string_view password = text.substr(secret, last_at - secret);
  if (password.empty() || password == "x-oauth-basic") {
    // A token in the user's place.
    if (user.size() < 16 || is_reference(user) || !looks_random(user)) return std::nullopt;
    return Span{begin, user_end};
  }
  if (password.size() < 4 || password.find_first_of("[]<>") != password.npos ||
      is_reference(password) || password.find("${") != password.npos ||
      password.find("{{") != password.npos || password.find("%s") != password.npos ||
      is_password_word(password) || password.front() == '{' || password.front() == '$' ||
      password == user) {
    return std::nullopt;
  }
  char low[16];
  if (password.size() <= sizeof low) {
    for (size_t k = 0; k < password.size(); k++) low[k] = static_cast<char>(password[k] | 0x20);
    if (is_password_word({low, password.size()})) return std::nullopt;
  }
  return Span{secret, last_at};
}

}  // namespace baton::secrets
