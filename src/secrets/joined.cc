#include "secrets/joined.h"

#include <algorithm>

#include "secrets/mask.h"

namespace baton::secrets {
namespace {

// More than this is not joined: then each part is masked for itself.
constexpr size_t kMaxJoined = 4u << 20;

struct Cut {
  size_t begin, end;
  std::string_view rule;
};

class Parts {
 public:
  explicit Parts(const std::vector<std::string_view>& parts) : parts_(parts), cuts_(parts.size()) {}

  // Joins them so, looks for secrets, and takes those for which `counts(first, last, begin)` says
  // so: the parts where one begins and ends, and its begin in the first.
  template <class Counts>
  void look(std::string_view between, Counts counts) {
    std::string text;
    std::vector<size_t> begins;
    for (std::string_view part : parts_) {
      begins.push_back(text.size());
      text += part;
      text += between;
    }
    for (const Finding& finding : find(text)) {
      size_t end = finding.offset + finding.length;
      auto after = [&](size_t at) {
        return static_cast<size_t>(std::ranges::upper_bound(begins, at) - begins.begin());
      };
      size_t first = after(finding.offset) - 1, last = after(end - 1) - 1;
      if (!counts(first, last, finding.offset - begins[first])) continue;
      for (size_t i = first; i <= last; ++i) {
        size_t from = std::max(finding.offset, begins[i]) - begins[i];
        size_t to = std::min(end - begins[i], parts_[i].size());
        if (from < to) cuts_[i].push_back({from, to, finding.rule});
      }
    }
  }

  std::vector<std::optional<std::string>> masked() {
    std::vector<std::optional<std::string>> result(parts_.size());
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (cuts_[i].empty()) continue;
      std::ranges::sort(cuts_[i], {}, &Cut::begin);
      std::string text;
      size_t at = 0;
      for (const Cut& cut : cuts_[i]) {
        if (cut.begin >= at) {
          text += parts_[i].substr(at, cut.begin - at);
          text += mark(cut.rule);
        }
        at = std::max(at, cut.end);
      }
      text += parts_[i].substr(at);
      result[i] = std::move(text);
    }
    return result;
  }

 private:
  const std::vector<std::string_view>& parts_;
  std::vector<std::vector<Cut>> cuts_;
};

bool holds_blank(std::string_view text) {
  return text.find_first_of(" \t\r\n") != std::string_view::npos;
}

constexpr std::string_view kBeforeValue = "=:\"' ";

// Whether the value that begins in `text` at `begin` has its name at the end of the text before it:
// NAME= and VALUE, "name":" and VALUE", NAME and =VALUE.
bool goes_on(std::string_view before, std::string_view text, size_t begin) {
  std::string_view head = text.substr(0, begin);
  if (head.find_first_not_of(kBeforeValue) != head.npos) return false;
  if (before.empty()) return false;
  return !head.empty() || kBeforeValue.find(before.back()) != kBeforeValue.npos;
}

}  // namespace

std::vector<std::optional<std::string>> mask_joined(const std::vector<std::string_view>& parts,
                                                    Joint joint) {
  size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  if (parts.size() < 2 || size > kMaxJoined)
    return std::vector<std::optional<std::string>>(parts.size());
  Parts all(parts);
  auto any = [](size_t, size_t, size_t) { return true; };
  all.look("\n", any);
  if (joint == Joint::pieces) {
    all.look("", any);
    return all.masked();
  }
  all.look("", [&](size_t first, size_t last, size_t begin) {
    return last > first || (first > 0 && goes_on(parts[first - 1], parts[first], begin));
  });
  if (std::ranges::none_of(parts, holds_blank)) {
    // The words of a command: what follows the name of an option.
    all.look(" ", [&](size_t first, size_t, size_t) {
      return first > 0 && parts[first - 1].starts_with('-');
    });
  }
  return all.masked();
}

}  // namespace baton::secrets
