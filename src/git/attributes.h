#pragma once

// Does git change a file's bytes between its store and the working tree? Decided as git decides it
// (gitattributes(5), core.autocrlf, core.eol, filters that are configured) from the attributes
// files: /etc/gitattributes, the user's, `.gitattributes` in each directory, info/attributes.
//
// Not known: a `.gitattributes` that is in the index only and not on disk.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "git/config.h"
#include "git/path_pattern.h"
#include "git/repository.h"

namespace baton::git {

constexpr size_t kMaxAttributeLine = 2048;  // git ignores longer ones

enum class Conversion : uint8_t {
  none,       // on disk lie the bytes of the blob
  line_ends,  // checkout writes the blob's bytes; adding turns CR LF into LF. What is on disk
              // equals the blob unless it holds CR LF
  any,        // filters, ident, an encoding, or checkout writes CR LF
};

// For one thread; what has been read is kept as long as the object lives.
class Attributes {
 public:
  static Attributes load(const Repository& repository, const Config& config);

  // Cheap: false in an ordinary repository, where nothing that is known so far could convert any
  // file: configuration, the files that hold for the whole tree, and those of `nested_files`.
  bool any_conversion_configured();
  // Says that below the root exactly these directories ("a/b") hold a `.gitattributes`, as a caller
  // knows who has walked the tree or the index. Without it each path's directories are looked into.
  void nested_files(std::vector<std::string> rel_dirs);

  // `rel_path` is that of a regular file, relative to the worktree's root (git never converts
  // links).
  Conversion conversion(std::string_view rel_path);
  bool may_convert(std::string_view rel_path) { return conversion(rel_path) != Conversion::none; }

  // In the words of `git check-attr`: "set", "unset", "unspecified" or the value.
  std::string value(std::string_view rel_path, std::string_view attribute);

 private:
  enum class State : uint8_t { unknown, set, unset, unspecified, text };
  struct Setting {
    uint32_t attribute = 0;  // in names_
    State state = State::unknown;
    std::string_view text;
  };
  struct Rule {
    PathPattern pattern;
    bool is_macro = false;
    uint32_t macro = 0;
    std::vector<Setting> settings;
  };
  struct AttributesFile {
    std::string text;
    std::deque<std::string> unquoted;  // patterns that were written in quotes
    std::vector<Rule> rules;
    size_t base_size = 0;
  };
  struct Level {  // a directory with a file, and the next one above it
    const Level* above = nullptr;
    AttributesFile file;
  };

  Attributes(const Repository& repository, const Config& config);
  bool read_file(AttributesFile& file, const std::string& path, bool macros, bool follow);
  void parse(AttributesFile& file, bool macros);
  void parse_line(AttributesFile& file, std::string_view line, bool macros);
  uint32_t attribute(std::string_view name);
  const Level* level(std::string_view rel_dir);
  void find_macros(const AttributesFile& file);
  bool converts(const AttributesFile& file);
  bool filter_is_configured(std::string_view name);
  std::vector<Setting> evaluate(std::string_view rel_path);
  void apply(const AttributesFile& file, std::string_view path, std::vector<Setting>& found);
  void assign(const std::vector<Setting>& settings, std::vector<Setting>& found);

  std::string root_;
  Config config_;
  bool fold_case_ = false;
  enum class AutoCrlf { no, yes, input } auto_crlf_ = AutoCrlf::no;
  bool text_is_crlf_ = false;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<AttributesFile>> general_;  // the weakest first
  std::unique_ptr<AttributesFile> info_;                  // the strongest of all
  std::unique_ptr<Level> root_level_;
  std::unordered_map<std::string, const Level*> levels_;
  std::vector<std::unique_ptr<Level>> owned_levels_;
  std::vector<const Rule*> macros_;  // by attribute
  bool nested_known_ = false;
  std::vector<std::string> nested_;
};

}  // namespace baton::git
