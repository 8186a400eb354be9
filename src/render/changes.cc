#include "render/changes.h"

#include <algorithm>

#include "base/bytes.h"
#include "diff/unified.h"
#include "render/json.h"
#include "render/text.h"
#include "secrets/mask.h"
#include "secrets/masker.h"

namespace baton::render {
namespace {

constexpr size_t kShortId = 7;
constexpr size_t kStatBar = 40;

struct Counted {
  uint64_t added = 0, removed = 0;
  bool binary = false;
  bool known = false;  // both contents are at hand
};

bool at_hand(const FileChange& file) {
  bool old_ok = file.old_mode.empty() || file.old_content.has_value();
  bool new_ok = file.new_mode.empty() || file.new_content.has_value();
  return old_ok && new_ok;
}

std::string_view content(const std::optional<std::string>& text) {
  return text ? std::string_view(*text) : std::string_view();
}

Counted counted(const FileChange& file) {
  Counted result;
  result.known = at_hand(file);
  if (!result.known) return result;
  std::string_view before = content(file.old_content), after = content(file.new_content);
  result.binary = looks_binary(before) || looks_binary(after);
  if (result.binary) return result;
  diff::Stat stat = diff::stat(diff::diff_lines(before, after));
  result.added = stat.added;
  result.removed = stat.removed;
  return result;
}

char status_letter(const FileChange& file) {
  if (file.old_mode.empty()) return 'A';
  if (file.new_mode.empty()) return 'D';
  return file.old_mode.substr(0, 3) == file.new_mode.substr(0, 3) ? 'M' : 'T';
}

std::string_view status_word(const FileChange& file) {
  switch (status_letter(file)) {
    case 'A':
      return "added";
    case 'D':
      return "removed";
    case 'T':
      return "type";
    default:
      return "changed";
  }
}

diff::FileDiffHeader header_of(const FileChange& file) {
  diff::FileDiffHeader header;
  header.old_path = header.new_path = file.path;
  header.old_mode = file.old_mode;
  header.new_mode = file.new_mode;
  auto abbreviated = [](const ObjectId& id, size_t digits) {
    return id.empty() ? std::string(kShortId, '0') : id.hex().substr(0, digits);
  };
  header.old_id = abbreviated(file.old_id, kShortId);
  header.new_id = abbreviated(file.new_id, kShortId);
  return header;
}

// The difference of one file as git writes it, masked; "" if there is none but in secrets.
std::string plain_diff(const Style& style, const FileChange& file, const ChangeOptions& options) {
  diff::UnifiedOptions unified;
  unified.context = options.context;
  std::string before, after;
  bool binary = looks_binary(content(file.old_content)) || looks_binary(content(file.new_content));
  if (!binary) {
    before = masked_lines(style, std::string(content(file.old_content)));
    after = masked_lines(style, std::string(content(file.new_content)));
    return diff::file_diff(header_of(file), before, after, unified);
  }
  return diff::file_diff(header_of(file), content(file.old_content), content(file.new_content),
                         unified);
}

// Looks go by the first character of each line; text is made neutral line by line.
void add_lines(std::vector<TextLine>& lines, std::string_view diff) {
  bool in_hunk = false;
  while (!diff.empty()) {
    size_t end = diff.find('\n');
    std::string_view raw = diff.substr(0, end);
    diff.remove_prefix(end == std::string_view::npos ? diff.size() : end + 1);
    std::string line = neutral(raw);
    Look look = Look::plain;
    if (line.starts_with("diff --git ")) in_hunk = false;
    if (line.starts_with("@@")) {
      in_hunk = true;
      look = Look::hunk;
    } else if (!in_hunk) {
      look = Look::title;
    } else if (line.starts_with('+')) {
      look = Look::added;
    } else if (line.starts_with('-')) {
      look = Look::removed;
    }
    lines.push_back({look, std::move(line)});
  }
}

std::string note_of(const FileChange& file) {
  if (!file.note.empty()) return file.note;
  return at_hand(file) ? "differs in masked parts only" : "content is not recorded";
}

}  // namespace

std::string masked_lines(const Style& style, std::string text) {
  auto findings = style.masker ? style.masker->find(text) : secrets::find(text);
  if (findings.empty()) return text;
  std::string_view content = text;
  std::string out;
  size_t at = 0;
  for (const secrets::Finding& finding : findings) {
    out += content.substr(at, finding.offset - at);
    std::string mark = secrets::mark(finding.rule);
    std::string_view secret = content.substr(finding.offset, finding.length);
    out += mark;
    for (size_t i = 0; i < secret.size(); i++) {
      if (secret[i] != '\n') continue;
      out += '\n';
      if (i + 1 < secret.size()) out += mark;
    }
    at = finding.offset + finding.length;
  }
  out += content.substr(at);
  return out;
}

ChangeSum change_sum(const std::vector<FileChange>& files) {
  ChangeSum sum;
  for (const FileChange& file : files) {
    Counted counts = counted(file);
    sum.added += counts.added;
    sum.removed += counts.removed;
    sum.binary = sum.binary || counts.binary;
    sum.unknown = sum.unknown || !counts.known;
  }
  return sum;
}

std::vector<TextLine> diff_lines(const Style& style, const std::vector<FileChange>& files,
                                 const ChangeOptions& options) {
  std::vector<TextLine> lines;
  for (const FileChange& file : files) {
    std::string diff = at_hand(file) ? plain_diff(style, file, options) : "";
    if (!diff.empty()) {
      add_lines(lines, diff);
      continue;
    }
    std::string name = shown_path(style, file.path);
    lines.push_back({Look::title, "diff --git a/" + name + " b/" + name});
    lines.push_back({Look::faint, std::string(status_word(file)) + ": " + note_of(file)});
  }
  return lines;
}

std::string diff_text(const Style& style, const std::vector<FileChange>& files,
                      const ChangeOptions& options) {
  std::string text;
  for (const TextLine& line : diff_lines(style, files, options)) {
    text += style.paint(line.look, line.text) + "\n";
  }
  return text;
}

std::string stat_text(const Style& style, const std::vector<FileChange>& files,
                      std::string_view indent) {
  struct Line {
    std::string name, figure;
    Counted counts;
    const FileChange* file;
  };
  std::vector<Line> lines;
  size_t name_width = 0, figure_width = 0;
  uint64_t most = 1, added = 0, removed = 0;
  for (const FileChange& file : files) {
    Line line{shown_path(style, file.path), "", counted(file), &file};
    uint64_t all = line.counts.added + line.counts.removed;
    line.figure = !line.counts.known ? "?" : line.counts.binary ? "Bin" : std::to_string(all);
    most = std::max(most, all);
    added += line.counts.added;
    removed += line.counts.removed;
    name_width = std::max(name_width, columns(line.name));
    figure_width = std::max(figure_width, line.figure.size());
    lines.push_back(std::move(line));
  }
  std::string text;
  for (const Line& line : lines) {
    auto share = [&](uint64_t count) {
      if (most <= kStatBar || count == 0) return static_cast<size_t>(count);
      return std::max<size_t>(1, static_cast<size_t>(count * kStatBar / most));
    };
    std::string bar = style.paint(Look::added, std::string(share(line.counts.added), '+')) +
                      style.paint(Look::removed, std::string(share(line.counts.removed), '-'));
    text += std::string(indent) + pad(line.name, name_width) + " | " +
            pad(line.figure, figure_width, true);
    if (!bar.empty()) text += " " + bar;
    if (!line.counts.known) text += " (" + note_of(*line.file) + ")";
    if (line.file->old_mode.empty()) text += " (new)";
    if (line.file->new_mode.empty()) text += " (gone)";
    text += "\n";
  }
  if (files.size() > 1) {
    text += std::string(indent) + count(static_cast<int64_t>(files.size()), "file") + ", " +
            std::to_string(added) + " added, " + std::to_string(removed) + " removed\n";
  }
  return text;
}

std::string names_text(const Style& style, const std::vector<FileChange>& files) {
  std::string text;
  for (const FileChange& file : files) text += shown_path(style, file.path) + "\n";
  return text;
}

std::string owner_text(const Style& style, const model::Owner& owner) {
  std::string text;
  switch (owner.kind) {
    case model::OwnerKind::step:
      text = owner.step.empty() ? "one of several steps"
                                : "by " + style.paint(Look::address, owner.step.address());
      break;
    case model::OwnerKind::outside:
      text = "outside of any tool call";
      break;
    case model::OwnerKind::git:
      text = "by git";
      if (!owner.commit.empty()) text += " (" + owner.commit.substr(0, kShortId) + ")";
      break;
    case model::OwnerKind::before:
      text = "there when recording began";
      break;
    case model::OwnerKind::unknown:
      text = "by nobody knows whom";
      break;
  }
  if (owner.evidence != model::Evidence::none) {
    text += ", " + std::string(to_string(owner.evidence));
  }
  if (!owner.rule.empty()) text += " (" + first_line(clean(style, owner.rule)) + ")";
  if (!owner.candidates.empty()) {
    text += owner.kind == model::OwnerKind::outside ? ", after " : "; perhaps ";
    for (size_t i = 0; i < owner.candidates.size(); i++) {
      text += (i ? ", " : "") + owner.candidates[i].address();
    }
  }
  for (model::OwnerKind kind : owner.others) text += ", " + std::string(to_string(kind));
  return text;
}

void write_files(json::Writer& json, const Style& style, const std::vector<FileChange>& files,
                 const ChangeOptions& options) {
  json.key("files").begin_array();
  for (const FileChange& file : files) {
    Counted counts = counted(file);
    json.begin_object().member("path", file.path).member("what", status_word(file));
    optional_member(json, "before", file.old_id.hex());
    optional_member(json, "after", file.new_id.hex());
    optional_member(json, "before_mode", file.old_mode);
    optional_member(json, "after_mode", file.new_mode);
    if (!counts.known) {
      json.member("note", note_of(file));
    } else if (counts.binary) {
      json.member("binary", true);
    } else {
      json.member("added", static_cast<int64_t>(counts.added));
      json.member("removed", static_cast<int64_t>(counts.removed));
      json.member("patch", plain_diff(style, file, options));
    }
    if (!file.owners.empty()) write_list(json, "owners", file.owners);
    json.end_object();
  }
  json.end_array();
}

}  // namespace baton::render
