#include "secrets/stream.h"

#include <algorithm>

#include "base/bytes.h"
#include "secrets/block.h"
#include "secrets/mask.h"

namespace baton::secrets {
namespace {

constexpr size_t kContext = 512;     // bytes kept of what was given out: names stand before values
constexpr size_t kWordReach = 4096;  // a word that may go on is looked at from here on

bool ends_word(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '`';
}

// Where the lines begin that may belong to a private key whose end is not there yet. [from, end) is
// whole lines; `end` if there are none.
size_t key_lines_begin(std::string_view text, size_t from, size_t end) {
  size_t first = end;
  for (size_t line_end = end, line; line_end > from; line_end = line) {
    size_t newline = line_end >= 2 ? text.rfind('\n', line_end - 2) : text.npos;
    line = newline == text.npos || newline < from ? from : newline + 1;
    std::string_view content = text.substr(line, line_end - line);
    if (contains(content, "-----BEGIN") && contains(content, "KEY")) return line;
    bool between = content.find_first_not_of(" \t\r\n") == content.npos ||
                   contains(content, "Proc-Type") || contains(content, "DEK-Info");
    if (is_key_line(content))
      first = line;
    else if (!between)
      break;
  }
  return first;
}

}  // namespace

std::string StreamMasker::give_out(size_t end) {
  std::string out;
  size_t done = given_;
  for (const Finding& finding : find(text_)) {
    size_t finding_end = finding.offset + finding.length;
    if (finding_end <= done) continue;
    if (finding.offset >= end) break;
    if (finding.offset > done) out.append(text_, done, finding.offset - done);
    out += mark(finding.rule);
    done = finding_end;
    end = std::max(end, finding_end);
    in_secret_ = finding_end == text_.size();
  }
  if (done < end) out.append(text_, done, end - done);
  // The line before stays as context, or the last bytes of a long one.
  size_t keep = end > kContext ? end - kContext : 0;
  size_t newline = keep > 0 ? text_.find('\n', keep) : text_.npos;
  if (newline != text_.npos && newline + 1 < end) keep = newline + 1;
  text_.erase(0, keep);
  given_ = end - keep;
  return out;
}

std::string StreamMasker::feed(std::string_view piece) {
  if (in_secret_) {
    size_t end = 0;
    while (end < piece.size() && !ends_word(piece[end])) end++;
    if (end == piece.size()) return {};
    in_secret_ = false;
    piece.remove_prefix(end);
    text_.clear();
    given_ = 0;
  }
  text_ += piece;
  size_t end = text_.rfind('\n');
  end = end == text_.npos || end + 1 < given_ ? given_ : end + 1;
  const size_t lines_end = end;
  end = key_lines_begin(text_, given_, end);
  if (end < lines_end && lines_end - end > kMaxHeld) end = lines_end;
  if (text_.size() - end > kMaxHeld && end == lines_end) {
    // A long line: up to a blank some way before its end.
    size_t cut = text_.size() - kWordReach;
    while (cut > end && !ends_word(text_[cut - 1])) cut--;
    end = cut > end ? cut : text_.size();
  }
  if (end <= given_) return {};
  return give_out(end);
}

std::string StreamMasker::finish() {
  std::string out = give_out(text_.size());
  text_.clear();
  given_ = 0;
  in_secret_ = false;
  return out;
}

}  // namespace baton::secrets
