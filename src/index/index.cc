#include "index/index.h"

#include "agents/agent.h"
#include "index/index_impl.h"
#include "index/ingest.h"
#include "index/owners.h"

namespace baton::index {
namespace {

// A transaction that is taken back unless it was committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  ~Transaction() {
    if (open_) (void)database_.execute("ROLLBACK");
  }
  Status begin() {
    TRY(database_.execute("BEGIN IMMEDIATE"));
    open_ = true;
    return {};
  }
  Status commit() {
    TRY(database_.execute("COMMIT"));
    open_ = false;
    return {};
  }

 private:
  Database& database_;
  bool open_ = false;
};

Status fill(Index::Impl& impl, UpdateStats& stats) {
  bool fresh = impl.opened.fresh;
  News news = TRY(find_news(impl.store, impl.database(), fresh));
  if (news.stale) return std::unexpected(stale_index());
  bool git_came = false;
  if (!fresh && impl.options.git != nullptr) {
    git_came =
        TRY(impl.database().integer("SELECT count(*) FROM worktrees WHERE git_missing > 0")) > 0;
  }
  if (news.sessions.empty() && !git_came && !fresh) return {};
  Transaction transaction(impl.database());
  TRY(transaction.begin());
  Tables tables(impl.database(), fresh, !impl.options.until);
  TRY(tables.load());
  TRY(ingest(impl.store, news, impl.context, impl.options, tables, stats));
  if (fresh) TRY(make_indexes(impl.opened));
  TRY(decide_owners(tables, impl.options.git, stats));
  TRY(transaction.commit());
  if (fresh) TRY(finish_fresh(impl.opened));
  return {};
}

}  // namespace

Index::Index(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Index::~Index() = default;
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;

Result<Index> Index::open(const store::Store& store, const IndexOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->store = store;
  impl->options = options;
  if (!impl->options.find_agent) {
    impl->options.find_agent = [](std::string_view id) { return agents::find_agent(id); };
  }
  impl->contents.emplace(TRY(Contents::open(store, options.git)));
  Impl* raw = impl.get();
  impl->context.object = [raw](const ObjectId& id) { return raw->contents->get(id); };
  impl->context.find_agent = impl->options.find_agent;
  impl->opened =
      TRY(open_index(store, options.in_memory || options.until.has_value(), options.test_commands));
  impl->context.test_commands = impl->opened.test_commands;
  Index index(std::move(impl));
  if (options.update || index.impl_->opened.fresh) TRY(index.update());
  index.impl_->opened.lock = os::File();
  return index;
}

Result<UpdateStats> Index::update() {
  UpdateStats stats;
  stats.rebuilt = impl_->opened.fresh;
  if (!impl_->opened.lock.is_open() && !impl_->opened.path.empty()) {
    TRY(lock_index(impl_->opened));
  }
  auto done = fill(*impl_, stats);
  if (!done && (is_stale(done.error()) || is_damaged_index(done.error())) && !stats.rebuilt) {
    stats = {};
    stats.rebuilt = true;
    done = recreate_index(impl_->store, impl_->opened);
    if (done) done = fill(*impl_, stats);
  }
  impl_->opened.lock = os::File();
  if (!done) return std::unexpected(done.error());
  impl_->stats = stats;
  return stats;
}

Result<UpdateStats> Index::rebuild() {
  UpdateStats stats;
  stats.rebuilt = true;
  if (!impl_->opened.lock.is_open() && !impl_->opened.path.empty()) {
    TRY(lock_index(impl_->opened));
  }
  auto done = recreate_index(impl_->store, impl_->opened);
  if (done) done = fill(*impl_, stats);
  impl_->opened.lock = os::File();
  if (!done) return std::unexpected(done.error());
  impl_->stats = stats;
  return stats;
}

const UpdateStats& Index::last_update() const {
  return impl_->stats;
}
const std::string& Index::path() const {
  return impl_->opened.path;
}
const store::Store& Index::store() const {
  return impl_->store;
}
Contents& Index::contents() {
  return *impl_->contents;
}
GitSource* Index::git() const {
  return impl_->options.git;
}
const std::vector<std::string>& Index::test_commands() const {
  return impl_->context.test_commands;
}

}  // namespace baton::index
