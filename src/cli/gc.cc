// `baton gc`: what nothing needs goes, what git is about to lose is taken over, and for a budget
// versions are thinned.

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/object_reader.h"
#include "index/passing.h"
#include "record/borrowed.h"
#include "record/record.h"
#include "render/cleaning.h"
#include "store/compact.h"

namespace baton::cli {
namespace {

// What is younger stays whatever the budget is.
constexpr Micros kYoung = 7 * 24 * 3600 * kSecond;

// 0: none is set.
Result<uint64_t> asked_budget(Front& front) {
  const Invocation& asked = front.asked();
  if (!asked.has(OptionId::budget)) {
    return static_cast<uint64_t>(front.settings().number(Setting::budget));
  }
  std::string_view value = asked.value(OptionId::budget);
  auto bytes = git::Settings::as_bytes(value);
  if (!bytes || *bytes == 0) {
    return fail(ErrorKind::usage, "'" + std::string(value) + "' is no size",
                "write bytes, or with k, m or g: --budget 500m");
  }
  return static_cast<uint64_t>(*bytes);
}

}  // namespace

Result<int> run_gc(Front& front) {
  const worktree::Place& place = *TRY(front.place());
  render::CleaningView done;
  done.dry_run = front.asked().has(OptionId::dry_run);
  done.budget = TRY(asked_budget(front));
  std::optional<os::File> lock;
  if (!done.dry_run) lock = TRY(store::lock_cleaning(place.store));
  done.borrowed = TRY(record::take_over(place, front.reader_session(), done.dry_run));
  store::CompactOptions options;
  options.dry_run = done.dry_run;
  options.budget = done.budget;
  options.may_go = [&]() -> Result<std::vector<ObjectId>> {
    index::Index& index = *TRY(front.index());
    return index::passing_contents(index, front.style().now - kYoung);
  };
  options.note = [&](const std::vector<store::ThinnedContent>& contents, Micros not_before) {
    return record::note_thinned(place.store, done.budget, contents, not_before);
  };
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
