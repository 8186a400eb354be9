#include "diff/unified.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "diff/lines.h"

namespace baton::diff {
namespace {

constexpr size_t kMaxHeading = 80;

void append_number(std::string& out, uint64_t value) {
  char digits[20];
  auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end);
}

// "1,3"; a count of one is left out, and an empty range names the line before it.
void append_range(std::string& out, uint32_t begin, uint32_t count) {
  append_number(out, count ? uint64_t{begin} + 1 : begin);
  if (count != 1) {
    out += ',';
    append_number(out, count);
  }
}

void append_line(std::string& out, char sign, std::string_view line) {
  out += sign;
  out += line;
  if (line.empty() || line.back() != '\n') out += "\n\\ No newline at end of file\n";
}

// git's default: a line that begins like an identifier.
bool is_heading(std::string_view line) {
  if (line.empty()) return false;
  char c = line.front();
  return c == '_' || c == '$' || (is_alnum(c) && !(c >= '0' && c <= '9'));
}

// What git shows of a heading: 80 bytes without the space at its end, and nothing from the first
// byte on that is not UTF-8.
std::string_view shown_heading(std::string_view line) {
  std::string_view text = line.substr(0, kMaxHeading);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  size_t at = 0;
  while (at < text.size()) {
    size_t length = 1;
    if (static_cast<unsigned char>(text[at]) >= 0x80) {
      length = 2;
      while (length <= 4 && !is_utf8(text.substr(at, length))) ++length;
      if (length > 4 || at + length > text.size()) break;
    }
    at += length;
  }
  return text.substr(0, at);
}

// The hunks of split contents.
class HunkWriter {
 public:
  HunkWriter(std::span<const std::string_view> old_lines,
             std::span<const std::string_view> new_lines, const UnifiedOptions& options)
      : old_lines_(old_lines), new_lines_(new_lines), options_(options) {}

  std::string write(std::span<const Edit> edits) {
    for (std::span<const Edit> hunk : hunks_of(edits, options_.context)) write_hunk(hunk);
    return std::move(out_);
  }

 private:
  void write_hunk(std::span<const Edit> edits) {
    const Edit& first = edits.front();
    const Edit& last = edits.back();
    const uint32_t above = std::min({options_.context, first.old_begin, first.new_begin});
    const auto left = static_cast<uint32_t>(
        std::min(old_lines_.size() - last.old_end, new_lines_.size() - last.new_end));
    const uint32_t below = std::min(options_.context, left);
    const uint32_t old_begin = first.old_begin - above;
    const uint32_t new_begin = first.new_begin - above;
    out_ += "@@ -";
    append_range(out_, old_begin, last.old_end + below - old_begin);
    out_ += " +";
    append_range(out_, new_begin, last.new_end + below - new_begin);
    out_ += " @@";
    if (options_.headings) {
      find_heading(old_begin);
      if (!heading_.empty()) {
        out_ += ' ';
        out_ += shown_heading(heading_);
      }
    }
    out_ += '\n';
    uint32_t at = new_begin;
    for (const Edit& edit : edits) {
      while (at < edit.new_begin) append_line(out_, ' ', new_lines_[at++]);
      for (uint32_t i = edit.old_begin; i < edit.old_end; ++i)
        append_line(out_, '-', old_lines_[i]);
      for (; at < edit.new_end; ++at) append_line(out_, '+', new_lines_[at]);
    }
    while (at < last.new_end + below) append_line(out_, ' ', new_lines_[at++]);
  }

  // The nearest heading above the hunk; a hunk without one of its own keeps the one before.
  void find_heading(uint32_t old_begin) {
    for (uint32_t i = old_begin; i > searched_; --i) {
      if (is_heading(old_lines_[i - 1])) {
        heading_ = old_lines_[i - 1];
        break;
      }
    }
    searched_ = std::max(searched_, old_begin);
  }

  std::span<const std::string_view> old_lines_, new_lines_;
  const UnifiedOptions& options_;
  std::string out_;
  std::string_view heading_;
  uint32_t searched_ = 0;
};

bool must_quote(std::string_view path, bool quote_high_bytes) {
  return std::any_of(path.begin(), path.end(), [&](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == '"' || c == '\\' ||
           (byte >= 0x80 && quote_high_bytes);
  });
}

void append_escaped(std::string& out, std::string_view path, bool quote_high_bytes) {
  constexpr std::string_view kNamed = "\a\b\t\n\v\f\r\"\\";
  constexpr std::string_view kNames = "abtnvfr\"\\";
  for (char c : path) {
    auto byte = static_cast<unsigned char>(c);
    if (size_t named = kNamed.find(c); named != std::string_view::npos) {
      out += '\\';
      out += kNames[named];
    } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && quote_high_bytes)) {
      out += '\\';
      out += static_cast<char>('0' + (byte >> 6));
      out += static_cast<char>('0' + (byte >> 3 & 7));
      out += static_cast<char>('0' + (byte & 7));
    } else {
      out += c;
    }
  }
}

