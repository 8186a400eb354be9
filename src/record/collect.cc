#include "record/collect.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "os/clock.h"
#include "record/payload.h"
#include "store/transcript.h"

namespace baton::record {
namespace {

constexpr size_t kChunk = 4 << 20;
constexpr size_t kMaxLine = 64 << 20;
constexpr size_t kFrameLines = 8 << 20;  // text of one frame, about
constexpr size_t kCheckBytes = 256;

Result<uint64_t> check_before(const os::File& file, uint64_t offset) {
  uint64_t length = std::min<uint64_t>(offset, kCheckBytes);
  return checksum64(TRY(os::read_at(file, offset - length, length)));
}

class Copy {
 public:
  Copy(store::TranscriptWriter& writer, store::Objects& objects, const agents::Agent& agent,
       HashKind hash, const std::string& path)
      : writer_(writer), objects_(objects), agent_(agent), payload_(hash), hash_(hash) {
    position_ = writer.position();
    position_.path = path;
  }

  Result<bool> run(const os::File& file, worktree::Deadline deadline) {
    TRY(find_start(file));
    std::string buffer;
    uint64_t at = position_.offset;  // of buffer's begin
    for (;;) {
      std::string more = TRY(os::read_at(file, at + buffer.size(), kChunk));
      bool at_end = more.size() < kChunk;
      buffer += more;
      size_t begin = 0;
      for (size_t end = buffer.find('\n'); end != std::string::npos;
           end = buffer.find('\n', begin)) {
        take_line(at + begin, std::string_view(buffer).substr(begin, end - begin));
        begin = end + 1;
        if (lines_.size() >= kFrameLines) TRY(flush(file, at + begin));
        if (os::monotonic_us() >= deadline) {
          TRY(flush(file, at + begin));
          return false;
        }
      }
      buffer.erase(0, begin);
      at += begin;
      if (at_end) break;
      if (buffer.size() > kMaxLine) {
        return fail(ErrorKind::limit, "a line of '" + position_.path + "' is larger than " +
                                          std::to_string(kMaxLine) + " bytes");
      }
    }
    if (at != position_.offset) TRY(flush(file, at));
    return true;
  }

  uint64_t offset() const { return position_.offset; }

 private:
  // Whether the file is still the one that was copied: long enough, with the same bytes before the
  // place where copying stopped.
  Status find_start(const os::File& file) {
    uint64_t size = TRY(os::file_size(file));
    bool same =
        position_.path == writer_.position().path && size >= position_.offset &&
        (position_.offset == 0 || TRY(check_before(file, position_.offset)) == position_.check);
    if (!same) {
      position_.generation += writer_.position().offset > 0 ? 1 : 0;
      position_.offset = 0;
    }
    return {};
  }

  void take_line(uint64_t at, std::string_view raw) {
    // Some agents leave NULs where a write was lost.
    while (!raw.empty() && raw.front() == '\0') raw.remove_prefix(1);
    if (trim(raw).empty()) return;
    std::string text(raw);
    json::tidy(text);
    auto document = json::Document::parse(text);
    std::string line;
    if (!document) {
      line = payload_.wrap_text(text);
    } else {
      if (!agent_.keeps_line(document->root())) return;
      auto rewritten = payload_.rewrite(agent_.trim_line(text));
      if (!rewritten) return;
      line = std::move(*rewritten);
    }
    json::Writer writer;
    writer.begin_object()
        .member("g", position_.generation)
        .member("at", static_cast<int64_t>(at))
        .key("l")
        .raw(line)
        .end_object();
    lines_ += writer.text();
    lines_ += '\n';
  }

  Status flush(const os::File& file, uint64_t offset) {
    TRY(payload_.store(objects_, [](const ObjectId&) { return false; }));
    payload_ = PayloadWriter(hash_);
    position_.offset = offset;
    position_.check = TRY(check_before(file, offset));
    TRY(writer_.append(lines_, position_));
    lines_.clear();
    return {};
  }

  store::TranscriptWriter& writer_;
  store::Objects& objects_;
  const agents::Agent& agent_;
  PayloadWriter payload_;
  HashKind hash_;
  store::TranscriptPosition position_;
  std::string lines_;
};

}  // namespace

Result<Collected> collect(const store::Store& store, store::Objects& objects,
                          const agents::Agent& agent, const std::string& session,
                          const std::string& path, worktree::Deadline deadline) {
  os::File file = TRY(os::open_file(path, os::Open::read));
  if (TRY(os::stat_open_file(file)).type != os::FileType::regular) {
    return fail(ErrorKind::io, "'" + path + "' is no file");
  }
  std::string directory =
      os::join(os::join(store.sessions_dir(), agent.id()), store::session_directory_name(session));
  auto writer = TRY(store::TranscriptWriter::open(directory));
  Copy copy(writer, objects, agent, store.hash, path);
  bool complete = TRY(copy.run(file, deadline));
  return Collected{path, copy.offset(), complete};
}

}  // namespace baton::record
