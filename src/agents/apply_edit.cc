#include <algorithm>

#include "agents/agent.h"
#include "agents/patch.h"
#include "base/bytes.h"

// Kind::edit follows Claude Code's Edit: the file is read with its line ends made LF, a text must
// be found once (or `all`), a deletion takes the newline after it along, and the line ends are put
// back.

namespace baton::agents {
namespace {

std::string to_lf(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i];
  }
  return out;
}

// Whether every CR and LF is half of a CRLF; a mixed file is not converted back with certainty.
bool all_crlf(std::string_view text) {
  bool seen = false;
  for (size_t at = text.find_first_of("\r\n"); at != text.npos;
       at = text.find_first_of("\r\n", at + 2)) {
    if (text.substr(at, 2) != "\r\n") return false;
    seen = true;
  }
  return seen;
}

// How often the text is found, overlapping finds counted, up to `limit`.
size_t count_of(std::string_view text, std::string_view part, size_t limit) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos && count < limit;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  size_t at = 0;
  for (size_t hit = text.find(from); hit != text.npos; hit = text.find(from, at)) {
    out.append(text, at, hit - at);
    out += to;
    at = hit + from.size();
  }
  out.append(text, at);
  return out;
}

std::string replace_first(std::string_view text, std::string_view from, std::string_view to) {
  size_t hit = text.find(from);
  std::string out(text.substr(0, hit));
  out += to;
  out.append(text, hit + from.size());
  return out;
}

// One replacement in a text with LF line ends.
Result<std::string> replace(const TextEdit& edit, std::string_view text) {
  if (edit.old_text.empty()) {
    if (!trim(text).empty()) return fail(ErrorKind::negative, "the file is not empty");
    return edit.new_text;
  }
  size_t count = count_of(text, edit.old_text, 2);
  if (count == 0) return fail(ErrorKind::negative, "the text is not in the file");
  if (count > 1 && !edit.all) return fail(ErrorKind::negative, "the text is in the file twice");
  std::string old_text = edit.old_text;
  if (edit.new_text.empty() && !old_text.ends_with('\n') &&
      text.find(old_text + "\n") != text.npos) {
    old_text += '\n';
  }
  return edit.all ? replace_all(text, old_text, edit.new_text)
                  : replace_first(text, old_text, edit.new_text);
}

Result<std::string> replace_each(const std::vector<TextEdit>& edits, std::string_view before) {
  std::string text(before);
  for (const TextEdit& edit : edits) text = TRY(replace(edit, text));
  return text;
}

Result<std::string> apply_replacements(const FileEdit& edit, std::string_view before) {
  if (edit.edits.empty()) return fail(ErrorKind::negative, "the edit does not say what it changes");
  if (before.find("\r\n") == before.npos) return replace_each(edit.edits, before);
  if (!all_crlf(before)) {
    return fail(ErrorKind::negative, "the file's line ends are mixed");
  }
  FileEdit plain = edit;
  for (TextEdit& part : plain.edits) {
    part.old_text = to_lf(part.old_text);
    part.new_text = to_lf(part.new_text);
    if (contains(part.old_text, "\r") || contains(part.new_text, "\r")) {
      return fail(ErrorKind::negative, "the edit's line ends are mixed");
    }
  }
  return with_crlf(TRY(replace_each(plain.edits, to_lf(before))));
}

// --- Where the lines are that it changes ---

// The lines that the text touches at `at`, whole.
std::string_view whole_lines(std::string_view text, size_t at, size_t size, size_t& begin) {
  begin = at == 0 ? text.npos : text.rfind('\n', at - 1);
  begin = begin == text.npos ? 0 : begin + 1;
  size_t end = at + size;
  if (end == begin || text[end - 1] != '\n') {
    end = text.find('\n', end);
    end = end == text.npos ? text.size() : end + 1;
  }
  return text.substr(begin, end - begin);
}

Result<std::vector<PlacedRun>> place_replacement(const TextEdit& edit, std::string_view before) {
  if (edit.all || edit.old_text.empty() || edit.new_text.empty() || contains(before, "\r") ||
      count_of(before, edit.old_text, 2) != 1) {
    return fail(ErrorKind::negative, "the edit does not tell its lines");
  }
  size_t at = before.find(edit.old_text), begin = 0;
  std::string_view old_lines = whole_lines(before, at, edit.old_text.size(), begin);
  std::string new_lines(old_lines);
  new_lines.replace(at - begin, edit.old_text.size(), edit.new_text);
  const bool grows = new_lines.size() > old_lines.size();
  std::string_view longer = grows ? std::string_view(new_lines) : old_lines;
  std::string_view shorter = grows ? old_lines : std::string_view(new_lines);
  bool above = shorter.ends_with('\n') && longer.starts_with(shorter);
  std::string_view rest = longer.substr(0, longer.size() - shorter.size());
  bool below = longer.ends_with(shorter) && rest.ends_with('\n');
  if (above == below) return fail(ErrorKind::negative, "the edit does not tell its lines");
  auto lines = [](std::string_view text) {
    size_t ends = static_cast<size_t>(std::ranges::count(text, '\n'));
    return ends + (!text.empty() && !text.ends_with('\n'));
  };
  PlacedRun run;
  run.begin = lines(before.substr(0, begin)) + (above ? lines(shorter) : 0);
  (grows ? run.added : run.removed) = lines(longer) - lines(shorter);
  return std::vector{run};
}

