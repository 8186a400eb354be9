#include "render/style.h"

namespace baton::render {
namespace {

std::string_view code(Look look) {
  switch (look) {
    case Look::plain:
      return "";
    case Look::title:
      return "\033[1m";
    case Look::faint:
      return "\033[2m";
    case Look::address:
      return "\033[33m";
    case Look::agent:
      return "\033[36m";
    case Look::path:
      return "\033[1m";
    case Look::prompt:
      return "\033[1m";
    case Look::good:
      return "\033[32m";
    case Look::bad:
      return "\033[31m";
    case Look::warn:
      return "\033[33m";
    case Look::added:
      return "\033[32m";
    case Look::removed:
      return "\033[31m";
    case Look::hunk:
      return "\033[36m";
    case Look::mark:
      return "\033[1;31m";
  }
  return "";
}

}  // namespace

std::string_view Style::begin(Look look) const {
  return color ? code(look) : "";
}

std::string_view Style::end(Look look) const {
  return color && look != Look::plain ? "\033[m" : "";
}

std::string Style::paint(Look look, std::string_view text) const {
  if (text.empty()) return {};
  std::string painted(begin(look));
  painted += text;
  painted += end(look);
  return painted;
}

}  // namespace baton::render
