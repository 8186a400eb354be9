#include "agents/patch.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::agents {
namespace {

constexpr std::string_view kAddFile = "*** Add File: ";
constexpr std::string_view kDeleteFile = "*** Delete File: ";
constexpr std::string_view kUpdateFile = "*** Update File: ";
constexpr std::string_view kMoveTo = "*** Move to: ";

// Length of the white space character (as Unicode defines them) at the front, or 0.
size_t space_in_front(std::string_view s) {
  if (s.empty()) return 0;
  auto byte = [&](size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0; };
  unsigned char c = byte(0);
  if (c == ' ' || (c >= 9 && c <= 13)) return 1;
  if (c == 0xc2 && (byte(1) == 0x85 || byte(1) == 0xa0)) return 2;
  if (c == 0xe1 && byte(1) == 0x9a && byte(2) == 0x80) return 3;  // U+1680
  if (c == 0xe2 && byte(1) == 0x80) {
    unsigned char d = byte(2);  // U+2000 to 200A, 2028, 2029, 202F
    if ((d >= 0x80 && d <= 0x8a) || d == 0xa8 || d == 0xa9 || d == 0xaf) return 3;
  }
  if (c == 0xe2 && byte(1) == 0x81 && byte(2) == 0x9f) return 3;  // U+205F
  if (c == 0xe3 && byte(1) == 0x80 && byte(2) == 0x80) return 3;  // U+3000
  return 0;
}

std::string_view trim_end(std::string_view s) {
  for (;;) {
    size_t cut = 0;
    for (size_t length : {1, 2, 3}) {
      if (length <= s.size() && space_in_front(s.substr(s.size() - length)) == length) cut = length;
      if (cut) break;
    }
    if (!cut) return s;
    s.remove_suffix(cut);
  }
}

std::string_view trim_both(std::string_view s) {
  while (size_t length = space_in_front(s)) s.remove_prefix(length);
  return trim_end(s);
}

// Typographic dashes, quotes and spaces made plain, without blanks at both ends.
std::string plain(std::string_view line) {
  std::string_view s = trim_both(line);
  std::string out;
  out.reserve(s.size());
  for (size_t i = 0; i < s.size();) {
    auto byte = [&](size_t k) {
      return i + k < s.size() ? static_cast<unsigned char>(s[i + k]) : 0;
    };
    char sign = 0;
    size_t length = 3;
    if (byte(0) == 0xe2 && byte(1) == 0x80) {
      unsigned char d = byte(2);
      if (d >= 0x90 && d <= 0x95)
        sign = '-';
      else if (d >= 0x98 && d <= 0x9b)
        sign = '\'';
      else if (d >= 0x9c && d <= 0x9f)
        sign = '"';
      else if ((d >= 0x82 && d <= 0x8a) || d == 0xaf)
        sign = ' ';
    } else if (byte(0) == 0xe2 && byte(1) == 0x88 && byte(2) == 0x92) {
      sign = '-';
    } else if ((byte(0) == 0xe2 && byte(1) == 0x81 && byte(2) == 0x9f) ||
               (byte(0) == 0xe3 && byte(1) == 0x80 && byte(2) == 0x80)) {
      sign = ' ';
    } else if (byte(0) == 0xc2 && byte(1) == 0xa0) {
      sign = ' ';
      length = 2;
    }
    if (sign) {
      out += sign;
      i += length;
    } else {
      out += s[i++];
    }
  }
  return out;
}

// The lines of a text without their newlines; a last line without a newline counts, an empty one
// after the last newline does not.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

void append_line(std::string& text, std::string_view line) {
  text += line;
  text += '\n';
}

bool starts_file(std::string_view trimmed) {
  return trimmed.starts_with(kAddFile) || trimmed.starts_with(kDeleteFile) ||
         trimmed.starts_with(kUpdateFile);
}

bool header(std::string_view trimmed, Patch& patch) {
  auto add = [&](FileEdit::Kind kind, std::string_view path) {
    FileEdit& file = patch.files.emplace_back();
    file.kind = kind;
    file.path = path;
    file.created = kind == FileEdit::Kind::write;
    return true;
  };
  if (!trimmed.starts_with("*** ")) return false;
  if (trimmed.starts_with(kAddFile)) {
    return add(FileEdit::Kind::write, trimmed.substr(kAddFile.size()));
  }
  if (trimmed.starts_with(kDeleteFile)) {
    return add(FileEdit::Kind::remove, trimmed.substr(kDeleteFile.size()));
  }
  if (trimmed.starts_with(kUpdateFile)) {
    return add(FileEdit::Kind::patch, trimmed.substr(kUpdateFile.size()));
  }
  return false;
}

void add_line(TextEdit& hunk, char mark, std::string_view text) {
  hunk.marks += mark;
  if (mark != '+') append_line(hunk.old_text, text);
  if (mark != '-') append_line(hunk.new_text, text);
}

// Whether the last hunk has a header and no line yet.
bool ends_open(const FileEdit& file) {
  return !file.edits.empty() && file.edits.back().marks.empty();
}

// One line inside "*** Update File". Returns false if it does not belong there.
bool update_line(FileEdit& file, std::string_view line, std::string_view trimmed) {
  if (file.edits.empty() && file.move_to.empty() && trimmed.starts_with(kMoveTo)) {
    file.move_to = trimmed.substr(kMoveTo.size());
    return true;
  }
  if (trimmed == "@@" || trimmed.starts_with("@@ ")) {
    if (file.edits.size() >= kPatchHunksLimit || ends_open(file)) return false;
    TextEdit& hunk = file.edits.emplace_back();
    if (trimmed.size() > 3) hunk.anchor = trimmed.substr(3);
    return true;
  }
  if (trimmed == "*** End of File") {
    if (ends_open(file)) return false;
    if (!file.edits.empty()) file.edits.back().at_end = true;
    return true;
  }
  if (!line.empty() && line[0] != ' ' && line[0] != '+' && line[0] != '-') return false;
  if (file.edits.empty()) file.edits.emplace_back();
  TextEdit& hunk = file.edits.back();
  if (hunk.at_end) return false;
  add_line(hunk, line.empty() ? ' ' : line[0], line.empty() ? line : line.substr(1));
  return true;
}

}  // namespace

