#include "render/body_marks.h"

namespace baton::render {
namespace {

bool is_mark(std::string_view line, std::string_view mark) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return line == mark;
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
    if (is_mark(line, kBodyEnds) && begins != std::string_view::npos) ends = at, after = end;
    if (is_mark(line, kBodyEnds) && begins == std::string_view::npos) {
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
