#include "base/json.h"

#define RAPIDJSON_HAS_STDSTRING 0
#define RAPIDJSON_48BITPOINTER_OPTIMIZATION 1
#if defined(__SSE2__)
#define RAPIDJSON_SSE2 1
#endif
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wclass-memaccess"
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <rapidjson/writer.h>
#pragma GCC diagnostic pop

#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/bytes.h"

namespace baton::json {
namespace {

using Node = rapidjson::Value;

constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag;

const Node* node_of(const void* node) {
  return static_cast<const Node*>(node);
}

std::string_view view(const Node& node) {
  return {node.GetString(), node.GetStringLength()};
}

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
  auto unit = [&](size_t i) -> uint32_t {
    auto first = static_cast<unsigned char>(bytes[i]);
    auto second = static_cast<unsigned char>(bytes[i + 1]);
    return big_endian ? first << 8 | second : second << 8 | first;
  };
  std::string out;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    uint32_t code = unit(i);
    if (code >= 0xd800 && code < 0xdc00 && i + 3 < bytes.size()) {
      uint32_t low = unit(i + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i += 2;
      }
    }
    append_utf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
  }
  return out;
}

// A UTF-16 text has a byte order mark, or a NUL as one of its first two bytes (JSON starts ASCII).
bool convert_utf16(std::string& text) {
  if (text.size() < 2) return false;
  auto first = static_cast<unsigned char>(text[0]);
  auto second = static_cast<unsigned char>(text[1]);
  if (first == 0xff && second == 0xfe) {
    text = from_utf16(std::string_view(text).substr(2), false);
  } else if (first == 0xfe && second == 0xff) {
    text = from_utf16(std::string_view(text).substr(2), true);
  } else if (first != 0 && second == 0) {
    text = from_utf16(text, false);
  } else if (first == 0 && second != 0) {
    text = from_utf16(text, true);
  } else {
    return false;
  }
  return true;
}

int hex4(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (size_t i = at; i < at + 4; ++i) {
    char c = text[i];
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool holds_control(std::string_view text) {
  uint64_t seen = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    memcpy(&word, text.data() + i, 8);
    // Bytes below 0x20 have their high bit set by the subtraction and not in themselves.
    seen |= (word - 0x2020202020202020ull) & ~word & 0x8080808080808080ull;
  }
  if (seen) return true;
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x20) return true;
  }
  return false;
}

// Whether the slow pass below could change anything: a control character other than the white
// space between tokens, or an escape of the surrogate range.
bool suspicious(std::string_view text) {
  for (size_t at = text.find("\\u"); at != std::string_view::npos; at = text.find("\\u", at + 2)) {
    if (at + 2 < text.size() && (text[at + 2] == 'd' || text[at + 2] == 'D')) return true;
  }
  return holds_control(text);
}

// Escapes control characters inside strings and replaces lone surrogate escapes.
std::string mend_strings(std::string_view text, bool& changed) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (!in_string) {
      in_string = c == '"';
      out += c;
      continue;
    }
    if (c == '"') {
      in_string = false;
      out += c;
    } else if (c == '\\' && i + 1 < text.size()) {
      if (text[i + 1] == 'u') {
        int code = hex4(text, i + 2);
        if (code >= 0xd800 && code < 0xdc00) {
          bool paired = i + 7 < text.size() && text[i + 6] == '\\' && text[i + 7] == 'u';
          int low = paired ? hex4(text, i + 8) : -1;
          if (low >= 0xdc00 && low < 0xe000) {
            out.append(text, i, 12);
            i += 11;
            continue;
          }
        }
        if (code >= 0xd800 && code < 0xe000) {
          out += "\\ufffd";
          i += 5;
          changed = true;
          continue;
        }
      }
      out += c;
      out += text[++i];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      snprintf(escaped, sizeof escaped, "\\u%04x", c);
      out += escaped;
      changed = true;
    } else {
      out += c;
    }
  }
  return out;
}

// Copies parse events to a Writer, asking the rewriter at each string.
class RewriteHandler {
 public:
  RewriteHandler(Writer& writer, const Rewriter& rewriter) : writer_(writer), rewriter_(rewriter) {}

