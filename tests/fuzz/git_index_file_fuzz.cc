// The first byte chooses the hash; two bytes give the length of the index, the rest is the shared
// index that a split one refers to.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "git/index_file.h"

using namespace baton;
using namespace baton::git;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  HashKind hash = data[0] & 1 ? HashKind::sha256 : HashKind::sha1;
  size_t length = static_cast<size_t>(data[1]) << 8 | data[2];
  bytes.remove_prefix(3);
  if (length > bytes.size()) length = bytes.size();
  auto index = IndexFile::parse(bytes.substr(0, length), hash, bytes.substr(length));
  if (!index) return 0;
  size_t count = 0, total = 0;
  std::string last;
  auto walked = index->for_each([&](const IndexEntry& entry) {
    ++count;
    for (char c : entry.path) total += static_cast<unsigned char>(c);
    if (entry.id.size != hash_size(hash) || entry.stage > 3) abort();
    last = entry.path;
  });
  if (count > index->size_hint()) abort();
  if (walked && count > 0) (void)index->find(last);
  return total == 1 ? 0 : 0;
}
