#pragma once

// Small helpers on byte strings. A `std::string` holds bytes, not characters; text that must be
// UTF-8 says so.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

std::string hex(std::string_view bytes);
// The bytes of a lower- or upper-case hex text, or nothing if it is not one.
std::optional<std::string> from_hex(std::string_view text);

std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view bytes);
// The bytes with each ill-formed sequence replaced by U+FFFD.
std::string to_utf8(std::string_view bytes);

// The first `max_bytes` bytes at most, cut at a character's border.
std::string_view utf8_prefix(std::string_view text, size_t max_bytes);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string lower_ascii(std::string_view text);
// Each LF without a CR before it gets one.
std::string with_crlf(std::string_view text);
bool contains(std::string_view text, std::string_view part);

std::optional<int64_t> parse_int(std::string_view text);

// Whether the content is binary as git decides it: a NUL among the first 8000 bytes.
bool looks_binary(std::string_view content);

}  // namespace baton
