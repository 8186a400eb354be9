#pragma once

// Which change brought each line of a file: aligns the versions of a path, in order, and carries
// owners along. Content decides, not ids or commits, so owners survive whatever git does to
// history.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton::attribution {

// Where a line comes from: the version (number in the order given) that brought it.
struct LineOrigin {
  uint32_t version = 0;
  bool operator==(const LineOrigin&) const = default;
};

// A file's versions, given one after the other, oldest first. A version that is not new (a
// checkout, a stash that comes back, an undone edit) takes the origins that its content had before.
class LineOwners {
 public:
  // `known_as` names the content (its id): versions of the same name have the same origins.
  // `new_lines` is what origin its new lines have.
  void add_version(std::string_view content, const std::string& known_as, LineOrigin new_lines);
  // The path was gone: lines that come later are new unless their content is known.
  void add_absence();

  // Origins of the lines of the newest version.
  const std::vector<LineOrigin>& newest() const { return current_.origins; }
  // Origins of another content, aligned with the newest version; lines that it does not have are of
  // `new_lines`.
  std::vector<LineOrigin> align(std::string_view content, LineOrigin new_lines) const;
  // The same against the version of that name; empty if there is none.
  const std::vector<LineOrigin>* known(const std::string& known_as) const;

 private:
  struct Version {
    std::string content;
    std::string known_as;
    std::vector<LineOrigin> origins;
  };
  static std::vector<LineOrigin> carry(const Version& from, std::string_view content,
                                       LineOrigin new_lines);
  Version current_;
  std::vector<std::pair<std::string, std::vector<LineOrigin>>> seen_;
};

}  // namespace baton::attribution
