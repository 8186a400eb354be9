#pragma once

// A store in one file, for somebody who has none. docs/format/bundle.md describes every byte.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace baton::store {

constexpr size_t kMaxBundle = 4ull << 30;  // decompressed

struct BundleFile {
  std::string path;  // below the store
  std::string content;
};

struct Bundle {
  std::string digest;       // 64 hex digits: what a bundle is known by
  std::string file_digest;  // of the file as it was read, derived files and all
  std::vector<BundleFile> files;
};

// Writes the files, sorted by path; gives the digest. `derived` files do not count for it.
Result<std::string> write_bundle(const std::string& path, std::vector<BundleFile> files,
                                 std::vector<BundleFile> derived);
// ErrorKind::not_found without such a file, damage if it is no bundle or not whole, newer if it was
// written by a later version.
Result<Bundle> read_bundle(const std::string& path);

// Opens the bundle as a store: unpacked into the user's cache folder, once, or into a folder of its
// own below the temporary one where that cannot be written.
struct OpenedBundle {
  std::string digest;
  Store store;
  bool temporary = false;  // the folder is to be removed in the end
};
Result<OpenedBundle> open_bundle(const std::string& path);

// The lines of a journal with these payloads, chained anew. Headers and salts stay; an empty
// payload makes a forgotten event of its line.
class JournalCopy {
 public:
  // ErrorKind::damage if `line` is none.
  Status add(std::string_view line, std::string_view payload);
  std::string text() const { return text_; }

 private:
  std::string text_, chain_;
};

}  // namespace baton::store
