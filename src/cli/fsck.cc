#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/object_reader.h"
#include "render/json.h"
#include "render/text.h"
#include "store/verify.h"

namespace baton::cli {
namespace {

using render::Look;
using store::Finding;

std::string report_text(const render::Style& style, const store::VerifyReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    bool damage = finding.kind == Finding::Kind::damage;
    text += style.paint(damage ? Look::bad : Look::faint, damage ? "damaged " : "note    ");
    text += render::neutral(finding.where) + ": " + render::neutral(finding.what) + "\n";
  }
  int64_t shown = static_cast<int64_t>(report.findings.size());
  if (report.damaged + report.noted > shown) {
    text += "… and " + std::to_string(report.damaged + report.noted - shown) + " more\n";
  }
  text += render::count(report.journals, "journal") + " with " +
          render::count(report.lines, "line") + ", " + render::count(report.objects, "object") +
          ", " + render::count(report.transcripts, "session file") + ", " +
          render::count(report.transitions, "change") + " of files";
  if (report.thinned > 0) {
    text += ", " + render::count(report.thinned, "content") + " thinned for the budget";
  }
  text += ": ";
  text += report.sound()
              ? style.paint(Look::good, "sound")
              : style.paint(Look::bad, "damaged in " + render::count(report.damaged, "place"));
  return text + "\n";
}

std::string report_json(const render::Style& style, const store::VerifyReport& report) {
  render::JsonAnswer answer("fsck");
  json::Writer& json = answer.writer();
  json.member("sound", report.sound()).member("journals", report.journals);
  json.member("lines", report.lines).member("objects", report.objects);
  json.member("session_files", report.transcripts).member("transitions", report.transitions);
  if (report.thinned > 0) json.member("thinned", report.thinned);
  json.member("damaged", report.damaged).member("noted", report.noted);
  json.key("findings").begin_array();
  for (const Finding& finding : report.findings) {
    json.begin_object();
    json.member("kind", finding.kind == Finding::Kind::damage ? "damage" : "note");
    json.member("where", finding.where).member("what", finding.what).end_object();
  }
  json.end_array();
  return answer.finish(style);
}

}  // namespace

Result<int> run_fsck(Front& front) {
  const worktree::Place& place = *TRY(front.place());
  store::VerifyOptions options;
  std::optional<git::ObjectReader> reader;
  if (place.repository) {
    reader.emplace(*place.repository);
    options.borrowed = [&](const ObjectId& id) { return reader->blob(id); };
    options.in_git = [&](std::string_view id) { return reader->info(id).has_value(); };
  }
  store::VerifyReport report;
  {
    Progress progress("verifying");
    options.progress = std::ref(progress);
    report = TRY(store::verify(place.store, options));
  }
  front.out().write(front.json() ? report_json(front.style(), report)
                                 : report_text(front.style(), report));
  return report.sound() ? kFine : kDamage;
}

}  // namespace baton::cli
