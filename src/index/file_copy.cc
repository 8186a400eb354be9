#include "index/file_copy.h"

#include <zstd.h>

#include <algorithm>
#include <charconv>

#include "store/transcript.h"

namespace baton::index {
namespace {

constexpr std::string_view kName = "transcript.jsonl.zst";
constexpr size_t kFirstRead = 256 * 1024;

// `{"g":N,"at":M,` at the line's begin.
void read_place(std::string_view line, int64_t& generation, uint64_t& at) {
  auto number = [&](std::string_view prefix, auto& value) {
    if (!line.starts_with(prefix)) return;
    line.remove_prefix(prefix.size());
    auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    line.remove_prefix(static_cast<size_t>(end - line.data()));
  };
  generation = 0;
  at = 0;
  number("{\"g\":", generation);
  number(",\"at\":", at);
}

}  // namespace

Result<FileCopy> FileCopy::open(const std::string& session_directory, uint64_t frame,
                                int64_t lines_done, uint64_t end) {
  FileCopy copy;
  copy.frame_ = frame;
  copy.lines_done_ = lines_done;
  auto file = os::open_file(os::join(session_directory, kName), os::Open::read);
  if (!file) {
    if (file.error().kind != ErrorKind::not_found) return std::unexpected(file.error());
    return copy;
  }
  copy.file_ = std::move(*file);
  copy.end_ = std::min(end, TRY(os::file_size(copy.file_)));
  return copy;
}

Result<bool> FileCopy::load_frame() {
  if (!file_.is_open() || frame_ >= end_) return false;
  std::string bytes;
  size_t size = 0;
  for (size_t want = kFirstRead;; want *= 4) {
    bytes = TRY(os::read_at(file_, frame_, std::min<uint64_t>(want, end_ - frame_)));
    size = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size());
    if (!ZSTD_isError(size)) break;
    if (bytes.size() < want) return false;  // not whole yet
  }
  auto raw = ZSTD_getFrameContentSize(bytes.data(), size);
  auto damaged = [] { return fail(ErrorKind::damage, "a copied session file has a broken frame"); };
  if (raw == ZSTD_CONTENTSIZE_ERROR || raw == ZSTD_CONTENTSIZE_UNKNOWN ||
      raw > store::kMaxTranscriptFrame) {
    return damaged();
  }
  text_.resize(raw);
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27);
  size_t got = ZSTD_decompressDCtx(context, text_.data(), text_.size(), bytes.data(), size);
  ZSTD_freeDCtx(context);
  if (got != raw) return damaged();
  frame_size_ = size;
  used_ = 0;
  return true;
}

Result<bool> FileCopy::peek() {
  if (have_line_) return true;
  for (;;) {
    if (frame_size_ == 0) {
      int64_t skip = lines_done_;
      if (!TRY(load_frame())) return false;
      while (skip > 0) {
        size_t newline = text_.find('\n', used_);
        if (newline == std::string::npos) break;
        used_ = newline + 1;
        --skip;
      }
    }
    size_t newline = text_.find('\n', used_);
    if (newline != std::string::npos) {
      line_ = std::string_view(text_).substr(used_, newline - used_);
      read_place(line_, generation_, at_);
      have_line_ = true;
      return true;
    }
    frame_ += frame_size_;
    frame_size_ = 0;
    lines_done_ = 0;
  }
}

void FileCopy::consume() {
  if (!have_line_) return;
  used_ += line_.size() + 1;
  ++lines_done_;
  have_line_ = false;
  if (used_ >= text_.size()) {
    frame_ += frame_size_;
    frame_size_ = 0;
    lines_done_ = 0;
  }
}

}  // namespace baton::index