Patch parse_patch(std::string_view text) {
  Patch patch;
  std::vector<std::string_view> lines = lines_of(trim_both(text));
  size_t first = 0;
  size_t last = lines.size();
  // A here-document that was not unwrapped by a shell.
  if (last >= 4 && (lines[0] == "<<EOF" || lines[0] == "<<'EOF'" || lines[0] == "<<\"EOF\"") &&
      lines[last - 1].ends_with("EOF")) {
    ++first;
    --last;
  }
  if (first == last || trim_both(lines[first]) != "*** Begin Patch") return patch;
  for (size_t i = first + 1; i < last; ++i) {
    std::string_view line = lines[i];
    while (line.ends_with('\r')) line.remove_suffix(1);
    std::string_view trimmed = trim_both(line);
    bool ends = trimmed == "*** End Patch";
    if (ends || starts_file(trimmed)) {
      // A file's change needs a hunk, a hunk needs a line.
      if (!patch.files.empty() && patch.files.back().kind == FileEdit::Kind::patch &&
          (patch.files.back().edits.empty() || ends_open(patch.files.back()))) {
        return patch;
      }
      if (ends) {
        patch.complete = true;
        return patch;
      }
    }
    if (patch.files.size() >= kPatchFilesLimit) return patch;
    if (header(trimmed, patch)) continue;
    if (patch.files.empty()) {
      // Where the tool is to work, in newer versions.
      if (trimmed.starts_with("*** Environment ID: ")) continue;
      return patch;
    }
    FileEdit& file = patch.files.back();
    switch (file.kind) {
      case FileEdit::Kind::write:
        if (!line.starts_with('+')) return patch;
        append_line(file.content, line.substr(1));
        break;
      case FileEdit::Kind::patch:
        if (!update_line(file, line, trimmed)) return patch;
        break;
      default:
        return patch;
    }
  }
  return patch;
}

