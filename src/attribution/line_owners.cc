#include "attribution/line_owners.h"

#include <algorithm>

#include "diff/diff.h"
#include "diff/lines.h"

namespace baton::attribution {

std::vector<LineOrigin> LineOwners::carry(const Version& from, std::string_view content,
                                          LineOrigin new_lines) {
  std::vector<LineOrigin> origins(diff::split_lines(content).size(), new_lines);
  uint32_t old_line = 0;
  uint32_t new_line = 0;
  auto copy_until = [&](uint32_t old_end) {
    while (old_line < old_end) origins[new_line++] = from.origins[old_line++];
  };
  for (const diff::Edit& edit : diff::diff_lines(from.content, content)) {
    copy_until(edit.old_begin);
    old_line = edit.old_end;
    new_line = edit.new_end;
  }
  copy_until(static_cast<uint32_t>(from.origins.size()));
  return origins;
}

const std::vector<LineOrigin>* LineOwners::known(const std::string& known_as) const {
  auto found = std::ranges::find(seen_, known_as,
                                 [](const auto& each) -> const std::string& { return each.first; });
  return found == seen_.end() ? nullptr : &found->second;
}

void LineOwners::add_version(std::string_view content, const std::string& known_as,
                             LineOrigin new_lines) {
  std::vector<LineOrigin> origins;
  if (const auto* before = known(known_as)) {
    origins = *before;
  } else {
    origins = carry(current_, content, new_lines);
    seen_.emplace_back(known_as, origins);
  }
  current_ = {std::string(content), known_as, std::move(origins)};
}

void LineOwners::add_absence() {
  current_ = {};
}

std::vector<LineOrigin> LineOwners::align(std::string_view content, LineOrigin new_lines) const {
  return carry(current_, content, new_lines);
}

}  // namespace baton::attribution
