#include "render/outward.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace baton::render {
namespace {

constexpr std::array<std::string_view, 14> kVendors = {
    "anthropic.com", "claude.ai", "claude.com",        "openai.com",  "chatgpt.com",
    "cursor.com",    "cursor.sh", "gemini.google.com", "opencode.ai", "aider.chat",
    "cline.bot",     "qwen.ai",   "windsurf.com",      "ampcode.com"};

bool ends_url(char c) {
  return c <= ' ' || c == ')' || c == ']' || c == '>' || c == '"' || c == '\'' || c == '`' ||
         c == '<' || c == '|' || c == '\x7f';
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

// The host at the beginning of the text, small letters, without a dot behind it.
std::string host_at(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && continues_name(text[end])) ++end;
  std::string host = lower_ascii(text.substr(0, end));
  while (host.ends_with('.')) host.pop_back();
  return host;
}

// The length of a vendor's address that begins here, else 0: a URL with a scheme or with "www.", a
// host with a path, the part of an email address from its "@" on.
size_t vendor_address(std::string_view text) {
  std::string begin = lower_ascii(text.substr(0, 8));
  size_t scheme = begin.starts_with("https://") ? 8 : begin.starts_with("http://") ? 7 : 0;
  size_t end = scheme;
  while (end < text.size() && !ends_url(text[end])) ++end;
  while (end > scheme && contains(".,;:!?", text.substr(end - 1, 1))) --end;
  std::string_view rest = text.substr(scheme, end - scheme);
  if (scheme != 0) {  // somebody may be named before the host
    std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (size_t at = authority.rfind('@'); at != authority.npos) rest.remove_prefix(at + 1);
  }
  std::string host = host_at(rest);
  if (!is_vendor(host)) return 0;
  bool has_path = rest.size() > host.size() && rest[host.size()] == '/';
  return scheme != 0 || has_path || host.starts_with("www.") ? end : 0;
}

size_t vendor_mailbox(std::string_view text) {
  if (text[0] != '@') return 0;
  std::string host = host_at(text.substr(1));
  return is_vendor(host) ? host.size() + 1 : 0;
}

// The length of somebody's home that begins here: "/home/robin", "/root", "C:\Users\robin".
size_t some_home(std::string_view text) {
  if (text.starts_with("/root") && (text.size() == 5 || !continues_name(text[5]))) return 5;
  bool drive = text.size() > 2 && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
  std::string_view rest = drive ? text.substr(2) : text;
  for (std::string_view folder : {"/home/", "/Users/", "\\Users\\"}) {
    if (!rest.starts_with(folder)) continue;
    size_t end = folder.size();
    while (end < rest.size() && continues_name(rest[end])) ++end;
    if (end > folder.size()) return end + (drive ? 2 : 0);
  }
  return 0;
}

}  // namespace

Outward::Outward(const std::vector<std::string>& roots, const std::string& home) {
  for (const std::string& root : roots) {
    if (root.size() > 1) places_.emplace_back(root, ".");
  }
  if (home.size() > 1) places_.emplace_back(home, "~");
}

std::string Outward::text(std::string_view text) const {
  std::string out;
  out.reserve(text.size());
  bool in_path = false;  // a longer path leads here: "/mnt" of "/mnt/home/robin"
  bool in_name = false;
  for (size_t at = 0; at < text.size();) {
    std::string_view rest = text.substr(at);
    if (!in_name && !in_path && continues_name(rest[0])) {
      if (size_t length = vendor_address(rest)) {
        out += "(link left out)";
        at += length;
        continue;
      }
    }
    if (size_t length = vendor_mailbox(rest)) {
      while (!out.empty() && (continues_name(out.back()) || out.back() == '+')) out.pop_back();
      out += "(address left out)";
      at += length;
      in_name = false;
      continue;
    }
    if (size_t length = in_name || in_path ? 0 : some_home(rest); length && !place_at(rest)) {
      out += "~";
      at += length;
      continue;
    }
    const std::pair<std::string, std::string>* found = rest[0] == '/' ? place_at(rest) : nullptr;
    if (!found) {
      in_path = rest[0] == '/' || (in_path && continues_name(rest[0]));
      in_name = continues_name(rest[0]);
      out += text[at++];
      continue;
    }
    at += found->first.size();
    bool inside = at < text.size() && text[at] == '/';
    if (in_path) {
      out += "/…";
    } else if (inside && found->second == ".") {
      at++;
    } else {
      out += found->second;
    }
    in_path = in_name = false;
  }
  return out;
}

const std::pair<std::string, std::string>* Outward::place_at(std::string_view rest) const {
  const std::pair<std::string, std::string>* longest = nullptr;
  for (const auto& place : places_) {
    size_t size = place.first.size();
    bool begins =
        rest.starts_with(place.first) && (rest.size() == size || !continues_name(rest[size]));
    if (begins && (longest == nullptr || size > longest->first.size())) longest = &place;
  }
  return longest;
}

}  // namespace baton::render
