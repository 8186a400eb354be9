#pragma once

// Who wrote a commit and when, as git writes it: "NAME <EMAIL> 1767323045 +0130".

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::git {

struct Signature {
  std::string name, email;
  int64_t time = 0;        // seconds since the epoch
  int offset_minutes = 0;  // of the time zone
};

// "1767323045 +0130"
void parse_time(std::string_view text, Signature& signature);
std::string format_signature(const Signature& signature);

}  // namespace baton::git
