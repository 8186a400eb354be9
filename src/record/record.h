#pragma once

// Recording one event: what `baton hook AGENT` does. It reads no index, starts no agent, prints
// nothing, and fails silently for its caller; what it could not do it notes in the journal as a gap
// and, if even that was not possible, in the store's log.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/agent.h"
#include "store/manifest.h"
#include "store/thinned.h"
#include "worktree/worktree.h"

namespace baton::record {

constexpr size_t kMaxPayload = 64u << 20;
constexpr int64_t kHardStopUs = 1'000'000;
constexpr int64_t kInputBudgetUs = 500'000;  // for whoever writes the payload
constexpr int64_t kPassBudgetUs = 250'000;
constexpr int64_t kLockBudgetUs = 400'000;

struct Event {
  const agents::Agent* agent = nullptr;
  std::string name;              // as given on the command line; "" if the payload names it
  std::string payload;           // as it came on stdin
  std::optional<Error> problem;  // why that may not be all of it
};

// What was recorded, for whoever joins a second act to it (injection).
struct Recorded {
  bool recorded = false;
  std::string store_path;
  agents::Heard heard;
};

// `began_us` is os::monotonic_us() at the start of the process: budgets count from there.
Recorded record(Event event, int64_t began_us);

// Counts an event that cannot be recorded for the store around the working directory, so that the
// next one that can be tells of it.
void count_unrecorded(const char* why);

// baton's own doings (`init`, a reader's look at the files, a note) are events of sessions of its
// own. Looks at the whole worktree around `directory`, without a budget, and writes one line of the
// session `baton/<session>` with the payload (JSON text). ErrorKind::no_store without a store.
constexpr std::string_view kOwnAgent = "baton";
Status record_own(const std::string& directory, std::string_view session, std::string_view event,
                  std::string_view payload);

// A reader's look at the files before it speaks of them: a line of that session if there is
// anything new, and nothing at all otherwise, so that reading leaves no traces.
struct ReaderLook {
  bool recorded = false;         // what was new is known now
  std::optional<Error> problem;  // something is new, and could not be recorded
};
ReaderLook look_for_reader(const std::string& directory, std::string_view session,
                           std::string_view payload);

// That this text was printed for an agent at the start of its session; `payload` (JSON text) says
// for which one. A line of baton's own session `injections`.
Status note_injection(const store::Store& store, std::string_view payload, std::string_view text);

// That these contents are about to go for a budget: a line of baton's own session `thinned`, on the
// disk when this returns.
Status note_thinned(const store::Store& store, uint64_t budget,
                    const std::vector<store::ThinnedContent>& contents, Micros not_before);

// A change of the working tree that baton itself makes. It happens under the worktree's lock, and
// what it changed is the event's own: no command that runs meanwhile gets it.
struct Act {
  std::vector<std::string> paths;  // from the worktree's root; all that it may change
  // `known`: what the record last saw at a path, nothing if it knows of none. An error: nothing was
  // changed, and nothing is recorded.
  using Known = std::function<std::optional<store::ManifestEntry>(const std::string& path)>;
  std::function<Status(const Known& known)> apply;
  // The event could not be written: to be taken back.
  std::function<void()> take_back;
};
Status record_act(const worktree::Place& place, std::string_view session, std::string_view event,
                  std::string_view payload, const Act& act);

}  // namespace baton::record
