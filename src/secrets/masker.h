#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "secrets/mask.h"

namespace baton::secrets {

// Masks with patterns of the user's besides the rules above.
class Masker {
 public:
  static constexpr size_t kMaxPatterns = 100;
  static constexpr size_t kMaxPatternBytes = 4096;

  Masker();
  ~Masker();
  Masker(Masker&&) noexcept;
  Masker& operator=(Masker&&) noexcept;

  // Adds a regular expression (PCRE2's syntax, bytes). Its first group is the secret, or all of it
  // if it has none. The name becomes part of the mark and may hold letters, digits and `-`. Fails
  // (ErrorKind::usage) with what is wrong and where. A match that takes more than a fixed amount of
  // work, or holds a mark, does not count.
  Status add_pattern(std::string_view name, std::string_view regex);

  std::vector<Finding> find(std::string_view text) const;
  std::optional<std::string> mask(std::string_view text) const;
  std::optional<std::string> mask_member(std::string_view key, std::string_view value) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;  // none without patterns
};

}  // namespace baton::secrets
