#include "index/ingest.h"

#include <algorithm>
#include <unordered_map>

#include "index/file_copy.h"
#include "index/session_ingest.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/journal.h"

namespace baton::index {
namespace {

constexpr std::string_view kStaleMessage = "the index does not belong to these journals";
constexpr std::string_view kCopyName = "transcript.jsonl.zst";
constexpr int64_t kLinesBetweenLooks = 64;  // at the clock, where there is a deadline
constexpr size_t kStepsHeld = 20'000;       // steps of one session kept in memory while reading it
constexpr size_t kChainPrefix = 6;          // {"h":"
constexpr size_t kChainDigits = 32;

uint64_t size_of(const std::string& path) {
  auto st = os::stat_file(path);
  return st && st->type == os::FileType::regular ? st->size : 0;
}

// Reads one session's news.
class SessionReader {
 public:
  SessionReader(const store::Store& store, const SessionNews& news, const EventContext& context,
                Tables& tables, const IndexOptions& options, UpdateStats& stats)
      : deadline_(options.deadline),
        until_(options.until),
        directory_(os::join(store.sessions_dir(), news.directory)),
        news_(news),
        context_(context),
        session_(tables, context),
        stats_(stats) {}

  Status run(const std::function<void(uint64_t bytes)>& progress) {
    TRY(session_.load(news_.directory));
    SessionRow& row = session_.row();
    TRY(check_same_journal());
    auto copy = FileCopy::open(directory_, row.file_read, row.file_line, news_.file_size);
    if (copy) copy_ = std::move(*copy);
    chain_ = {
        row.last_chain, row.journal_read == 0 ? -1 : row.last_number,
        row.last_number != kUnreadNumber && (!row.last_chain.empty() || row.journal_read == 0)};

    Status problem;
    uint64_t begin = row.journal_read;
    auto end = store::read_journal(directory_, row.journal_read,
                                   [&](std::string_view line, uint64_t next) {
                                     problem = take_line(line, begin, next);
                                     if (progress) progress(next - begin);
                                     begin = next;
                                     return problem.has_value() && !is_late() && !past_;
                                   });
    if (!problem) return problem;
    if (!end && end.error().kind != ErrorKind::not_found) return std::unexpected(end.error());
    if (row.key == 0 && row.damaged > 0) {
      // Nothing of it can be read, which must not go unseen.
      EventHeader nothing;
      nothing.agent = news_.directory.substr(0, news_.directory.find('/'));
      nothing.session = os::basename(directory_);
      TRY(session_.begin(nothing));
    }
    if (row.key != 0 && !late_ && !until_) TRY(take_file_lines(UINT64_MAX));
    row.file_read = copy_.frame();
    row.file_line = copy_.lines_done();
    return session_.flush();
  }

  bool late() const { return late_; }

 private:
  bool is_late() {
    if (deadline_ != 0 && stats_.events % kLinesBetweenLooks == 0) {
      late_ = os::monotonic_us() >= deadline_;
    }
    return late_;
  }

  // Whether the journal still has the line that was the last one.
  Status check_same_journal() {
    const SessionRow& row = session_.row();
    if (row.journal_read == 0) return {};
    if (news_.journal_size < row.journal_read) return std::unexpected(stale_index());
    auto file = os::open_file(os::join(directory_, store::kJournalName), os::Open::read);
    if (!file) return std::unexpected(stale_index());
    auto begin = os::read_at(*file, row.last_line, kChainPrefix + kChainDigits);
    if (!begin || begin->size() != kChainPrefix + kChainDigits ||
        begin->substr(kChainPrefix) != row.last_chain) {
      return std::unexpected(stale_index());
    }
    return {};
  }

