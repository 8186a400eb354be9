#include "diff/similarity.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"

namespace baton::diff {
namespace {

constexpr size_t kChunk = 64;
constexpr uint64_t kFull = 60'000;  // git's scale; it is rounded down twice, to this and to percent

struct Chunk {
  uint64_t hash;
  uint64_t bytes;
};

// Chunks by hash, equal ones joined.
std::vector<Chunk> chunks_of(std::string_view content) {
  const bool is_text = !looks_binary(content);
  std::vector<Chunk> chunks;
  std::string chunk;
  auto finish = [&] {
    if (chunk.empty()) return;
    chunks.push_back({checksum64(chunk), chunk.size()});
    chunk.clear();
  };
  for (size_t i = 0; i < content.size(); ++i) {
    if (is_text && content[i] == '\r' && i + 1 < content.size() && content[i + 1] == '\n') continue;
    chunk += content[i];
    if (content[i] == '\n' || chunk.size() == kChunk) finish();
  }
  finish();
  std::ranges::sort(chunks, {}, &Chunk::hash);
  size_t kept = 0;
  for (const Chunk& each : chunks) {
    if (kept > 0 && chunks[kept - 1].hash == each.hash) {
      chunks[kept - 1].bytes += each.bytes;
    } else {
      chunks[kept++] = each;
    }
  }
  chunks.resize(kept);
  return chunks;
}

}  // namespace

Likeness likeness(std::string_view old_content, std::string_view new_content) {
  if (old_content == new_content) return {100, new_content.size()};
  if (old_content.empty() || new_content.empty()) return {};
  const std::vector<Chunk> old_chunks = chunks_of(old_content);
  const std::vector<Chunk> new_chunks = chunks_of(new_content);
  uint64_t common = 0;
  for (size_t i = 0, j = 0; i < old_chunks.size() && j < new_chunks.size();) {
    if (old_chunks[i].hash == new_chunks[j].hash) {
      common += std::min(old_chunks[i++].bytes, new_chunks[j++].bytes);
    } else if (old_chunks[i].hash < new_chunks[j].hash) {
      ++i;
    } else {
      ++j;
    }
  }
  const uint64_t larger = std::max(old_content.size(), new_content.size());
  return {static_cast<int>(common * kFull / larger * 100 / kFull), common};
}

int similarity(std::string_view old_content, std::string_view new_content) {
  return likeness(old_content, new_content).percent;
}

}  // namespace baton::diff
