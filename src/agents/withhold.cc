#include "agents/withhold.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"

namespace baton::agents {
namespace {

constexpr int kDeepest = 512;
constexpr size_t kMaxPath = 4096;

// Members that name the file which a call is about.
constexpr std::string_view kPathKeys[] = {"file_path", "filePath",      "path",
                                          "filename",  "notebook_path", "absolute_path"};
// Members that hold contents, or pieces of them.
constexpr std::string_view kContentKeys[] = {
    "content",     "old_string",  "new_string",    "oldString",     "newString", "originalFile",
    "lines",       "stdout",      "stderr",        "text",          "output",    "data",
    "error",       "new_source",  "old_source",    "unified_diff",  "diff",      "patch",
    "old_content", "new_content", "result",        "snippet",       "base64",    "original_file",
    "old_str",     "new_str",     "tool_response", "toolUseResult", "file_text"};

constexpr std::string_view kPatchBegin = "*** Begin Patch";
constexpr std::string_view kFileHeads[] = {
    "*** Add File: ", "*** Update File: ", "*** Delete File: "};
constexpr std::string_view kMoveHead = "*** Move to: ";

bool is_among(auto& list, std::string_view word) {
  return std::ranges::find(list, word) != std::end(list);
}

// Where contents are to be taken out: below these places, as json::rewrite_strings names them. A
// call that stands in a list among others is a place of its own.
class Places {
 public:
  Places(const json::Value& root, const PathTest& is_withheld) : is_withheld_(is_withheld) {
    walk(root, "", "", 0);
  }
  const std::vector<std::string>& found() const { return found_; }
  bool has_patch() const { return has_patch_; }

 private:
  void walk(const json::Value& value, const std::string& at, const std::string& place, int depth) {
    if (depth > kDeepest) return;
    auto below = [&](std::string_view name) {
      return at.empty() ? std::string(name) : at + '/' + std::string(name);
    };
    if (value.is_object()) {
      for (size_t i = 0; i < value.size(); ++i) {
        std::string_view key = value.key_at(i);
        json::Value member = value.member_at(i);
        if (member.is_string()) {
          if (is_among(kPathKeys, key) && is_path(member.str())) add(place);
          has_patch_ = has_patch_ || contains(member.str(), kPatchBegin);
          continue;
        }
        // Changes by their paths: {"/a/.env": {"type": "add", "content": "..."}}.
        if (member.is_object() && is_path(key)) add(below(key));
        if (member.is_object() || member.is_array()) walk(member, below(key), place, depth + 1);
      }
    } else if (value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i) {
        json::Value item = value.at(i);
        if (item.is_string()) {
          has_patch_ = has_patch_ || contains(item.str(), kPatchBegin);
        } else if (item.is_object() || item.is_array()) {
          std::string here = below(std::to_string(i));
          walk(item, here, here, depth + 1);
        }
      }
    }
  }

  bool is_path(std::string_view text) const {
    return !text.empty() && text.size() <= kMaxPath && is_withheld_(text);
  }
  void add(const std::string& place) {
    if (std::ranges::find(found_, place) == found_.end()) found_.push_back(place);
  }

  const PathTest& is_withheld_;
  std::vector<std::string> found_;
  bool has_patch_ = false;
};

// The patch with the lines of such files' sections made empty of content.
std::optional<std::string> withhold_in_patch(std::string_view text, const PathTest& is_withheld) {
  std::string out;
  bool inside = false, changed = false;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    bool head = false;
    for (std::string_view word : kFileHeads) {
      if (!line.starts_with(word)) continue;
      head = true;
      inside = is_withheld(trim(line.substr(word.size())));
    }
    if (line.starts_with(kMoveHead)) {
      head = true;
      inside = inside || is_withheld(trim(line.substr(kMoveHead.size())));
    }
    if (line.starts_with("*** End Patch")) inside = false;
    if (!inside || head || line.empty() || line.starts_with("***")) {
      out += line;
    } else if (line.starts_with("@@")) {
      out += "@@";
      changed = true;
    } else {
      bool sign = line.front() == '+' || line.front() == '-' || line.front() == ' ';
      if (sign) out += line.front();
      out += kWithheldContent;
      changed = true;
    }
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  if (!changed) return std::nullopt;
  return out;
}

}  // namespace

std::optional<std::string> withhold_contents(std::string_view text, const json::Value& parsed,
                                             const PathTest& is_withheld) {
  Places places(parsed, is_withheld);
  if (places.found().empty() && !places.has_patch()) return std::nullopt;
  bool changed = false;
  auto rewritten = json::rewrite_strings(
      text, [&](const json::StringSite& site) -> std::optional<json::Replacement> {
        if (site.is_key || site.value.empty()) return std::nullopt;
        bool inside = std::ranges::any_of(places.found(), [&](const std::string& place) {
          return place.empty() || site.path == place ||
                 (site.path.starts_with(place) && site.path[place.size()] == '/');
        });
        if (inside && is_among(kContentKeys, site.key)) {
          changed = true;
          return json::Replacement{std::string(kWithheldContent), false};
        }
        if (!contains(site.value, kPatchBegin)) return std::nullopt;
        auto patch = withhold_in_patch(site.value, is_withheld);
        if (!patch) return std::nullopt;
        changed = true;
        return json::Replacement{std::move(*patch), false};
      });
  if (!changed || !rewritten) return std::nullopt;
  return std::move(*rewritten);
}

}  // namespace baton::agents
