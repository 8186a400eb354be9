// `baton du`: where the store's bytes are.

#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/object_reader.h"
#include "render/usage.h"
#include "store/usage.h"

namespace baton::cli {
namespace {

constexpr size_t kListed = 10;

}  // namespace

Result<int> run_du(Front& front) {
  const worktree::Place& place = *TRY(front.place());
  size_t most = TRY(asked_limit(front.asked(), kListed));
  store::BorrowedReader borrowed;
  std::optional<git::ObjectReader> reader;
  if (place.repository) {
    reader.emplace(*place.repository);
    borrowed = [&](const ObjectId& id) { return reader->blob(id); };
  }
  store::Usage usage = TRY(store::measure_usage(place.store, borrowed));
  front.out().write(front.json() ? render::usage_json(front.style(), usage, most)
                                 : render::usage_text(front.style(), usage, most));
  return kFine;
}

}  // namespace baton::cli
