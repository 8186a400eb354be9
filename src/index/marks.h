#pragma once

// Handoff marks: the moments at which a session's handoff is worth keeping (turn ends, before and
// after a compaction, session ends). They are derived: the journal's line holds the time, the
// commit and what was seen of the files, and Index::open(until) shows the record as it stood then.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/index.h"
#include "model/session.h"

namespace baton::index {

struct Mark {
  std::string address;  // "c7f2@18": the session and the number of the journal's line
  std::string session, agent;
  int64_t session_key = 0, number = 0;
  Micros time = 0;
  std::string reason;  // turn end, turn failed, interrupted, before compaction, ...
  std::string head;    // commit, hex; "" unknown
  int turn = 0;        // the newest by then
  model::Position position;
};

// By time.
Result<std::vector<Mark>> marks(Index& index, int64_t session_key);
// What "c7f2@18" names, whether or not it is a mark; nothing if the words are of another form.
// ErrorKind::not_found if the session has no such event.
Result<std::optional<Mark>> find_mark(Index& index, std::string_view words);

}  // namespace baton::index
