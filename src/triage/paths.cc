#include "triage/paths.h"

#include <algorithm>

#include "base/bytes.h"
#include "os/file.h"

namespace baton::triage {
namespace {

std::string name_of(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

// How many whole components two paths have in common at their ends.
size_t common_end(std::string_view a, std::string_view b) {
  size_t count = 0;
  while (!a.empty() && !b.empty()) {
    size_t slash_a = a.rfind('/'), slash_b = b.rfind('/');
    if (a.substr(slash_a + 1) != b.substr(slash_b + 1)) break;
    count++;
    a = slash_a == std::string_view::npos ? std::string_view() : a.substr(0, slash_a);
    b = slash_b == std::string_view::npos ? std::string_view() : b.substr(0, slash_b);
  }
  return count;
}

// Folders in which no project's own files lie.
bool is_foreign(std::string_view path) {
  constexpr std::string_view kFolders[] = {
      "/site-packages/", "/dist-packages/", "/node_modules/", "/usr/lib/", "/usr/include/",
      "/usr/share/",     "/.cargo/",        "/rustc/",        "/go/pkg/",  "/usr/local/go/",
      "/lib/python3",    "/usr/local/lib/", "/.rustup/",      "/.gradle/", "/.m2/",
      "/gems/",          "/nix/store/",     "/libsanitizer/"};
  std::string whole = "/" + std::string(path);
  return std::ranges::any_of(kFolders,
                             [&](std::string_view folder) { return contains(whole, folder); });
}

}  // namespace

TreePaths::TreePaths(std::vector<std::string> paths) : paths_(std::move(paths)) {
  std::ranges::sort(paths_);
  for (size_t i = 0; i < paths_.size(); i++) by_name_[name_of(paths_[i])].push_back(i);
}

TreePaths::Found TreePaths::find(std::string_view path, std::string_view root,
                                 std::string_view prefix) const {
  auto there = [&](const std::string& candidate) {
    return std::ranges::binary_search(paths_, candidate);
  };
  Found found;
  std::string base = std::string(root) + (prefix.empty() ? "" : "/" + std::string(prefix));
  for (const std::string& from : {base, std::string(root)}) {
    std::string full = os::normalize(from, path);
    if (!full.starts_with(std::string(root) + "/")) continue;
    std::string inside = full.substr(root.size() + 1);
    if (there(inside)) {
      found.path = inside;
      found.by = "path";
      return found;
    }
  }
  found.foreign = is_foreign(path);
  if (found.foreign) return found;
  std::string plain = os::normalize("/", path).substr(1);
  auto same_name = by_name_.find(name_of(plain));
  if (same_name == by_name_.end()) return found;
  size_t best = 0;
  for (size_t i : same_name->second) {
    size_t common = common_end(plain, paths_[i]);
    if (common < best) continue;
    if (common > best) found.candidates.clear();
    best = common;
    found.candidates.push_back(paths_[i]);
  }
  if (found.candidates.size() != 1) return found;
  found.path = std::move(found.candidates[0]);
  found.candidates.clear();
  found.by = best > 1 ? "suffix" : "name";
  return found;
}

}  // namespace baton::triage
