#pragma once

// Masks texts that stand side by side and may be one text: the lines of an output, the blocks of an
// answer, the words of a command. A secret may begin in one and end in another, or be named in one
// and stand in the next.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::secrets {

enum class Joint : uint8_t {
  list,    // lines, words or pieces: what they are is not known
  pieces,  // of one text
};

// What stands for each part; nothing where it stays. Secrets that a part holds by itself are masked
// only if they are seen in the whole too: mask() each as well.
std::vector<std::optional<std::string>> mask_joined(const std::vector<std::string_view>& parts,
                                                    Joint joint);

}  // namespace baton::secrets