// --- Taking back ------------------------------------------------------------------------------

// The content before one replacement. The new text is found once only, also overlapping, so it is
// what was put in; that the old text fits there is tried by the caller.
Result<std::string> revert_one(const TextEdit& edit, std::string_view after) {
  if (edit.old_text.empty())
    return fail(ErrorKind::negative, "what the text replaced is not known");
  if (edit.new_text.empty()) {
    return fail(ErrorKind::negative, "where the deleted text stood is not known");
  }
  size_t count = count_of(after, edit.new_text, 2);
  if (count == 0) return fail(ErrorKind::negative, "the new text is not in the file");
  if (count > 1) return fail(ErrorKind::negative, "the new text is in the file twice");
  return replace_first(after, edit.new_text, edit.old_text);
}

Result<std::string> revert_each(const FileEdit& edit, std::string_view after) {
  std::string text(after);
  for (auto part = edit.edits.rbegin(); part != edit.edits.rend(); ++part) {
    text = TRY(revert_one(*part, text));
  }
  return text;
}

Result<std::string> revert_replacements(const FileEdit& edit, std::string_view after) {
  if (edit.edits.empty()) return fail(ErrorKind::negative, "the edit does not say what it changes");
  for (const TextEdit& part : edit.edits) {
    // Without CRs in the edit, the line ends after it are those before it, if there are any.
    if (contains(part.old_text, "\r") || contains(part.new_text, "\r")) {
      return fail(ErrorKind::negative, "the line ends before the edit are not known");
    }
  }
  bool crlf = all_crlf(after);
  std::string before = TRY(revert_each(edit, crlf ? to_lf(after) : std::string(after)));
  if (!contains(after, "\n") && contains(before, "\n")) {
    return fail(ErrorKind::negative, "the line ends before the edit are not known");
  }
  if (crlf) before = with_crlf(before);
  auto again = apply_replacements(edit, before);
  if (!again || *again != after) {
    return fail(ErrorKind::negative, "the edit cannot be taken back with certainty");
  }
  return before;
}

// Only hunks with line numbers, which match exactly, can be turned round: the others match lines
// that differ in blanks and add a newline at the end.
Result<std::string> revert_hunks(const FileEdit& edit, std::string_view after) {
  std::vector<TextEdit> turned;
  int64_t shift = 0;
  for (const TextEdit& hunk : edit.edits) {
    if (hunk.line == 0) return fail(ErrorKind::negative, "where the hunks stood is not known");
    TextEdit& back = turned.emplace_back();
    back.old_text = hunk.new_text;
    back.new_text = hunk.old_text;
    int64_t line = static_cast<int64_t>(hunk.line) + shift;
    if (line < 1) return fail(ErrorKind::negative, "a hunk does not match");
    back.line = static_cast<size_t>(line);
    shift += std::count(hunk.new_text.begin(), hunk.new_text.end(), '\n') -
             std::count(hunk.old_text.begin(), hunk.old_text.end(), '\n');
  }
  if (turned.empty()) return std::string(after);
  std::string before = TRY(apply_hunks(turned, after));
  auto again = apply_hunks(edit.edits, before);
  if (!again || *again != after) {
    return fail(ErrorKind::negative, "the patch cannot be taken back with certainty");
  }
  return before;
}

}  // namespace

Result<std::string> apply_edit(const FileEdit& edit, std::string_view before) {
  switch (edit.kind) {
    case FileEdit::Kind::write:
      return edit.content;
    case FileEdit::Kind::edit:
      return apply_replacements(edit, before);
    case FileEdit::Kind::patch:
      return apply_hunks(edit.edits, before);
    case FileEdit::Kind::remove:
      return std::string();
    case FileEdit::Kind::move:
      return std::string(before);
  }
  return fail(ErrorKind::negative, "the edit is of no known kind");
}

Result<std::vector<PlacedRun>> places_of(const FileEdit& edit, std::string_view before) {
  if (edit.kind == FileEdit::Kind::patch) return places_of_hunks(edit.edits, before);
  if (edit.kind == FileEdit::Kind::edit && edit.edits.size() == 1) {
    return place_replacement(edit.edits[0], before);
  }
  return fail(ErrorKind::negative, "the edit does not tell its lines");
}

Result<std::string> revert_edit(const FileEdit& edit, std::string_view after) {
  switch (edit.kind) {
    case FileEdit::Kind::write:
      if (edit.created && after == edit.content) return std::string();
      return fail(ErrorKind::negative, "what the file held before is not known");
    case FileEdit::Kind::edit:
      return revert_replacements(edit, after);
    case FileEdit::Kind::patch:
      return revert_hunks(edit, after);
    case FileEdit::Kind::remove:
      if (edit.original) return *edit.original;
      return fail(ErrorKind::negative, "what the file held before is not known");
    case FileEdit::Kind::move:
      return std::string(after);
  }
  return fail(ErrorKind::negative, "the edit is of no known kind");
}

Result<std::string> guess_before(const FileEdit& edit, std::string_view after) {
  if (edit.kind != FileEdit::Kind::patch) return revert_edit(edit, after);
  return take_back_hunks(edit.edits, after);
}

}  // namespace baton::agents
