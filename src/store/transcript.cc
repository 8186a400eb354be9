#include "store/transcript.h"

#include <zstd.h>

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/json.h"

namespace baton::store {
namespace {

constexpr std::string_view kName = "transcript.jsonl.zst";
constexpr std::string_view kPositionName = "transcript.pos";
constexpr int kLevel = 3;
constexpr int kLongRangeWindow = 26;
constexpr size_t kReadChunk = 8 << 20;

std::string compress(std::string_view lines) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  if (lines.size() > (1 << 20)) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, kLongRangeWindow);
  }
  std::string frame(ZSTD_compressBound(lines.size()), '\0');
  size_t size = ZSTD_compress2(context, frame.data(), frame.size(), lines.data(), lines.size());
  ZSTD_freeCCtx(context);
  frame.resize(ZSTD_isError(size) ? 0 : size);
  return frame;
}

std::optional<TranscriptPosition> parse_position(std::string_view text) {
  TranscriptPosition position;
  auto document = json::Document::parse(text);
  if (!document) return std::nullopt;
  json::Value root = document->root();
  position.path = root["path"].str();
  position.offset = static_cast<uint64_t>(root["offset"].integer());
  position.generation = root["generation"].integer();
  position.kept = static_cast<uint64_t>(root["kept"].integer());
  if (auto check = from_hex(root["check"].str()); check && check->size() == 8) {
    for (char c : *check) position.check = position.check << 8 | static_cast<unsigned char>(c);
  }
  return position;
}

std::string check_text(uint64_t check) {
  char text[20];
  snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(check));
  return text;
}

std::optional<TranscriptPosition> noted_position(const std::string& session_directory) {
  auto text = os::read_file(os::join(session_directory, kPositionName), 1 << 16);
  return text ? parse_position(*text) : std::nullopt;
}

// Where to go on when nothing tells how far copying came: behind what is whole of the copy, with
// the agent's file from its beginning, as a new generation.
Result<TranscriptPosition> position_behind_copy(const std::string& session_directory) {
  TranscriptPosition position;
  uint64_t whole = 0;
  auto take = [&](std::string_view line, uint64_t frame_end) {
    whole = frame_end;
    auto document = json::Document::parse(line);
    if (!document) return;
    position.generation = std::max(position.generation, document->root()["g"].integer() + 1);
  };
  auto end = read_transcript(session_directory, 0, take);
  if (!end && end.error().kind != ErrorKind::damage) return std::unexpected(end.error());
  // Nobody can read what lies behind damage.
  position.kept = end ? *end : whole;
  return position;
}

Status note_position(const std::string& session_directory, const TranscriptPosition& position) {
  json::Writer writer;
  writer.begin_object()
      .member("path", position.path)
      .member("offset", static_cast<int64_t>(position.offset))
      .member("generation", position.generation)
      .member("check", check_text(position.check))
      .member("kept", static_cast<int64_t>(position.kept))
      .end_object();
  return os::replace_file(os::join(session_directory, kPositionName), writer.text() + "\n");
}

}  // namespace

TranscriptPosition transcript_position(const std::string& session_directory) {
  return noted_position(session_directory).value_or(TranscriptPosition());
}

Result<TranscriptWriter> TranscriptWriter::open(const std::string& session_directory) {
  TranscriptWriter writer;
  writer.directory_ = session_directory;
  writer.file_ = TRY(os::open_file(os::join(session_directory, kName), os::Open::append_create));
  TRY(os::lock_file(writer.file_, os::LockMode::exclusive, 0));
  uint64_t size = TRY(os::file_size(writer.file_));
  if (auto noted = noted_position(session_directory)) {
    writer.position_ = std::move(*noted);
  } else {
    // A beginning is noted too, so that what a killed writer left can be told from a lost note.
    writer.position_ = TRY(position_behind_copy(session_directory));
    TRY(note_position(session_directory, writer.position_));
  }
  if (size > writer.position_.kept) {
    TRY(os::truncate(writer.file_, writer.position_.kept));
  } else if (size < writer.position_.kept) {
    // The copy lost its end (a restored or cut file): copy everything again, as a new generation.
    writer.position_.offset = 0;
    writer.position_.generation += 1;
    writer.position_.kept = size;
  }
  return writer;
}

Status TranscriptWriter::append(std::string_view lines, TranscriptPosition after) {
  after.kept = position_.kept;
  if (!lines.empty()) {
    std::string frame = compress(lines);
    if (frame.empty()) return fail(ErrorKind::io, "cannot compress a session file's lines");
    auto written = os::append(file_, frame);
    if (!written) {
      (void)os::truncate(file_, position_.kept);
      return written;
    }
    after.kept += frame.size();
  }
  TRY(note_position(directory_, after));
  position_ = std::move(after);
  return {};
}

Result<uint64_t> read_transcript(
    const std::string& session_directory, uint64_t offset,
    const std::function<void(std::string_view line, uint64_t frame_end)>& each) {
  auto file = os::open_file(os::join(session_directory, kName), os::Open::read);
  if (!file) {
    if (file.error().kind == ErrorKind::not_found) return offset;
    return std::unexpected(file.error());
  }
  uint64_t size = TRY(os::file_size(*file));
  size_t want = kReadChunk;
  while (offset < size) {
    std::string bytes = TRY(os::read_at(*file, offset, std::min<uint64_t>(want, size - offset)));
    size_t used = 0;
    while (used < bytes.size()) {
      size_t frame = ZSTD_findFrameCompressedSize(bytes.data() + used, bytes.size() - used);
      if (ZSTD_isError(frame)) break;
      auto raw = ZSTD_getFrameContentSize(bytes.data() + used, frame);
      if (raw == ZSTD_CONTENTSIZE_ERROR || raw == ZSTD_CONTENTSIZE_UNKNOWN ||
          raw > kMaxTranscriptFrame) {
        return fail(ErrorKind::damage, "'" + session_directory + "' has a damaged transcript");
      }
      std::string lines(raw, '\0');
      ZSTD_DCtx* context = ZSTD_createDCtx();
      ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27);
      size_t got =
          ZSTD_decompressDCtx(context, lines.data(), lines.size(), bytes.data() + used, frame);
      ZSTD_freeDCtx(context);
      if (got != raw) {
        return fail(ErrorKind::damage, "'" + session_directory + "' has a damaged transcript");
      }
      used += frame;
      std::string_view rest(lines);
      for (size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        each(rest.substr(0, end), offset + used);
        rest.remove_prefix(end + 1);
      }
    }
    if (used == 0) {
      if (bytes.size() == size - offset) break;  // the last frame is not whole yet
      want *= 2;
    }
    offset += used;
  }
  return offset;
}

}  // namespace baton::store
