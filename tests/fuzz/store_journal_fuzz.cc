// Arbitrary bytes as a session's journal. A writer must go on from them: it keeps every complete
// line byte for byte, cuts only what follows the last one, and its own line is read back and holds.
// The verifier must come to an end.

#include <string>
#include <vector>

#include "scratch_store.h"
#include "store/journal.h"
#include "store/verify.h"

using namespace baton;
using fuzzing::require;

namespace {

std::vector<std::string> lines_of(const std::string& directory) {
  std::vector<std::string> lines;
  auto end = store::read_journal(directory, 0, [&](std::string_view line, uint64_t) {
    lines.emplace_back(line);
    return true;
  });
  require(end.has_value());
  return lines;
}

void check_paths(std::string_view bytes) {
  if (bytes.starts_with('\0')) return;  // no path has one
  require(store::path_from_text(store::path_to_text(bytes)) == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_paths(bytes);
  (void)store::path_from_text(bytes);
  static const fuzzing::ScratchStore scratch;
  std::string directory = scratch.session("claude-code");
  std::string path = os::join(directory, store::kJournalName);
  fuzzing::write(path, bytes);
  require(store::verify(scratch.store()).has_value());
  std::vector<std::string> before = lines_of(directory);
  {
    auto writer = store::JournalWriter::open(scratch.store(), "claude-code", "fuzz", 0);
    require(writer.has_value());
    require(writer->size() + writer->repaired() == size);
    std::string number = std::to_string(writer->next_number());
    std::string header = "{\"n\":" + number + ",\"t\":\"2026-01-01T00:00:00.000000Z\"}";
    require(writer->append(header, "{}").has_value());
    require(writer->repeats_last("{}"));
    require(writer->flush().has_value());
  }
  std::vector<std::string> after = lines_of(directory);
  require(after.size() == before.size() + 1);
  std::string own = std::move(after.back());
  after.pop_back();
  require(after == before);
  auto parts = store::split_journal_line(own);
  require(parts.has_value() && parts->payload == "{}");
  {
    auto next = store::JournalWriter::open(scratch.store(), "claude-code", "fuzz", 0);
    require(next.has_value() && next->repaired() == 0 && next->lost_lines() == 0);
  }
  require(store::verify(scratch.store()).has_value());
  (void)os::remove_tree(directory);
  return 0;
}
