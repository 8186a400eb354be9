#pragma once

// Copies of agents' session files (docs/format/transcripts.md).

#include <functional>
#include <string>
#include <string_view>

#include "os/file.h"
#include "store/store.h"

namespace baton::store {

constexpr size_t kMaxTranscriptFrame = 64u << 20;  // decompressed

struct TranscriptPosition {
  std::string path;
  uint64_t offset = 0;
  int64_t generation = 0;
  uint64_t check = 0;
  uint64_t kept = 0;
};

// How far copying came, without a lock: somebody may be copying just now. All empty if nothing was
// copied yet.
TranscriptPosition transcript_position(const std::string& session_directory);

// Holds the lock on a session's transcript. ErrorKind::limit if somebody else copies just now.
class TranscriptWriter {
 public:
  static Result<TranscriptWriter> open(const std::string& session_directory);
  const TranscriptPosition& position() const { return position_; }
  // Appends one frame of lines (each ended by a newline; none: only the position moves on).
  Status append(std::string_view lines, TranscriptPosition after);

 private:
  std::string directory_;
  os::File file_;
  TranscriptPosition position_;
};

// Calls back for each line of the frames from `offset` (a frame's begin) on, with the line and the
// offset behind its frame. Stops at a frame that is not whole. Returns the offset it came to.
Result<uint64_t> read_transcript(
    const std::string& session_directory, uint64_t offset,
    const std::function<void(std::string_view line, uint64_t frame_end)>& each);

}  // namespace baton::store