  bool Null() { return enter(), writer_.null(), true; }
  bool Bool(bool value) { return enter(), writer_.boolean(value), true; }
  bool Int(int value) { return enter(), writer_.integer(value), true; }
  bool Uint(unsigned value) { return enter(), writer_.integer(value), true; }
  bool Int64(int64_t value) { return enter(), writer_.integer(value), true; }
  bool Uint64(uint64_t value) {
    return enter(), writer_.integer(static_cast<int64_t>(value)), true;
  }
  bool Double(double value) { return enter(), writer_.number(value), true; }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    return enter(), writer_.raw({text, length}), true;
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    enter();
    std::string_view value(text, length);
    auto replaced = rewriter_({path_, nearest_key(), value, false});
    if (!replaced) {
      writer_.string(value);
    } else if (replaced->raw) {
      writer_.raw(replaced->text);
    } else {
      writer_.string(replaced->text);
    }
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    Level& level = levels_.back();
    path_.resize(level.path_size);
    std::string_view name(text, length);
    auto replaced = rewriter_({path_, name, name, true});
    level.key.assign(name);
    writer_.key(replaced ? std::string_view(replaced->text) : name);
    return true;
  }
  bool StartObject() { return open(false), writer_.begin_object(), true; }
  bool EndObject(rapidjson::SizeType) { return close(), writer_.end_object(), true; }
  bool StartArray() { return open(true), writer_.begin_array(), true; }
  bool EndArray(rapidjson::SizeType) { return close(), writer_.end_array(), true; }

 private:
  struct Level {
    bool is_array;
    size_t index;
    size_t path_size;  // of the path without this level's own last part
    std::string key;
  };

  // Puts the place of the value that begins now at the end of the path.
  void enter() {
    if (levels_.empty()) return;
    Level& level = levels_.back();
    path_.resize(level.path_size);
    if (!path_.empty()) path_ += '/';
    if (level.is_array) {
      path_ += std::to_string(level.index++);
    } else {
      path_ += level.key;
    }
  }
  void open(bool is_array) {
    enter();
    levels_.push_back({is_array, 0, path_.size(), {}});
  }
  void close() { levels_.pop_back(); }
  std::string_view nearest_key() const {
    for (size_t i = levels_.size(); i-- > 0;) {
      if (!levels_[i].is_array) return levels_[i].key;
    }
    return {};
  }

  Writer& writer_;
  const Rewriter& rewriter_;
  std::vector<Level> levels_;
  std::string path_;
};

// Where a control character stands inside a string, or npos.
size_t control_in_string(std::string_view text) {
  if (!holds_control(text)) return text.npos;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      in_string = !in_string;
    } else if (in_string && text[i] == '\\') {
      ++i;
    } else if (in_string && static_cast<unsigned char>(text[i]) < 0x20) {
      return i;
    }
  }
  return text.npos;
}

// RapidJSON 1.1 reads strings sixteen bytes at a time, a fifth of the work, but only in a text that
// ends with a NUL, and it looks up to fifteen bytes further. In this way it lets some control
// characters pass where they are forbidden.
constexpr size_t kLoad = 16;

std::unique_ptr<char[]> copy_with_room(std::string_view text) {
  auto copy = std::make_unique_for_overwrite<char[]>(text.size() + kLoad);
  if (!text.empty()) memcpy(copy.get(), text.data(), text.size());
  memset(copy.get() + text.size(), 0, kLoad);
  return copy;
}

std::unexpected<Error> parse_error(rapidjson::ParseErrorCode code, size_t offset) {
  return fail(ErrorKind::damage, "not JSON at byte " + std::to_string(offset) + ": " +
                                     lower_ascii(rapidjson::GetParseError_En(code)));
}

}  // namespace

Type Value::type() const {
  if (!node_) return Type::null;
  switch (node_of(node_)->GetType()) {
    case rapidjson::kNullType:
      return Type::null;
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return Type::boolean;
    case rapidjson::kObjectType:
      return Type::object;
    case rapidjson::kArrayType:
      return Type::array;
    case rapidjson::kStringType:
      return Type::string;
    case rapidjson::kNumberType:
      return Type::number;
  }
  return Type::null;
}

Value Value::operator[](std::string_view key) const {
  if (!is_object()) return {};
  for (const auto& member : node_of(node_)->GetObject()) {
    if (view(member.name) == key) return Value(&member.value);
  }
  return {};
}

Value Value::at(size_t index) const {
  if (!is_array() || index >= node_of(node_)->Size()) return {};
  return Value(&(*node_of(node_))[static_cast<rapidjson::SizeType>(index)]);
}

size_t Value::size() const {
  if (is_array()) return node_of(node_)->Size();
  if (is_object()) return node_of(node_)->MemberCount();
  return 0;
}

std::string_view Value::key_at(size_t index) const {
  if (!is_object() || index >= size()) return {};
  return view((node_of(node_)->MemberBegin() + static_cast<rapidjson::SizeType>(index))->name);
}

Value Value::member_at(size_t index) const {
  if (!is_object() || index >= size()) return {};
  return Value(&(node_of(node_)->MemberBegin() + static_cast<rapidjson::SizeType>(index))->value);
}

std::string_view Value::str(std::string_view otherwise) const {
  return is_string() ? view(*node_of(node_)) : otherwise;
}

int64_t Value::integer(int64_t otherwise) const {
  if (!is_number()) return otherwise;
  const Node& node = *node_of(node_);
  if (node.IsInt64()) return node.GetInt64();
  double value = node.GetDouble();
  return std::abs(value) < 9e18 ? static_cast<int64_t>(value) : otherwise;
}

