#pragma once

// Recorded text on its way out of this machine, into a pull request or a page: where the repository
// and the home lie here is nobody's business, and addresses at vendors are no part of the work.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::render {

class Outward {
 public:
  // `roots`: folders that paths are told from ("" entries are ignored); `home` becomes "~".
  Outward(const std::vector<std::string>& roots, const std::string& home);
  Outward() = default;

  // The text without these places, without whose home a path lies in, and without links to vendors
  // of agents.
  std::string text(std::string_view text) const;

 private:
  // The place that begins here, if one does.
  const std::pair<std::string, std::string>* place_at(std::string_view rest) const;

  std::vector<std::pair<std::string, std::string>> places_;
};

}  // namespace baton::render
