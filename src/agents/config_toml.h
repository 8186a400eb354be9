#pragma once

// Reads the scalars of a TOML file (1.0), for `doctor`: whether Codex has hooks switched off, and
// which hooks its user has trusted, stand in its config.toml. baton never writes that file.
//
// Own code, since toml++ brings 790 KB and six constructors before main() into every hook; all we
// need is a list of names and values. It is forgiving: what it does not understand costs its line,
// since a doctor that is silent over one unusual line helps nobody.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::agents {

struct TomlValue {
  // Names from the root. An array of tables has no number in its name: its tables follow each
  // other.
  std::vector<std::string> path;
  enum class Type { string, boolean, other, array } type = Type::other;
  std::string text;  // a string's content, else the words of the file; empty for an array
  int line = 0;

  bool is_true() const { return type == Type::boolean && text == "true"; }
  bool is_false() const { return type == Type::boolean && text == "false"; }
};

// All values in the order of the file, also from inline tables, and a `Type::other` without text
// for each table's header. Values inside arrays are left out. At most the first kMaxTomlBytes are
// read.
constexpr size_t kMaxTomlBytes = 4 << 20;
std::vector<TomlValue> read_toml(std::string_view text);

// The last value at that path.
const TomlValue* find_toml(const std::vector<TomlValue>& values,
                           const std::vector<std::string_view>& path);

}  // namespace baton::agents