  Status take_line(std::string_view line, uint64_t offset, uint64_t next) {
    SessionRow& row = session_.row();
    ++stats_.events;
    auto event = read_event(line, context_, chain_);
    if (!event) {
      session_.damaged(event.error().message + " (offset " + std::to_string(offset) + ")");
    } else if (!store::is_directory_of(news_.directory, event->header.agent,
                                       event->header.session)) {
      // A journal that somebody copied. What it tells counts where it belongs, once.
      session_.damaged("a line of another session (offset " + std::to_string(offset) + ")");
    } else if (until_ && event->header.time > *until_) {
      past_ = true;
      return {};
    } else {
      TRY(session_.begin(event->header));
      // What the agent's file held by then belongs before the event: the order of reading must not
      // matter.
      if (uint64_t mark = SessionIngest::file_mark(event->header)) TRY(take_file_lines(mark));
      TRY(session_.event(*event, {offset, line.size()}));
    }
    row.journal_read = next;
    if (chain_.known) {
      row.last_line = offset;
      row.last_number = chain_.number;
      row.last_chain = chain_.chain;
    } else {
      row.last_number = kUnreadNumber;
    }
    if (session_.held() > kStepsHeld) {
      TRY(session_.flush());
      session_.shed();
    }
    return {};
  }

  Status take_file_lines(uint64_t mark) {
    SessionRow& row = session_.row();
    for (;;) {
      auto more = copy_.peek();
      if (!more) {
        session_.damaged(more.error().message);
        copy_ = FileCopy();
        return {};
      }
      if (!*more) return {};
      bool before_mark = copy_.at() < mark || copy_.generation() < row.file_generation;
      if (!before_mark) return {};
      TRY(session_.file_line(copy_.line()));
      ++stats_.file_lines;
      copy_.consume();
    }
  }

  int64_t deadline_;
  bool late_ = false;
  std::optional<Micros> until_;
  bool past_ = false;  // the lines that follow are newer
  std::string directory_;
  const SessionNews& news_;
  const EventContext& context_;
  SessionIngest session_;
  UpdateStats& stats_;
  FileCopy copy_;
  ChainState chain_;
};

}  // namespace

Error stale_index() {
  return Error{ErrorKind::damage, std::string(kStaleMessage), ""};
}

bool is_stale(const Error& error) {
  return error.kind == ErrorKind::damage && error.message == kStaleMessage;
}

Result<News> find_news(const store::Store& store, Database& database, bool fresh) {
  struct Known {
    uint64_t journal, file;
  };
  std::unordered_map<std::string, Known> known;
  if (!fresh) {
    Statement* find =
        TRY(database.cached("SELECT directory, journal_read, file_read FROM sessions"));
    while (TRY(find->step())) {
      known[find->str(0)] = {static_cast<uint64_t>(find->integer(1)),
                             static_cast<uint64_t>(find->integer(2))};
    }
  }
  News news;
  auto places = store::list_sessions(store);
  if (!places) {
    if (places.error().kind == ErrorKind::not_found) return news;
    return std::unexpected(places.error());
  }
  for (const store::SessionPlace& place : *places) {
    SessionNews one;
    one.directory = place.agent + "/" + std::string(os::basename(place.directory));
    one.file_size = size_of(os::join(place.directory, kCopyName));
    one.journal_size = size_of(os::join(place.directory, store::kJournalName));
    if (auto found = known.find(one.directory); found != known.end()) {
      one.journal_read = found->second.journal;
      one.file_read = found->second.file;
      known.erase(found);
    }
    if (one.journal_size < one.journal_read) news.stale = true;
    if (one.journal_size == one.journal_read && one.file_size == one.file_read) continue;
    news.bytes += one.journal_size - std::min(one.journal_size, one.journal_read);
    news.sessions.push_back(std::move(one));
  }
  if (!known.empty()) news.stale = true;  // a session was taken away
  return news;
}

Status ingest(const store::Store& store, const News& news, const EventContext& context,
              const IndexOptions& options, Tables& tables, UpdateStats& stats) {
  uint64_t done = 0;
  std::function<void(uint64_t)> progress;
  if (options.progress) {
    progress = [&](uint64_t bytes) {
      done += bytes;
      options.progress(done, news.bytes);
    };
  }
  for (const SessionNews& session : news.sessions) {
    SessionReader reader(store, session, context, tables, options, stats);
    TRY(reader.run(progress));
    if (reader.late() || (options.deadline != 0 && os::monotonic_us() >= options.deadline)) {
      stats.complete = false;
      break;
    }
  }
  return tables.flush();
}

}  // namespace baton::index