std::vector<TextEdit> parse_unified_diff(std::string_view diff) {
  std::vector<TextEdit> hunks;
  char kind_before = 0;
  for (std::string_view line : lines_of(diff)) {
    if (line.starts_with("@@ -")) {
      if (hunks.size() >= kPatchHunksLimit) break;
      TextEdit& hunk = hunks.emplace_back();
      std::string_view number = line.substr(4);
      std::string_view count = "1";
      number = number.substr(0, number.find(' '));
      if (size_t comma = number.find(','); comma != number.npos) {
        count = number.substr(comma + 1);
        number = number.substr(0, comma);
      }
      // Without old lines the number is that of the line before the addition.
      int64_t start = parse_int(number).value_or(0) + (count == "0" ? 1 : 0);
      hunk.line = start > 0 ? static_cast<size_t>(start) : 0;
      kind_before = 0;
      continue;
    }
    if (hunks.empty()) continue;
    TextEdit& hunk = hunks.back();
    char kind = line.empty() ? ' ' : line[0];
    std::string_view text = line.empty() ? line : line.substr(1);
    if (kind == '\\') {  // the line before has no newline
      if (kind_before != '+' && hunk.old_text.ends_with('\n')) hunk.old_text.pop_back();
      if (kind_before != '-' && hunk.new_text.ends_with('\n')) hunk.new_text.pop_back();
      continue;
    }
    if (kind != ' ' && kind != '+' && kind != '-') continue;
    add_line(hunk, kind, text);
    kind_before = kind;
  }
  return hunks;
}

namespace {

// The file's lines, with the forms in which Codex compares them.
class Target {
 public:
  explicit Target(std::string_view text) {
    // Codex knows LF, CRLF and CR, also mixed; the first one is the file's own.
    while (!text.empty()) {
      size_t end = text.find_first_of("\r\n");
      size_t length = end == text.npos ? 0 : text.substr(end).starts_with("\r\n") ? 2 : 1;
      std::string_view ending = length ? text.substr(end, length) : std::string_view();
      lines_.push_back({text.substr(0, end), ending});
      if (newline_.empty()) newline_ = ending;
      text.remove_prefix(lines_.back().text.size() + length);
    }
    if (newline_.empty()) newline_ = "\n";
  }

  size_t size() const { return lines_.size(); }
  std::string_view text(size_t i) const { return lines_[i].text; }
  std::string_view ending(size_t i) const {
    return lines_[i].ending.empty() ? newline_ : lines_[i].ending;
  }
  std::string_view newline() const { return newline_; }

  // Where the pattern is found at or after `start`, as Codex looks for it; size_t(-1) if nowhere.
  size_t find(const std::vector<std::string_view>& pattern, size_t start, bool at_end) {
    if (pattern.empty()) return start;
    if (pattern.size() > lines_.size()) return npos;
    size_t last = lines_.size() - pattern.size();
    size_t from = at_end ? std::max(last, start) : start;
    for (size_t i = from; i <= last; ++i) {
      if (matches(pattern, i, [](auto a, auto b) { return a == b; })) return i;
    }
    for (size_t i = from; i <= last; ++i) {
      if (matches(pattern, i, [](auto a, auto b) { return trim_end(a) == trim_end(b); })) return i;
    }
    for (size_t i = from; i <= last; ++i) {
      if (matches(pattern, i, [](auto a, auto b) { return trim_both(a) == trim_both(b); }))
        return i;
    }
    for (size_t i = from; i <= last; ++i) {
      if (matches(pattern, i, [](auto a, auto b) { return plain(a) == plain(b); })) return i;
    }
    return npos;
  }

  bool exhausted() const { return steps_ > kMatchLimit; }
  static constexpr size_t npos = static_cast<size_t>(-1);

