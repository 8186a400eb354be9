// Arbitrary bytes as a manifest: it is a cache, so anything may be believed or not, but looking
// must hold, and what is written into it must be found again.

#include <string>

#include "scratch_store.h"
#include "store/manifest.h"

using namespace baton;
using fuzzing::require;

namespace {

void look(const store::Manifest& manifest) {
  (void)manifest.info();
  store::ManifestEntry entry;
  std::string_view name;
  uint32_t parent = 0;
  uint32_t count = std::min(manifest.count(), 1000u);
  for (uint32_t number = 0; number < count; ++number) {
    (void)manifest.read(number, entry, name, parent);
    (void)manifest.type(number);
    (void)manifest.find(manifest.path(number));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const fuzzing::ScratchStore scratch;
  const std::string directory = os::join(scratch.store().worktrees_dir(), "0123456789abcdef");
  require(os::make_dirs(directory).has_value());
  fuzzing::write(os::join(directory, "manifest"), bytes);
  if (auto manifest = store::Manifest::open_readonly(directory)) look(*manifest);
  auto manifest = store::Manifest::open(directory, HashKind::sha1);
  require(manifest.has_value());
  look(*manifest);
  store::ManifestEntry entry;
  entry.type = os::FileType::regular;
  entry.permissions = 0644;
  entry.size = size;
  entry.id = blob_id(HashKind::sha1, "x");
  if (manifest->set("a/folder/file", entry)) {
    auto found = manifest->find("a/folder/file");
    require(found.has_value() && found->id == entry.id && found->size == size);
    require(manifest->erase("a/folder/file").has_value());
    require(!manifest->find("a/folder/file"));
  }
  return 0;
}
