#pragma once

// SHA-1 and SHA-256 over whole blocks by the processor's own instructions, where it has them: 5 to
// 10 times as fast as portable code, and hashing is the larger part of what a hook computes.
// hash.cc decides, and falls back to libmd.

#include <cstddef>
#include <cstdint>

namespace baton {

bool has_sha_instructions();
// REQUIRES: has_sha_instructions(). `blocks` of 64 bytes each.
void sha1_blocks(uint32_t state[5], const uint8_t* data, size_t blocks);
void sha256_blocks(uint32_t state[8], const uint8_t* data, size_t blocks);

}  // namespace baton
