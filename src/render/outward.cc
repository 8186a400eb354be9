#include "render/outward.h"

#include <algorithm>
#include <array>
#include <functional>

namespace baton::render {
namespace {

constexpr std::array<std::string_view, 14> kVendors = {
    "anthropic.com", "claude.ai", "claude.com",        "openai.com",  "chatgpt.com",
    "cursor.com",    "cursor.sh", "gemini.google.com", "opencode.ai", "aider.chat",
    "cline.bot",     "qwen.ai",   "windsurf.com",      "ampcode.com"};

bool ends_url(char c) {
  return c <= ' ' || c == ')' || c == ']' || c == '>' || c == '"' || c == '\'' || c == '`' ||
         c == '<';
}

bool continues_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

bool is_vendor(std::string_view host) {
  return std::ranges::any_of(kVendors, [&](std::string_view vendor) {
    return host == vendor ||
           (host.ends_with(vendor) && host[host.size() - vendor.size() - 1] == '.');
  });
}

// The length of a vendor's URL that begins here, else 0.
size_t vendor_url(std::string_view text) {
  size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  if (!scheme) return 0;
  size_t end = scheme;
  while (end < text.size() && !ends_url(text[end])) end++;
  std::string_view host = text.substr(scheme, end - scheme);
  host = host.substr(0, host.find_first_of("/?#:"));
  return is_vendor(host) ? end : 0;
}

}  // namespace

Outward::Outward(const std::vector<std::string>& roots, const std::string& home) {
  for (const std::string& root : roots) {
    if (root.size() > 1) places_.emplace_back(root, ".");
  }
  if (home.size() > 1) places_.emplace_back(home, "~");
  std::ranges::stable_sort(places_, std::greater(),
                           [](const auto& place) { return place.first.size(); });
}

std::string Outward::text(std::string_view text) const {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    std::string_view rest = text.substr(at);
    if (rest[0] == 'h') {
      if (size_t length = vendor_url(rest)) {
        out += "(link left out)";
        at += length;
        continue;
      }
    }
    const std::pair<std::string, std::string>* found = nullptr;
    if (rest[0] == '/') {
      auto place = std::ranges::find_if(places_, [&](const auto& each) {
        return rest.starts_with(each.first) &&
               (rest.size() == each.first.size() || !continues_name(rest[each.first.size()]));
      });
      found = place == places_.end() ? nullptr : &*place;
    }
    if (!found) {
      out += text[at++];
      continue;
    }
    at += found->first.size();
    bool inside = at < text.size() && text[at] == '/';
    if (inside && found->second == ".")
      at++;
    else
      out += found->second;
  }
  return out;
}

}  // namespace baton::render
