// `baton gc`: what nothing needs goes, and what git is about to lose is taken over.

#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/commands.h"
#include "record/borrowed.h"
#include "render/json.h"
#include "render/text.h"
#include "store/compact.h"

namespace baton::cli {
namespace {

struct Cleaned {
  bool dry_run = false;
  record::TakenOver borrowed;
  store::Compacted objects;
};

std::string amount_text(int64_t count, uint64_t bytes) {
  return render::count(count, "content") + ", " + render::size_text(bytes);
}

std::string cleaned_text(const render::Style& style, const Cleaned& done) {
  using render::Look;
  const store::Compacted& objects = done.objects;
  render::Table table;
  auto row = [&](std::string_view what, std::string much) {
    table.row({{std::string(what), Look::title}, {std::move(much)}});
  };
  if (objects.left_behind.count) {
    row("left behind", amount_text(objects.left_behind.count, objects.left_behind.bytes));
  }
  if (objects.repeated.count) {
    row("stored twice", amount_text(objects.repeated.count, objects.repeated.bytes));
  }
  if (objects.torn) row("unfinished", render::size_text(objects.torn));
  if (objects.temporary) row("of a run that was killed", render::size_text(objects.temporary));
  if (done.borrowed.contents) {
    row("taken over from git", amount_text(done.borrowed.contents, done.borrowed.bytes));
  }
  if (done.borrowed.pins) {
    row("pin", render::count(done.borrowed.pins, "entry", "entries") +
                   (done.dry_run ? " to be put right" : " put right"));
  }
  std::string text = table.text(style);
  if (!objects.uncertain.empty()) {
    text += style.paint(Look::warn,
                        "nothing was taken away: " + render::clean(style, objects.uncertain)) +
            "\n";
  }
  std::string gone = render::size_text(objects.reclaimed());
  if (done.dry_run) {
    text += gone + " of " + render::size_text(objects.before) + " would go\n";
  } else {
    text += gone + " of " + render::size_text(objects.before) + " gone\n";
  }
  return text;
}

void write_amount(json::Writer& json, std::string_view name, const store::Amount& amount) {
  json.key(name).begin_object().member("count", amount.count);
  json.member("bytes", size_t{amount.bytes}).end_object();
}

std::string cleaned_json(const render::Style& style, const Cleaned& done) {
  render::JsonAnswer answer("gc");
  json::Writer& json = answer.writer();
  json.member("dry_run", done.dry_run).member("before", size_t{done.objects.before});
  json.member("reclaimed", size_t{done.objects.reclaimed()});
  write_amount(json, "left_behind", done.objects.left_behind);
  write_amount(json, "repeated", done.objects.repeated);
  json.member("torn", size_t{done.objects.torn});
  json.member("temporary", size_t{done.objects.temporary});
  json.key("taken_over").begin_object().member("count", done.borrowed.contents);
  json.member("bytes", size_t{done.borrowed.bytes}).member("trees", done.borrowed.trees);
  json.end_object().member("pins", done.borrowed.pins);
  render::optional_member(json, "uncertain", done.objects.uncertain);
  return answer.finish(style);
}

}  // namespace

Result<int> run_gc(Front& front) {
  const worktree::Place& place = *TRY(front.place());
  Cleaned done;
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
  front.out().write(front.json() ? cleaned_json(front.style(), done)
                                 : cleaned_text(front.style(), done));
  return done.objects.uncertain.empty() ? kFine : kDamage;
}

}  // namespace baton::cli
