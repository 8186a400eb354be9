#include "base/sha_blocks.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <sys/platform/x86.h>

namespace baton {
namespace {

// FIPS 180-4, 4.2.2.
alignas(16) constexpr uint32_t kRounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

}  // namespace

bool has_sha_instructions() {
  // What the C library found at start-up; asking the processor again costs a virtual machine dear.
  return CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSSE3) && CPU_FEATURE_ACTIVE(SSE4_1);
}

__attribute__((target("sha,ssse3,sse4.1"))) void sha1_blocks(uint32_t state[5], const uint8_t* data,
                                                             size_t blocks) {
  // The words of a block come with their first byte highest, and the first word in the highest
  // lane.
  const __m128i order = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
  __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(state)), 0x1b);
  __m128i e = _mm_set_epi32(static_cast<int>(state[4]), 0, 0, 0);
  for (; blocks > 0; --blocks, data += 64) {
    const __m128i abcd_before = abcd, e_before = e;
    __m128i words[4];
    for (int i = 0; i < 4; ++i) {
      words[i] =
          _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data + 16 * i)), order);
    }
    __m128i previous = abcd;  // of which the next four rounds take their e
#pragma GCC unroll 20
    for (int i = 0; i < 20; ++i) {  // four rounds each
      __m128i& now = words[i % 4];
      if (i >= 4) {
        now = _mm_sha1msg2_epu32(
            _mm_xor_si128(_mm_sha1msg1_epu32(now, words[(i + 1) % 4]), words[(i + 2) % 4]),
            words[(i + 3) % 4]);
      }
      __m128i added = i == 0 ? _mm_add_epi32(e, now) : _mm_sha1nexte_epu32(previous, now);
      previous = abcd;
      switch (i / 5) {
        case 0:
          abcd = _mm_sha1rnds4_epu32(abcd, added, 0);
          break;
        case 1:
          abcd = _mm_sha1rnds4_epu32(abcd, added, 1);
          break;
        case 2:
          abcd = _mm_sha1rnds4_epu32(abcd, added, 2);
          break;
        default:
          abcd = _mm_sha1rnds4_epu32(abcd, added, 3);
      }
    }
    e = _mm_sha1nexte_epu32(previous, e_before);
    abcd = _mm_add_epi32(abcd, abcd_before);
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state), _mm_shuffle_epi32(abcd, 0x1b));
  state[4] = static_cast<uint32_t>(_mm_extract_epi32(e, 3));
}

__attribute__((target("sha,ssse3,sse4.1"))) void sha256_blocks(uint32_t state[8],
                                                               const uint8_t* data, size_t blocks) {
  const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  // The instructions want {a,b,e,f} and {c,d,g,h}, highest lane first.
  __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state));       // d c b a
  __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state + 4));  // h g f e
  low = _mm_shuffle_epi32(low, 0xb1);                                           // c d a b
  high = _mm_shuffle_epi32(high, 0x1b);                                         // e f g h
  __m128i abef = _mm_alignr_epi8(low, high, 8);
  __m128i cdgh = _mm_blend_epi16(high, low, 0xf0);
  for (; blocks > 0; --blocks, data += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i words[4];
    for (int i = 0; i < 4; ++i) {
      words[i] =
          _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data + 16 * i)), order);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {  // four rounds each
      __m128i& now = words[i % 4];
      if (i >= 4) {
        __m128i seventh = _mm_alignr_epi8(words[(i + 3) % 4], words[(i + 2) % 4], 4);
        now = _mm_sha256msg2_epu32(
            _mm_add_epi32(_mm_sha256msg1_epu32(now, words[(i + 1) % 4]), seventh),
            words[(i + 3) % 4]);
      }
      __m128i added =
          _mm_add_epi32(now, _mm_load_si128(reinterpret_cast<const __m128i*>(kRounds + 4 * i)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, added);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(added, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
  __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

}  // namespace baton

#else

namespace baton {

bool has_sha_instructions() {
  return false;
}
void sha1_blocks(uint32_t[5], const uint8_t*, size_t) {}
void sha256_blocks(uint32_t[8], const uint8_t*, size_t) {}

}  // namespace baton

#endif
