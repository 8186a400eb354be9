#include "render/markdown.h"

#include <algorithm>

#include "base/bytes.h"
#include "render/text.h"

namespace baton::render {
namespace {

size_t longest_run_of_backticks(std::string_view text) {
  size_t longest = 0, run = 0;
  for (char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

std::string code_span(const Style& style, std::string_view text, size_t max) {
  std::string cleaned = clean(style, text);
  std::string_view body = cleaned;
  while (body.ends_with('\n')) body.remove_suffix(1);
  std::string line;
  for (char c : body) {
    if (c == '\n')
      line += "⏎";
    else
      line += c == '\t' ? ' ' : c;
  }
  if (max) line = fit(line, max);
  // A span of blanks only keeps them; one that begins or ends with a mark needs a blank inside.
  bool blank = line.find_first_not_of(' ') == std::string::npos;
  bool pad = line.empty() || line.starts_with('`') || line.ends_with('`') ||
             (line.starts_with(' ') && line.ends_with(' ') && !blank);
  std::string fence(longest_run_of_backticks(line) + 1, '`');
  return fence + (pad ? " " : "") + line + (pad ? " " : "") + fence;
}

std::string code_block(const Style& style, std::string_view text, std::string_view indent,
                       size_t max_lines) {
  std::string cleaned = clean(style, text);
  std::string_view body = cleaned;
  while (body.ends_with('\n')) body.remove_suffix(1);
  std::string fence(std::max<size_t>(3, longest_run_of_backticks(body) + 1), '`');
  std::string block = std::string(indent) + fence + "text\n";
  size_t number = 0;
  for (std::string_view line : split(body, '\n')) {
    if (max_lines && number++ == max_lines) break;
    block += (line.empty() ? "" : std::string(indent)) + std::string(line) + "\n";
  }
  return block + std::string(indent) + fence + "\n";
}

}  // namespace baton::render
