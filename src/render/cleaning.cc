#include "render/cleaning.h"

#include "render/json.h"
#include "render/text.h"

namespace baton::render {
namespace {

std::string amount_text(int64_t contents, uint64_t bytes) {
  return count(contents, "content") + ", " + size_text(bytes);
}

std::string sum_text(const CleaningView& done) {
  uint64_t gone = done.objects.reclaimed();
  if (gone == 0) return "nothing to take away";
  // Files of a run that was killed are no part of the segments.
  return size_text(gone) + " of " + size_text(done.objects.before + done.objects.temporary) +
         (done.dry_run ? " would go" : " gone");
}

void write_amount(json::Writer& json, std::string_view name, const store::Amount& amount) {
  json.key(name).begin_object().member("count", amount.count);
  json.member("bytes", size_t{amount.bytes}).end_object();
}

}  // namespace

std::string cleaning_text(const Style& style, const CleaningView& done) {
  const store::Compacted& objects = done.objects;
  Table table;
  auto row = [&](std::string_view what, std::string much) {
    table.row({{std::string(what), Look::title}, {std::move(much)}});
  };
  if (objects.left_behind.count) {
    row("left behind", amount_text(objects.left_behind.count, objects.left_behind.bytes));
  }
  if (objects.repeated.count) {
    row("stored twice", amount_text(objects.repeated.count, objects.repeated.bytes));
  }
  if (objects.thinned.count) {
    row("thinned for the budget", amount_text(objects.thinned.count, objects.thinned.bytes));
  }
  if (objects.torn) row("unfinished", size_text(objects.torn));
  if (objects.temporary) row("of a run that was killed", size_text(objects.temporary));
  if (done.borrowed.contents) {
    row("taken over from git", amount_text(done.borrowed.contents, done.borrowed.bytes));
  }
  if (done.borrowed.pins) {
    row("pin", count(done.borrowed.pins, "entry", "entries") +
                   (done.dry_run ? " to be put right" : " put right"));
  }
  std::string text = table.text(style);
  bool any = objects.reclaimed() > 0;
  if (!objects.uncertain.empty()) {
    std::string what = any ? "no content was taken away: " : "nothing was taken away: ";
    text += style.paint(Look::warn, what + clean(style, objects.uncertain)) + "\n";
    if (!any) return text;
  }
  text += sum_text(done) + "\n";
  if (objects.over > 0) {
    text += style.paint(Look::warn, "still " + size_text(objects.over) + " over the budget of " +
                                        size_text(done.budget) + ": nothing else may go") +
            "\n";
  }
  return text;
}

std::string cleaning_json(const Style& style, const CleaningView& done) {
  JsonAnswer answer("gc");
  json::Writer& json = answer.writer();
  json.member("dry_run", done.dry_run).member("before", size_t{done.objects.before});
  json.member("reclaimed", size_t{done.objects.reclaimed()});
  write_amount(json, "left_behind", done.objects.left_behind);
  write_amount(json, "repeated", done.objects.repeated);
  write_amount(json, "thinned", done.objects.thinned);
  if (done.budget > 0) {
    json.member("budget", size_t{done.budget}).member("over", size_t{done.objects.over});
  }
  json.member("torn", size_t{done.objects.torn});
  json.member("temporary", size_t{done.objects.temporary});
  json.key("taken_over").begin_object().member("count", done.borrowed.contents);
  json.member("bytes", size_t{done.borrowed.bytes}).member("trees", done.borrowed.trees);
  json.end_object().member("pins", done.borrowed.pins);
  optional_member(json, "uncertain", done.objects.uncertain);
  return answer.finish(style);
}

}  // namespace baton::render
