// Arbitrary bytes as a segment of objects: what is damaged must be told, never believed, and the
// next content must be stored behind it and come back.

#include <string>
#include <vector>

#include "scratch_store.h"
#include "store/objects.h"

using namespace baton;
using fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const fuzzing::ScratchStore scratch;
  const std::string directory = scratch.store().objects_dir();
  (void)os::remove_tree(directory);
  require(os::make_dirs(directory).has_value());
  fuzzing::write(os::join(directory, "000001.seg"), bytes);
  {
    auto objects = store::Objects::open(scratch.store());
    require(objects.has_value());
    std::vector<ObjectId> ids;
    auto seen = objects->each_record([&](const auto& record, const Error* problem) {
      if (problem == nullptr) ids.push_back(record.id);
      return true;
    });
    require(seen.has_value());
    for (const ObjectId& id : ids) {
      (void)objects->get(id, [](const ObjectId&) -> Result<std::string> {
        return std::string("a content that git holds\n");
      });
    }
    const std::string content = "what comes next\n" + std::string(bytes.substr(0, 300));
    const ObjectId id = blob_id(HashKind::sha1, content);
    require(objects->put(id, content).has_value());
    auto back = objects->get(id);
    require(back.has_value() && *back == content);
    // The lookup table is derived.
    require(objects->rebuild_lookup().has_value());
    back = objects->get(id);
    require(back.has_value() && *back == content);
  }
  return 0;
}
