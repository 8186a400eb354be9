#pragma once

// The journal: one file a session, one line an event. docs/format/journal.md.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"
#include "os/file.h"
#include "store/store.h"

namespace baton::store {

constexpr std::string_view kJournalName = "events.jsonl";
constexpr std::string_view kJournalHeadName = "head";
constexpr size_t kMaxJournalLine = 256u << 20;

// Appends to one session's journal. Opening takes the journal's exclusive lock (held until the
// object dies) and repairs a torn tail; the lock dies with the process.
class JournalWriter {
 public:
  // Creates the session's directory if need be. ErrorKind::limit when the lock is not to be had
  // within `budget_us`.
  static Result<JournalWriter> open(const Store& store, std::string_view agent,
                                    std::string_view session, int64_t budget_us);

  // Number and time that the next line will have; the time is `now`, or the last line's if the
  // clock was set back.
  int64_t next_number() const { return next_number_; }
  Micros last_time() const { return last_time_; }
  // Whether the last line holds this very payload: the same event heard twice.
  bool repeats_last(std::string_view payload) const;
  // Bytes that were cut off a torn tail when opening.
  uint64_t repaired() const { return repaired_; }
  // Lines that flush() had noted and that are gone from the journal's end. Their numbers are not
  // used again.
  int64_t lost_lines() const { return lost_lines_; }
  // Size of the journal before this writer's lines.
  uint64_t size() const { return size_; }

  // Appends one line. `header` is the text of a JSON object that has `n` = next_number().
  Status append(std::string_view header, std::string_view payload);
  // Brings what was appended to the disk and notes the chain's head beside the journal.
  Status flush();

 private:
  Status read_tail();
  void meet_head();
  os::File file_;
  std::string directory_;
  std::string chain_;
  std::string last_salt_, last_digest_;
  int64_t next_number_ = 0;
  Micros last_time_ = 0;
  uint64_t size_ = 0;
  uint64_t repaired_ = 0;
  int64_t lost_lines_ = 0;
};

// The parts of a line, pointing into it.
struct JournalLine {
  std::string_view chain, digest, header, salt, payload;
  bool forgotten = false;  // no salt and payload
};
// ErrorKind::damage if it has not the form of a journal line.
Result<JournalLine> split_journal_line(std::string_view line);

// Whether `chain` and `digest` hold, given the chain of the line before ("" for the first line).
bool verify_journal_line(const JournalLine& line, std::string_view chain_before);

// `d` and `h` of a line, given the chain of the line before ("" for the first line).
std::string journal_digest(std::string_view salt, std::string_view payload);
std::string journal_chain(std::string_view chain_before, std::string_view header,
                          std::string_view digest);

// Calls back for each complete line from `offset` on, with the line (without newline) and the
// offset of the next. Lines that are torn or not yet complete at the end are not reported. A
// callback that returns false stops. Returns the offset up to which lines were given.
Result<uint64_t> read_journal(
    const std::string& directory, uint64_t offset,
    const std::function<bool(std::string_view line, uint64_t next)>& each);

// Writes a path as the journal does, into a JSON string value: bytes that are not UTF-8 as
// "\u0000" and base64; and back.
std::string path_to_text(std::string_view path);
std::string path_from_text(std::string_view text);

}  // namespace baton::store