// A name after "--- " or "+++ ". git ends one that has a blank with a tab, so that readers which
// expect a date there find the name's end.
std::string name_line(std::string_view quoted) {
  std::string line(quoted);
  if (line.find(' ') != std::string::npos) line += '\t';
  return line += '\n';
}

bool same_type(std::string_view old_mode, std::string_view new_mode) {
  return old_mode.substr(0, 3) == new_mode.substr(0, 3);
}

// Modes, names and ids, each line only where it says something.
std::string extended_header(const FileDiffHeader& header, bool content_changed,
                            bool quote_high_bytes) {
  const bool created = header.old_mode.empty();
  const bool deleted = header.new_mode.empty();
  std::string out;
  auto line = [&](std::string_view words, std::string_view value) {
    out.append(words).append(value) += '\n';
  };
  if (created) {
    line("new file mode ", header.new_mode);
  } else if (deleted) {
    line("deleted file mode ", header.old_mode);
  } else if (header.old_mode != header.new_mode) {
    line("old mode ", header.old_mode);
    line("new mode ", header.new_mode);
  }
  if (!created && !deleted && header.old_path != header.new_path) {
    out += "similarity index ";
    append_number(out, static_cast<uint64_t>(std::clamp(header.similarity, 0, 100)));
    out += "%\n";
    line(header.copied ? "copy from " : "rename from ",
         quote_path(header.old_path, {}, quote_high_bytes));
    line(header.copied ? "copy to " : "rename to ",
         quote_path(header.new_path, {}, quote_high_bytes));
  }
  if ((created || deleted || content_changed) && !header.old_id.empty() && !header.new_id.empty()) {
    out += "index " + header.old_id + ".." + header.new_id;
    if (header.old_mode == header.new_mode) out += " " + header.old_mode;
    out += '\n';
  }
  return out;
}

}  // namespace

std::vector<std::span<const Edit>> hunks_of(std::span<const Edit> edits, uint32_t context) {
  std::vector<std::span<const Edit>> hunks;
  while (!edits.empty()) {
    size_t count = 1;
    while (count < edits.size() &&
           edits[count].old_begin - edits[count - 1].old_end <= 2 * uint64_t{context}) {
      ++count;
    }
    hunks.push_back(edits.first(count));
    edits = edits.subspan(count);
  }
  return hunks;
}

std::string hunks(std::string_view old_content, std::string_view new_content,
                  const UnifiedOptions& options) {
  std::vector<Edit> edits = diff_lines(old_content, new_content, options.diff);
  if (edits.empty()) return {};
  return HunkWriter(split_lines(old_content), split_lines(new_content), options).write(edits);
}

std::string unified(std::string_view old_content, std::string_view new_content,
                    std::string_view old_name, std::string_view new_name,
                    const UnifiedOptions& options) {
  std::string body = hunks(old_content, new_content, options);
  if (body.empty()) return {};
  return "--- " + name_line(quote_path(old_name, {}, options.quote_high_bytes)) + "+++ " +
         name_line(quote_path(new_name, {}, options.quote_high_bytes)) + body;
}

std::string file_diff(const FileDiffHeader& header, std::string_view old_content,
                      std::string_view new_content, const UnifiedOptions& options) {
  const bool created = header.old_mode.empty();
  const bool deleted = header.new_mode.empty();
  if (!created && !deleted && !same_type(header.old_mode, header.new_mode)) {
    FileDiffHeader removal = header, creation = header;
    removal.new_mode.clear();
    removal.new_path = header.old_path;
    creation.old_mode.clear();
    creation.old_path = header.new_path;
    removal.new_id.assign(header.new_id.size(), '0');
    creation.old_id.assign(header.old_id.size(), '0');
    return file_diff(removal, old_content, {}, options) +
           file_diff(creation, {}, new_content, options);
  }
  const bool content_changed = old_content != new_content;
  const std::string extended = extended_header(header, content_changed, options.quote_high_bytes);
  if (extended.empty() && !content_changed) return {};

  const std::string old_name = quote_path(header.old_path, "a/", options.quote_high_bytes);
  const std::string new_name = quote_path(header.new_path, "b/", options.quote_high_bytes);
  const std::string old_side = created ? "/dev/null" : old_name;
  const std::string new_side = deleted ? "/dev/null" : new_name;
  std::string out = "diff --git " + old_name + " " + new_name + "\n" + extended;
  if (!content_changed) return out;
  if (header.binary || looks_binary(old_content) || looks_binary(new_content)) {
    return out + "Binary files " + old_side + " and " + new_side + " differ\n";
  }
  std::string body = hunks(old_content, new_content, options);
  if (body.empty()) return out;
  return out + "--- " + name_line(old_side) + "+++ " + name_line(new_side) + body;
}

std::string quote_path(std::string_view path, std::string_view prefix, bool quote_high_bytes) {
  std::string out;
  if (!must_quote(path, quote_high_bytes) && !must_quote(prefix, quote_high_bytes)) {
    return out.append(prefix).append(path);
  }
  out += '"';
  append_escaped(out, prefix, quote_high_bytes);
  append_escaped(out, path, quote_high_bytes);
  return out += '"';
}

}  // namespace baton::diff
