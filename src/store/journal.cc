#include "store/journal.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "os/env.h"

namespace baton::store {
namespace {

constexpr size_t kDigestDigits = 32;
constexpr size_t kSaltBytes = 8;
constexpr std::string_view kFirstChain = "00000000000000000000000000000000";
constexpr size_t kTailChunk = 64 * 1024;
// Of a read: small at first, for those who want only the first lines.
constexpr size_t kFirstChunk = 64 * 1024;
constexpr size_t kReadChunk = 1 << 20;
constexpr size_t kMaxHead = 256;

std::string short_digest(std::string_view first, std::string_view second,
                         std::string_view third = {}) {
  return hex(std::string_view(sha256(first, second, third)).substr(0, kDigestDigits / 2));
}

// Takes `literal` from the front, or fails.
bool take(std::string_view& text, std::string_view literal) {
  if (!text.starts_with(literal)) return false;
  text.remove_prefix(literal.size());
  return true;
}

bool take_digits(std::string_view& text, size_t count, std::string_view& digits) {
  if (text.size() < count) return false;
  digits = text.substr(0, count);
  text.remove_prefix(count);
  return std::ranges::all_of(
      digits, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Length of the JSON object at the front of `text`, by its braces; 0 if it does not end.
size_t object_length(std::string_view text) {
  if (text.empty() || text[0] != '{') return 0;
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

}  // namespace

Result<JournalLine> split_journal_line(std::string_view line) {
  JournalLine parts;
  std::string_view rest = line;
  auto damaged = [] { return fail(ErrorKind::damage, "not a journal line"); };
  if (!take(rest, "{\"h\":\"") || !take_digits(rest, kDigestDigits, parts.chain)) return damaged();
  if (!take(rest, "\",\"d\":\"") || !take_digits(rest, kDigestDigits, parts.digest)) {
    return damaged();
  }
  if (!take(rest, "\",\"e\":")) return damaged();
  size_t length = object_length(rest);
  if (length == 0) return damaged();
  parts.header = rest.substr(0, length);
  rest.remove_prefix(length);
  if (rest == "}") {
    parts.forgotten = true;
    return parts;
  }
  if (!take(rest, ",\"s\":\"") || !take_digits(rest, kSaltBytes * 2, parts.salt)) return damaged();
  if (!take(rest, "\",\"p\":") || rest.size() < 2 || rest.back() != '}') return damaged();
  parts.payload = rest.substr(0, rest.size() - 1);
  return parts;
}

bool verify_journal_line(const JournalLine& line, std::string_view chain_before) {
  if (chain_before.empty()) chain_before = kFirstChain;
  if (short_digest(chain_before, line.header, line.digest) != line.chain) return false;
  return line.forgotten || short_digest(line.salt, line.payload) == line.digest;
}

std::string journal_digest(std::string_view salt, std::string_view payload) {
  return short_digest(salt, payload);
}

std::string journal_chain(std::string_view chain_before, std::string_view header,
                          std::string_view digest) {
  return short_digest(chain_before.empty() ? kFirstChain : chain_before, header, digest);
}

Result<JournalWriter> JournalWriter::open(const Store& store, std::string_view agent,
                                          std::string_view session, int64_t budget_us) {
  JournalWriter writer;
  writer.directory_ =
      os::join(os::join(store.sessions_dir(), agent), session_directory_name(session));
  std::string path = os::join(writer.directory_, kJournalName);
  auto file = os::open_file(path, os::Open::append_create);
  if (!file && file.error().kind == ErrorKind::not_found) {
    TRY(os::make_dirs(writer.directory_));
    file = os::open_file(path, os::Open::append_create);
  }
  if (!file) return std::unexpected(file.error());
  writer.file_ = std::move(*file);
  TRY(os::lock_file(writer.file_, os::LockMode::exclusive, budget_us));
  TRY(writer.read_tail());
  writer.meet_head();
  return writer;
}

// Finds the last complete line, cuts off what follows it, and takes chain, number and time from it.
Status JournalWriter::read_tail() {
  uint64_t size = TRY(os::file_size(file_));
  chain_ = kFirstChain;
  uint64_t end = size;  // where the last complete line ends
  std::string tail;     // bytes [start, size)
  uint64_t start = size;
  bool have_line = false;
  uint64_t cut = 0;
  while (end > 0) {
    // Read backwards until `tail` holds a whole line that ends at a newline.
    std::string_view text(tail);
    size_t newline = text.rfind('\n', end - start == 0 ? 0 : end - start - 1);
    if (end == start || newline == std::string_view::npos) {
      if (start == 0) break;
      uint64_t chunk = std::min<uint64_t>(start, std::max<uint64_t>(kTailChunk, tail.size()));
      tail = TRY(os::read_at(file_, start - chunk, chunk)) + tail;
      start -= chunk;
      continue;
    }
    size_t line_end = newline;
    size_t before = line_end == 0 ? std::string_view::npos : text.rfind('\n', line_end - 1);
    if (before == std::string_view::npos && start > 0) {
      uint64_t chunk = std::min<uint64_t>(start, std::max<uint64_t>(kTailChunk, tail.size()));
      tail = TRY(os::read_at(file_, start - chunk, chunk)) + tail;
      start -= chunk;
      continue;
    }
    size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
    if (!have_line) cut = start + line_end + 1;
    have_line = true;
    std::string_view line = text.substr(line_begin, line_end - line_begin);
    auto parts = split_journal_line(line);
    auto header = parts ? json::Document::parse(parts->header) : Result<json::Document>{};
    if (!parts || !header || !header->root()["n"].is_number()) {
      // A damaged but complete line is fsck's matter; the chain goes on from the one before.
      end = start + line_begin;
      continue;
    }
    chain_ = parts->chain;
    next_number_ = header->root()["n"].integer() + 1;
    last_time_ = parse_utc(header->root()["t"].str()).value_or(0);
    last_salt_ = parts->salt;
    last_digest_ = parts->digest;
    break;
  }
  if (cut < size) {
    repaired_ = size - cut;
    TRY(os::truncate(file_, cut));
  }
  size_ = cut;
  return {};
}

void JournalWriter::meet_head() {
  auto text = os::read_file(os::join(directory_, kJournalHeadName), kMaxHead);
  if (!text) return;
  int64_t number = parse_int(std::string_view(*text).substr(0, text->find(' '))).value_or(-1);
  if (number < next_number_) return;
  lost_lines_ = number - next_number_ + 1;
  next_number_ = number + 1;
}

bool JournalWriter::repeats_last(std::string_view payload) const {
  return !last_salt_.empty() && short_digest(last_salt_, payload) == last_digest_;
}

Status JournalWriter::append(std::string_view header, std::string_view payload) {
  std::string salt = hex(os::random_bytes(kSaltBytes));
  std::string digest = short_digest(salt, payload);
  std::string chain = short_digest(chain_, header, digest);
  std::string line;
  line.reserve(header.size() + payload.size() + 160);
  line += "{\"h\":\"";
  line += chain;
  line += "\",\"d\":\"";
  line += digest;
  line += "\",\"e\":";
  line += header;
  line += ",\"s\":\"";
  line += salt;
  line += "\",\"p\":";
  line += payload;
  line += "}\n";
  if (line.size() > kMaxJournalLine) {
    return fail(ErrorKind::limit, "an event is larger than a journal line may be");
  }
  auto written = os::append(file_, line);
  if (!written) {
    // Whatever part of the line reached the disk must not stay: the next line begins a line.
    (void)os::truncate(file_, size_);
    return written;
  }
  chain_ = chain;
  last_salt_ = salt;
  last_digest_ = digest;
  size_ += line.size();
  ++next_number_;
  return {};
}

Status JournalWriter::flush() {
  TRY(os::sync(file_));
  auto head =
      TRY(os::open_file(os::join(directory_, kJournalHeadName), os::Open::read_write_create));
  char text[80];
  int length = snprintf(text, sizeof text, "%019lld %s\n", static_cast<long long>(next_number_ - 1),
                        chain_.c_str());
  return os::write_at(head, 0, {text, static_cast<size_t>(length)});
}

Result<uint64_t> read_journal(
    const std::string& directory, uint64_t offset,
    const std::function<bool(std::string_view line, uint64_t next)>& each) {
  os::File file = TRY(os::open_file(os::join(directory, kJournalName), os::Open::read));
  std::string buffer;
  uint64_t at = offset;  // of buffer[0] in the file
  size_t scanned = 0;
  size_t chunk = kFirstChunk;
  for (;;) {
    size_t newline = buffer.find('\n', scanned);
    if (newline == std::string::npos) {
      scanned = buffer.size();
      if (buffer.size() > kMaxJournalLine) {
        return fail(ErrorKind::damage, "a line of '" + directory + "' never ends");
      }
      std::string more = TRY(os::read_at(file, at + buffer.size(), chunk));
      chunk = std::min(chunk * 2, kReadChunk);
      if (more.empty()) return at;
      buffer += more;
      continue;
    }
    size_t begin = 0;
    while (newline != std::string::npos) {
      uint64_t next = at + newline + 1;
      if (!each(std::string_view(buffer).substr(begin, newline - begin), next)) return next;
      begin = newline + 1;
      newline = buffer.find('\n', begin);
    }
    buffer.erase(0, begin);
    at += begin;
    scanned = buffer.size();
  }
}

std::string path_to_text(std::string_view path) {
  if (is_utf8(path)) return std::string(path);
  return std::string(1, '\0') + base64(path);
}

std::string path_from_text(std::string_view text) {
  if (text.empty() || text[0] != '\0') return std::string(text);
  return from_base64(text.substr(1)).value_or(std::string());
}

}  // namespace baton::store
