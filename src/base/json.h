#pragma once

// JSON in and out. Reading accepts what agents really write: lone surrogate escapes, raw control
// characters in strings, ill-formed UTF-8, a byte order mark, UTF-16 (`tidy` mends these first).
// The parser is RapidJSON, iterative (no depth makes it overflow), and does not show through here.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace baton::json {

enum class Type { null, boolean, number, string, array, object };

// A place in a parsed document, as cheap as a pointer. A missing member or element is a value too
// (`exists()` is false, all conversions give their default), so chains need no checks. It lives as
// long as its Document.
class Value {
 public:
  Value() = default;

  bool exists() const { return node_ != nullptr; }
  Type type() const;  // null if it does not exist
  bool is_string() const { return exists() && type() == Type::string; }
  bool is_object() const { return exists() && type() == Type::object; }
  bool is_array() const { return exists() && type() == Type::array; }
  bool is_number() const { return exists() && type() == Type::number; }
  bool is_bool() const { return exists() && type() == Type::boolean; }

  // The member of an object (the first of that name), the element of an array.
  Value operator[](std::string_view key) const;
  Value at(size_t index) const;
  size_t size() const;                          // members or elements; 0 for anything else
  std::string_view key_at(size_t index) const;  // name of an object's member
  Value member_at(size_t index) const;

  std::string_view str(std::string_view otherwise = {}) const;
  int64_t integer(int64_t otherwise = 0) const;  // numbers with a fraction are cut
  double number(double otherwise = 0) const;
  bool boolean(bool otherwise = false) const;

  // The value as compact JSON text.
  std::string dump() const;

 private:
  friend class Document;
  explicit Value(const void* node) : node_(node) {}
  const void* node_ = nullptr;
};

class Document {
 public:
  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  // Fails (ErrorKind::damage, with the byte offset) if the text is not one JSON value.
  static Result<Document> parse(std::string_view text);
  Value root() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Mends what JSON forbids but agents write: removes a byte order mark, converts UTF-16, escapes raw
// control characters in strings, replaces ill-formed UTF-8 and lone surrogate escapes by U+FFFD.
// Returns whether anything had to be changed.
bool tidy(std::string& text);

// Writes compact JSON. Calls must be balanced; commas and quoting are its work. A string that is
// not UTF-8 is mended with U+FFFD.
class Writer {
 public:
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& string(std::string_view value);
  Writer& integer(int64_t value);
  Writer& number(double value);
  Writer& boolean(bool value);
  Writer& null();
  Writer& raw(std::string_view json_text);  // a value that is JSON text already

  // Shorthands for a member.
  Writer& member(std::string_view name, std::string_view value) { return key(name).string(value); }
  Writer& member(std::string_view name, const char* value) { return key(name).string(value); }
  Writer& member(std::string_view name, int64_t value) { return key(name).integer(value); }
  Writer& member(std::string_view name, int value) { return key(name).integer(value); }
  Writer& member(std::string_view name, size_t value) {
    return key(name).integer(static_cast<int64_t>(value));
  }
  Writer& member(std::string_view name, bool value) { return key(name).boolean(value); }

  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  void separate();
  std::string text_;
  bool needs_comma_ = false;
};

// Appends the value as a quoted JSON string.
void quote(std::string& out, std::string_view value);

// Copies a JSON text, letting the caller replace strings on the way. Numbers keep their spelling,
// members their order and repetition. `path` is the names and array indices from the root, joined
// with '/' ("tool_input/edits/0/old_string"). For a name of a member, `is_key` is true and `value`
// the name itself. The function returns nothing to keep the string, or what stands for it.
struct Replacement {
  std::string text;
  bool raw = false;  // true: `text` is JSON text; only for values
};
struct StringSite {
  std::string_view path;
  std::string_view key;  // name of the nearest enclosing member
  std::string_view value;
  bool is_key = false;
};
using Rewriter = std::function<std::optional<Replacement>(const StringSite&)>;
Result<std::string> rewrite_strings(std::string_view text, const Rewriter& rewriter);

}  // namespace baton::json