 private:
  struct Line {
    std::string_view text;
    std::string_view ending;
  };

  template <class Same>
  bool matches(const std::vector<std::string_view>& pattern, size_t at, Same same) {
    for (size_t k = 0; k < pattern.size(); ++k) {
      steps_ += 1 + std::min(lines_[at + k].text.size(), pattern[k].size()) / 64;
      if (steps_ > kMatchLimit || !same(lines_[at + k].text, pattern[k])) return false;
    }
    return true;
  }

  std::vector<Line> lines_;
  std::string_view newline_;
  size_t steps_ = 0;
};

// What a hunk does at the place where it was found.
struct Replacement {
  size_t at;
  std::string marks;
  std::vector<std::string_view> new_lines;
};

// A last old line that is empty may stand for the end of the file: the hunk without it.
void drop_last_old_line(std::vector<std::string_view>& old_lines, Replacement& hunk) {
  old_lines.pop_back();
  size_t old_at = hunk.marks.find_last_of(" -");
  if (old_at == std::string::npos) return;
  if (hunk.marks[old_at] == '-') {
    hunk.marks.erase(old_at, 1);
  } else {
    hunk.marks[old_at] = '+';
  }
  // Its like among the new lines goes too.
  size_t new_at = hunk.marks.find_last_of(" +");
  if (new_at != std::string::npos && !hunk.new_lines.empty() && hunk.new_lines.back().empty()) {
    hunk.marks.erase(new_at, 1);
    hunk.new_lines.pop_back();
  }
}

// A run of removed and added lines between lines that stay.
struct Run {
  size_t at;
  size_t removed = 0;
  std::vector<std::string_view> added;
};

std::vector<Run> runs_of(const std::vector<Replacement>& replacements) {
  std::vector<Run> runs;
  for (const Replacement& replacement : replacements) {
    size_t at = replacement.at;
    size_t new_line = 0;
    bool open = false;
    for (char mark : replacement.marks) {
      if (mark == ' ') {
        open = false;
        ++at;
        ++new_line;
        continue;
      }
      if (!open) runs.push_back({at, 0, {}});
      open = true;
      if (mark == '-') {
        ++runs.back().removed;
        ++at;
      } else {
        runs.back().added.push_back(replacement.new_lines[new_line++]);
      }
    }
  }
  std::stable_sort(runs.begin(), runs.end(),
                   [](const Run& a, const Run& b) { return a.at < b.at; });
  return runs;
}

// The text after the replacements. Lines that stay are kept as the file has them, also where they
// differ from the hunk's in blanks.
Result<std::string> replace_runs(const Target& target, const std::vector<Replacement>& replacements,
                                 size_t size) {
  std::string out;
  out.reserve(size + 256);
  size_t next = 0;
  auto keep_until = [&](size_t end) {
    for (; next < end; ++next) (out += target.text(next)) += target.ending(next);
  };
  for (const Run& run : runs_of(replacements)) {
    if (run.at < next) return fail(ErrorKind::negative, "hunks overlap");
    keep_until(run.at);
    for (std::string_view line : run.added) (out += line) += target.newline();
    next = run.at + run.removed;
  }
  keep_until(target.size());
  return out;
}

Result<std::string> apply_numbered(const std::vector<TextEdit>& hunks, std::string_view before) {
  std::string out;
  size_t line = 1;
  size_t at = 0;
  for (const TextEdit& hunk : hunks) {
    size_t from = at;
    for (; line < hunk.line && at < before.size(); ++line) {
      size_t end = before.find('\n', at);
      at = end == before.npos ? before.size() : end + 1;
    }
    if (line != hunk.line || !before.substr(at).starts_with(hunk.old_text)) {
      return fail(ErrorKind::negative, "a hunk does not match");
    }
    out.append(before, from, at - from);
    out += hunk.new_text;
    at += hunk.old_text.size();
    line += static_cast<size_t>(std::count(hunk.old_text.begin(), hunk.old_text.end(), '\n'));
  }
  out.append(before, at);
  return out;
}

// Where hunks without line numbers are found. `clear`: ErrorKind::negative unless each fits in one
// place only.
Result<std::vector<Replacement>> search(const std::vector<TextEdit>& hunks, Target& target,
                                        bool clear) {
  std::vector<Replacement> replacements;
  size_t position = 0;
  for (const TextEdit& hunk : hunks) {
    if (!hunk.anchor.empty()) {
      size_t found = target.find({hunk.anchor}, position, false);
      if (found == Target::npos) {
        if (target.exhausted()) return fail(ErrorKind::limit, "matching the patch takes too long");
        return fail(ErrorKind::negative, "the line that a hunk names was not found");
      }
      position = found + 1;
    }
    Replacement replacement{target.size(), hunk.marks, lines_of(hunk.new_text)};
    std::vector<std::string_view> old_lines = lines_of(hunk.old_text);
    auto marked = [&](char other) {
      return hunk.marks.size() -
             static_cast<size_t>(std::count(hunk.marks.begin(), hunk.marks.end(), other));
    };
    if (marked('+') != old_lines.size() || marked('-') != replacement.new_lines.size()) {
      return fail(ErrorKind::negative, "a hunk's lines are not marked");
    }
    if (clear && old_lines.empty()) {
      return fail(ErrorKind::negative, "nothing tells where a hunk stood");
    }
    if (!old_lines.empty()) {  // else a pure addition, which goes to the end of the file
      replacement.at = target.find(old_lines, position, hunk.at_end);
      if (replacement.at == Target::npos && old_lines.back().empty()) {
        drop_last_old_line(old_lines, replacement);
        replacement.at = target.find(old_lines, position, hunk.at_end);
      }
      if (replacement.at == Target::npos) {
        if (target.exhausted()) return fail(ErrorKind::limit, "matching the patch takes too long");
        return fail(ErrorKind::negative, "a hunk does not match");
      }
      if (clear && !hunk.at_end &&
          target.find(old_lines, replacement.at + 1, false) != Target::npos) {
        return fail(ErrorKind::negative, "a hunk fits in several places");
      }
      position = replacement.at + old_lines.size();
    }
    replacements.push_back(std::move(replacement));
  }
  return replacements;
}

Result<std::string> apply_searched(const std::vector<TextEdit>& hunks, std::string_view before,
                                   bool clear) {
  Target target(before);
  return replace_runs(target, TRY(search(hunks, target, clear)), before.size());
}

}  // namespace

