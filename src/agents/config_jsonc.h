#pragma once

// A reader for configuration that people and agents edit by hand: JSON with comments and trailing
// commas, every value with its place in the text. It exists so that a change can be made by cutting
// and inserting at known positions (config_edit.h) and all other bytes stay as they were; nothing
// is ever written from the tree.
//
// Accepted beyond RFC 8259: a byte order mark at the start, `//` and `/* */` comments, one trailing
// comma in an array or object, names that repeat, bytes in strings that are not UTF-8. What is
// accepted here may still be refused by the agent (`first_extension` tells where).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::agents {

constexpr size_t kMaxConfigBytes = 4 << 20;
constexpr int kMaxConfigDepth = 100;

using ConfigIndex = uint32_t;
constexpr ConfigIndex kNoNode = UINT32_MAX;
constexpr size_t kNoPosition = SIZE_MAX;

struct ConfigNode {
  enum class Type : uint8_t { null, boolean, number, string, array, object };
  Type type = Type::null;
  size_t begin = 0, end = 0;       // of the value, quotes and brackets included
  size_t key_begin = kNoPosition;  // of its name with quotes, for a member of an object
  size_t key_end = kNoPosition;
  std::string key;             // the name, unescaped
  size_t comma = kNoPosition;  // the comma that follows it
  ConfigIndex parent = kNoNode, previous = kNoNode, next = kNoNode;
  ConfigIndex first = kNoNode, last = kNoNode;  // children, in the order of the text

  bool is_object() const { return type == Type::object; }
  bool is_array() const { return type == Type::array; }
  bool is_string() const { return type == Type::string; }
  // Where the member or element starts, name included.
  size_t start() const { return key_begin == kNoPosition ? begin : key_begin; }
};

class ConfigText {
 public:
  // Fails (ErrorKind::damage, "bad configuration at NAME:LINE: reason"; ErrorKind::limit over
  // kMaxConfigBytes) on anything else than one value, or nothing but white space.
  static Result<ConfigText> parse(std::string_view text, std::string_view name);

  const std::string& text() const { return text_; }
  const std::string& name() const { return name_; }
  bool blank() const { return nodes_.empty(); }  // no value, only white space
  static constexpr ConfigIndex root() { return 0; }
  const ConfigNode& node(ConfigIndex index) const { return nodes_[index]; }

  // The member of that name, the last one if it repeats, as every JSON reader of the agents takes
  // it; kNoNode if there is none or `object` is kNoNode or no object.
  ConfigIndex member(ConfigIndex object, std::string_view key) const;
  // The text of a string, unescaped; empty for anything else.
  std::string string_at(ConfigIndex index) const;
  bool is_true(ConfigIndex index) const;
  std::optional<int64_t> integer_at(ConfigIndex index) const;

  int line_of(size_t position) const;  // counted from 1
  // "bad configuration at NAME:LINE: reason" as an error, for what has the wrong shape.
  std::unexpected<Error> wrong(ConfigIndex index, std::string_view reason) const;
  // The first comment or trailing comma: where this is not JSON as the standard has it.
  std::optional<size_t> first_extension() const { return first_extension_; }
  bool has_byte_order_mark() const { return text_.starts_with("\xef\xbb\xbf"); }

 private:
  friend class ConfigParser;
  std::string text_;
  std::string name_;
  std::vector<ConfigNode> nodes_;
  std::optional<size_t> first_extension_;
};

// White space and comments from a position on, as pieces; ends at the first other byte.
struct Trivia {
  enum class Kind : uint8_t { space, line_comment, block_comment };
  Kind kind;
  size_t begin, end;  // a line comment ends before its line break
};
// The piece that starts at `position`, or nothing. A comment without its end is nothing.
std::optional<Trivia> trivia_at(std::string_view text, size_t position);

inline bool is_config_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace baton::agents
