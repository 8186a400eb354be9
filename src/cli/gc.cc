// `baton gc`: what nothing needs goes, and what git is about to lose is taken over.

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/object_reader.h"
#include "record/borrowed.h"
#include "render/cleaning.h"
#include "store/compact.h"

namespace baton::cli {

Result<int> run_gc(Front& front) {
  const worktree::Place& place = *TRY(front.place());
  render::CleaningView done;
  done.dry_run = front.asked().has(OptionId::dry_run);
  std::optional<os::File> lock;
  if (!done.dry_run) lock = TRY(store::lock_cleaning(place.store));
  done.borrowed = TRY(record::take_over(place, front.reader_session(), done.dry_run));
  store::CompactOptions options;
  options.dry_run = done.dry_run;
  std::optional<git::ObjectReader> reader;
  if (place.repository) {
    reader.emplace(*place.repository);
    options.borrowed = [&](const ObjectId& id) { return reader->blob(id); };
  }
  done.objects = TRY(store::compact(place.store, options));
  front.out().write(front.json() ? render::cleaning_json(front.style(), done)
                                 : render::cleaning_text(front.style(), done));
  return done.objects.uncertain.empty() ? kFine : kDamage;
}

}  // namespace baton::cli