Result<std::string> apply_hunks(const std::vector<TextEdit>& hunks, std::string_view before) {
  if (!hunks.empty() &&
      std::all_of(hunks.begin(), hunks.end(), [](const TextEdit& hunk) { return hunk.line > 0; })) {
    return apply_numbered(hunks, before);
  }
  return apply_searched(hunks, before, false);
}

Result<std::vector<PlacedRun>> places_of_hunks(const std::vector<TextEdit>& hunks,
                                               std::string_view before) {
  Target target(before);
  std::vector<PlacedRun> places;
  for (const Run& run : runs_of(TRY(search(hunks, target, false)))) {
    places.push_back({run.at, run.removed, run.added.size()});
  }
  return places;
}

Result<std::string> take_back_hunks(const std::vector<TextEdit>& hunks, std::string_view after) {
  std::vector<TextEdit> turned = hunks;
  for (TextEdit& hunk : turned) {
    std::swap(hunk.old_text, hunk.new_text);
    for (char& mark : hunk.marks) mark = mark == '-' ? '+' : mark == '+' ? '-' : mark;
    hunk.line = 0;
  }
  std::string before = TRY(apply_searched(turned, after, true));
  auto again = apply_searched(hunks, before, false);
  if (!again || *again != after) {
    return fail(ErrorKind::negative, "the patch cannot be taken back with certainty");
  }
  return before;
}

}  // namespace baton::agents
