#include "render/body_marks.h"

namespace baton::render {
namespace {

// What stands before it counts: quoted text is indented.
bool is_mark(std::string_view line, std::string_view mark) {
  size_t end = line.find_last_not_of(" \t\r\n");
  return end != line.npos && line.substr(0, end + 1) == mark;
}

}  // namespace

Result<Around> around_body(std::string_view existing) {
  Around around;
  size_t begins = std::string_view::npos, ends = std::string_view::npos, after = 0;
  for (size_t at = 0; at < existing.size();) {
    size_t end = existing.find('\n', at);
    end = end == std::string_view::npos ? existing.size() : end + 1;
    std::string_view line = existing.substr(at, end - at);
    if (is_mark(line, kBodyBegins) && begins == std::string_view::npos) begins = at;
    bool is_end = is_mark(line, kBodyEnds);
    if (is_end && begins != std::string_view::npos) {
      // What follows is a person's, even if it holds marks.
      ends = at, after = end;
      break;
    }
    if (is_end) {
      return fail(ErrorKind::usage, "the body has an end mark without a begin mark",
                  "take out the line " + std::string(kBodyEnds));
    }
    at = end;
  }
  if (begins == std::string_view::npos) {
    around.before = existing;
    if (!around.before.empty()) {
      while (!around.before.ends_with("\n\n")) around.before += '\n';
    }
    return around;
  }
  if (ends == std::string_view::npos) {
    return fail(ErrorKind::usage, "the body has a begin mark without an end mark",
                "take out the line " + std::string(kBodyBegins));
  }
  around.before = existing.substr(0, begins);
  around.after = existing.substr(after);
  return around;
}

}  // namespace baton::render
