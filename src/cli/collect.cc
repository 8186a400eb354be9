#include "cli/collect.h"

#include "agents/agent.h"
#include "base/bytes.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "os/clock.h"
#include "record/collect.h"
#include "render/json.h"
#include "render/text.h"
#include "store/journal.h"
#include "store/transcript.h"

namespace baton::cli {
namespace {

constexpr int kLinesLookedAt = 20;

// The session's own id and the file that its first events name.
struct Named {
  std::string session, file;
};
Named look_into_journal(const std::string& directory, const agents::Agent& agent) {
  Named named;
  int lines = 0;
  (void)store::read_journal(directory, 0, [&](std::string_view text, uint64_t) {
    auto line = store::split_journal_line(text);
    if (!line) return false;
    auto header = json::Document::parse(line->header);
    if (header && named.session.empty()) named.session = header->root()["session"].str();
    auto payload = json::Document::parse(line->payload);
    if (header && payload && payload->root().is_object()) {
      named.file = agent.hear(header->root()["event"].str(), payload->root()).session_file;
    }
    return named.file.empty() && ++lines < kLinesLookedAt;
  });
  return named;
}

}  // namespace

Result<CollectStats> collect_sessions(
    const store::Store& store, worktree::Deadline deadline,
    const std::function<void(uint64_t done, uint64_t total)>& progress) {
  CollectStats stats;
  std::unique_ptr<store::Objects> objects;
  auto sessions = TRY(store::list_sessions(store));
  for (size_t i = 0; i < sessions.size(); i++) {
    const store::SessionPlace& place = sessions[i];
    const agents::Agent* agent = agents::find_agent(place.agent);
    if (!agent || agent->id() != place.agent) continue;
    if (progress) progress(i, sessions.size());
    store::TranscriptPosition position = store::transcript_position(place.directory);
    std::string session(os::basename(place.directory));
    if (position.path.empty() || session.starts_with("x-")) {
      Named named = look_into_journal(place.directory, *agent);
      if (!named.session.empty()) session = named.session;
      if (position.path.empty()) position.path = named.file;
    }
    if (position.path.empty()) continue;
    auto file = os::stat_file(position.path, true);
    if (!file || file->type != os::FileType::regular || file->size == position.offset) continue;
    if (os::monotonic_us() >= deadline) {
      stats.complete = false;
      break;
    }
    if (!objects) {
      objects = std::make_unique<store::Objects>(TRY(store::Objects::open(store)));
    }
    auto done = record::collect(store, *objects, *agent, session, position.path, deadline);
    if (!done) {
      // Somebody else copies it just now.
      if (done.error().kind != ErrorKind::limit) stats.failed++;
      continue;
    }
    stats.files++;
    stats.bytes += done->offset > position.offset ? done->offset - position.offset : done->offset;
    stats.complete = stats.complete && done->complete;
  }
  return stats;
}

Result<int> run_collect(Front& front) {
  const store::Store& store = TRY(front.place())->store;
  Progress progress("copying session files");
  auto stats = TRY(collect_sessions(store, worktree::kNoDeadline, std::ref(progress)));
  if (front.json()) {
    render::JsonAnswer answer("collect");
    answer.writer().member("files", stats.files).member("bytes", static_cast<int64_t>(stats.bytes));
    answer.writer().member("failed", stats.failed);
    front.out().write(answer.finish(front.style()));
  } else {
    front.out().write(render::count(stats.files, "session file") + " had grown by " +
                      render::size_text(stats.bytes) + "\n");
  }
  return stats.failed ? kDamage : kFine;
}

}  // namespace baton::cli
