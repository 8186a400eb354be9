#include "index/pathspec.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/wildmatch.h"
#include "os/file.h"

namespace baton::index {
namespace {

bool has_wild(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return git::is_wild(c); });
}

// "src/./a/../b" from "lib" is "lib/src/b"; nothing if it leads out of the worktree.
std::optional<std::string> under_prefix(std::string_view prefix, std::string_view pattern) {
  std::vector<std::string_view> parts;
  for (std::string_view text : {prefix, pattern}) {
    for (std::string_view part : split(text, '/')) {
      if (part.empty() || part == ".") continue;
      if (part == "..") {
        if (parts.empty()) return std::nullopt;
        parts.pop_back();
      } else {
        parts.push_back(part);
      }
    }
  }
  std::string joined;
  for (std::string_view part : parts) {
    if (!joined.empty()) joined += '/';
    joined += part;
  }
  return joined;
}

}  // namespace

std::optional<std::string> path_below(const std::string& root, const std::string& full) {
  if (full == root) return "";
  if (full.starts_with(root + "/")) return full.substr(root.size() + 1);
  auto real = os::real_path(std::string(os::dirname(full)));
  if (!real) return std::nullopt;
  std::string there = os::join(*real, os::basename(full));
  if (there == root) return "";
  if (!there.starts_with(root + "/")) return std::nullopt;
  return there.substr(root.size() + 1);
}

Result<Pathspec> Pathspec::parse(const std::vector<std::string>& words, std::string_view prefix,
                                 const std::string& root) {
  Pathspec spec;
  for (const std::string& word : words) {
    if (word.empty()) {
      return fail(ErrorKind::usage, "an empty path names no file", "'.' is the current folder");
    }
    Item item;
    bool top = false;
    std::string_view rest = word;
    if (rest.starts_with(":(")) {
      size_t close = rest.find(')');
      if (close == rest.npos) {
        return fail(ErrorKind::usage, "missing ')' at the end of pathspec magic in '" + word + "'");
      }
      for (std::string_view magic : split(rest.substr(2, close - 2), ',')) {
        if (magic == "top") {
          top = true;
        } else if (magic == "exclude") {
          item.exclude = true;
        } else if (magic == "icase") {
          item.fold_case = true;
        } else if (magic == "literal") {
          item.literal = true;
        } else if (magic == "glob") {
          item.pathname = true;
        } else if (!magic.empty()) {
          return fail(ErrorKind::usage, "pathspec magic '" + std::string(magic) +
                                            "' is not supported: '" + word + "'");
        }
      }
      rest.remove_prefix(close + 1);
    } else if (rest.starts_with(':')) {
      rest.remove_prefix(1);
      while (!rest.empty()) {
        if (rest[0] == '/') {
          top = true;
        } else if (rest[0] == '!' || rest[0] == '^') {
          item.exclude = true;
        } else if (rest[0] == ':') {
          rest.remove_prefix(1);
          break;
        } else {
          break;
        }
        rest.remove_prefix(1);
      }
    }
    std::optional<std::string> pattern;
    if (rest.starts_with('/') && !top) {
      pattern = path_below(root, os::normalize("/", std::string(rest)));
    } else {
      pattern = under_prefix(top ? "" : prefix, rest);
    }
    if (!pattern) return fail(ErrorKind::usage, "'" + word + "' is outside the repository");
    item.pattern = std::move(*pattern);
    spec.items_.push_back(std::move(item));
  }
  return spec;
}

bool Pathspec::matches(std::string_view path) const {
  if (items_.empty()) return true;
  bool any_include = false, included = false;
  for (const Item& item : items_) {
    if (!item.exclude) any_include = true;
    if (item.exclude == false && included) continue;
    std::string folded_path, folded_pattern;
    std::string_view subject = path, pattern = item.pattern;
    if (item.fold_case) {
      folded_path = lower_ascii(path);
      folded_pattern = lower_ascii(pattern);
      subject = folded_path;
      pattern = folded_pattern;
    }
    bool matched = pattern.empty() || subject == pattern ||
                   (subject.starts_with(pattern) && subject.size() > pattern.size() &&
                    subject[pattern.size()] == '/');
    if (!matched && !item.literal && has_wild(pattern)) {
      git::WildOptions options{item.pathname, item.fold_case};
      matched = git::wildmatch(pattern, subject, options);
      // A pattern that names a folder means what lies below it.
      for (size_t slash = subject.find('/'); !matched && slash != subject.npos;
           slash = subject.find('/', slash + 1)) {
        matched = git::wildmatch(pattern, subject.substr(0, slash), options);
      }
    }
    if (!matched) continue;
    if (item.exclude) return false;
    included = true;
  }
  return included || !any_include;
}

}  // namespace baton::index