double Value::number(double otherwise) const {
  return is_number() ? node_of(node_)->GetDouble() : otherwise;
}

bool Value::boolean(bool otherwise) const {
  return is_bool() ? node_of(node_)->GetBool() : otherwise;
}

namespace {

// RapidJSON 1.1 with SSE2 leaves 0x1A to 0x1F, the escape character among them, as they are.
class SafeWriter : public rapidjson::Writer<rapidjson::StringBuffer> {
 public:
  using Base = rapidjson::Writer<rapidjson::StringBuffer>;
  explicit SafeWriter(rapidjson::StringBuffer& buffer) : Base(buffer) {}

  bool String(const char* text, rapidjson::SizeType size, bool = false) {
    Prefix(rapidjson::kStringType);
    std::string quoted;
    quote(quoted, {text, size});
    memcpy(os_->Push(quoted.size()), quoted.data(), quoted.size());
    return EndValue(true);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy = false) {
    return String(text, size, copy);
  }
};

}  // namespace

std::string Value::dump() const {
  if (!exists()) return "null";
  rapidjson::StringBuffer buffer;
  SafeWriter writer(buffer);
  node_of(node_)->Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

struct Document::Impl {
  std::unique_ptr<char[]> text;  // that the strings lie in
  rapidjson::Document document;
};

Document::Document() = default;
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<Document> Document::parse(std::string_view text) {
  Document parsed;
  parsed.impl_ = std::make_unique<Impl>();
  rapidjson::Document& document = parsed.impl_->document;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (size_t at = control_in_string(text); at != text.npos) {
    return parse_error(rapidjson::kParseErrorStringInvalidEncoding, at);
  }
  parsed.impl_->text = copy_with_room(text);
  document.ParseInsitu<kParseFlags>(parsed.impl_->text.get());
  if (document.HasParseError()) {
    return parse_error(document.GetParseError(), document.GetErrorOffset());
  }
  return parsed;
}

Value Document::root() const {
  return impl_ ? Value(&impl_->document) : Value();
}

bool tidy(std::string& text) {
  bool changed = convert_utf16(text);
  if (text.starts_with("\xef\xbb\xbf")) {
    text.erase(0, 3);
    changed = true;
  }
  if (!is_utf8(text)) {
    text = to_utf8(text);
    changed = true;
  }
  if (suspicious(text)) text = mend_strings(text, changed);
  return changed;
}

void quote(std::string& out, std::string_view value) {
  if (!is_utf8(value)) {
    quote(out, to_utf8(value));
    return;
  }
  out += '"';
  size_t from = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    auto c = static_cast<unsigned char>(value[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(value, from, i - from);
    from = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default: {
        char escaped[8];
        snprintf(escaped, sizeof escaped, "\\u%04x", c);
        out += escaped;
      }
    }
  }
  out.append(value, from);
  out += '"';
}

void Writer::separate() {
  if (needs_comma_) text_ += ',';
  needs_comma_ = true;
}

Writer& Writer::begin_object() {
  separate();
  text_ += '{';
  needs_comma_ = false;
  return *this;
}

Writer& Writer::end_object() {
  text_ += '}';
  needs_comma_ = true;
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  text_ += '[';
  needs_comma_ = false;
  return *this;
}

Writer& Writer::end_array() {
  text_ += ']';
  needs_comma_ = true;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  quote(text_, name);
  text_ += ':';
  needs_comma_ = false;
  return *this;
}

Writer& Writer::string(std::string_view value) {
  separate();
  quote(text_, value);
  return *this;
}

Writer& Writer::integer(int64_t value) {
  separate();
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text_.append(digits, static_cast<size_t>(end - digits));
  return *this;
}

Writer& Writer::number(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  char digits[40];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text_.append(digits, static_cast<size_t>(end - digits));
  return *this;
}

Writer& Writer::boolean(bool value) {
  separate();
  text_ += value ? "true" : "false";
  return *this;
}

Writer& Writer::null() {
  separate();
  text_ += "null";
  return *this;
}

Writer& Writer::raw(std::string_view json_text) {
  separate();
  text_ += json_text;
  return *this;
}

Result<std::string> rewrite_strings(std::string_view text, const Rewriter& rewriter) {
  Writer writer;
  RewriteHandler handler(writer, rewriter);
  rapidjson::Reader reader;
  constexpr unsigned kFlags = kParseFlags | rapidjson::kParseNumbersAsStringsFlag;
  if (size_t at = control_in_string(text); at != text.npos) {
    return parse_error(rapidjson::kParseErrorStringInvalidEncoding, at);
  }
  auto copy = copy_with_room(text);
  rapidjson::StringStream stream(copy.get());
  auto result = reader.Parse<kFlags>(stream, handler);
  if (result.IsError()) return parse_error(result.Code(), result.Offset());
  return writer.take();
}

}  // namespace baton::json
