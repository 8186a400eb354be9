// Arbitrary bytes as the copy of a session file and as its position: reading must end, and a writer
// must go on from it.

#include <string>
#include <vector>

#include "scratch_store.h"
#include "store/transcript.h"

using namespace baton;
using fuzzing::require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // The first byte says how much of it is the position.
  size_t cut = bytes.empty() ? 0 : std::min<size_t>(bytes.size(), data[0]);
  static const fuzzing::ScratchStore scratch;
  std::string directory = scratch.session("codex");
  fuzzing::write(os::join(directory, "transcript.jsonl.zst"), bytes.substr(cut));
  fuzzing::write(os::join(directory, "transcript.pos"),
                 bytes.substr(cut == 0 ? 0 : 1, cut == 0 ? 0 : cut - 1));
  (void)store::transcript_position(directory);
  uint64_t end_before = 0;
  if (auto end = store::read_transcript(directory, 0, [](std::string_view, uint64_t) {})) {
    end_before = *end;
    require(end_before <= size);
  }
  const std::string line = R"({"g":0,"at":0,"l":{}})";
  {
    auto writer = store::TranscriptWriter::open(directory);
    require(writer.has_value());
    store::TranscriptPosition position = writer->position();
    position.path = "/x";
    (void)writer->append(line + "\n", position);
  }
  (void)store::read_transcript(directory, 0, [](std::string_view, uint64_t) {});
  (void)os::remove_tree(directory);
  return 0;
}
