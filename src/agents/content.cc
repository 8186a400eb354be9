#include "agents/content.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::agents {
namespace {

// Whether `path` is `pattern` or lies below it.
bool below(std::string_view path, std::string_view pattern) {
  for (;;) {
    std::string_view want = pattern.substr(0, pattern.find('/'));
    std::string_view have = path.substr(0, path.find('/'));
    if (want != "*" && want != have) return false;
    if (want.size() == pattern.size()) return true;
    if (have.size() == path.size()) return false;
    pattern.remove_prefix(want.size() + 1);
    path.remove_prefix(have.size() + 1);
  }
}

}  // namespace

std::string content_text(const json::Value& content) {
  if (content.is_string()) return std::string(content.str());
  if (content.is_object()) return std::string(content["text"].str());
  std::string text;
  bool first = true;
  for (size_t i = 0; i < std::min(content.size(), kBlocksLimit); ++i) {
    json::Value block = content.at(i);
    std::string_view part = block.is_string() ? block.str() : block["text"].str();
    if (part.empty()) continue;
    if (!first) text += '\n';
    first = false;
    text += part;
  }
  return text;
}

std::optional<int> status_after(std::string_view text, std::string_view prefix,
                                std::string_view* rest) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  size_t end = text.find('\n');
  std::optional<int64_t> number = parse_int(text.substr(0, end));
  if (!number || *number < INT32_MIN || *number > INT32_MAX) return std::nullopt;
  if (rest) *rest = end == text.npos ? std::string_view() : text.substr(end + 1);
  return static_cast<int>(*number);
}

std::string blank_strings(std::string_view text, const std::vector<std::string_view>& paths) {
  auto blanked = json::rewrite_strings(
      text, [&](const json::StringSite& site) -> std::optional<json::Replacement> {
        if (site.is_key || site.value.empty()) return std::nullopt;
        for (std::string_view path : paths) {
          if (below(site.path, path)) return json::Replacement{};
        }
        return std::nullopt;
      });
  return blanked ? *std::move(blanked) : std::string(text);
}

}  // namespace baton::agents
