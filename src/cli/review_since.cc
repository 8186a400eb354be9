#include "cli/review_since.h"

#include <algorithm>

#include "base/bytes.h"
#include "index/marks.h"
#include "index/queries.h"
#include "os/file.h"
#include "render/handoff_citations.h"
#include "render/handoff_verify.h"

namespace baton::cli {
namespace {

// The newest moment that a handoff's or a body's citations name. Of a turn it is when it began: it
// may have gone on afterwards.
Result<Micros> newest_cited(index::Index& index, const std::string& path) {
  std::string text = TRY(os::read_file(path, render::kMaxVerifiedBytes));
  std::vector<std::string> cited;
  if (trim(text).starts_with("{")) {
    auto document = json::Document::parse(text);
    if (document) render::collect_citations(document->root(), "", cited);
  } else {
    cited = render::citations_of_markdown(text);
  }
  Micros newest = 0;
  for (const std::string& citation : cited) {
    auto address = index::resolve(index, citation);
    if (!address) continue;
    if (address->kind == index::Address::Kind::step) {
      auto step = handoff::since_of(index, nullptr, {}, citation);
      if (step) newest = std::max(newest, step->moment);
    } else if (address->kind == index::Address::Kind::turn) {
      auto turn = index::turn_head(index, address->session_key, address->turn);
      if (turn) newest = std::max(newest, turn->began);
    }
  }
  if (newest > 0) return newest;
  return fail(ErrorKind::usage, "'" + path + "' cites nothing that is recorded here",
              "give what 'baton handoff' or 'baton pr' wrote before");
}

}  // namespace

Result<handoff::Since> asked_since(Front& front, index::Index& index, const handoff::Task& task) {
  if (!front.asked().has(OptionId::review_since)) return handoff::Since{};
  std::string word(trim(front.asked().value(OptionId::review_since)));
  if (word.empty()) {
    return fail(ErrorKind::usage, "--since names nothing",
                "give a commit, a mark, a turn, a step, or the file of an earlier handoff");
  }
  if (auto mark = TRY(index::find_mark(index, word))) return handoff::Since{word, mark->time, {}};
  auto since = handoff::since_of(index, front.repository(), task, word);
  if (since || since.error().kind != ErrorKind::not_found) return since;
  std::string path = os::normalize(front.cwd(), word);
  if (os::exists(path)) return handoff::Since{word, TRY(newest_cited(index, path)), {}};
  return fail(
      ErrorKind::not_found, "no commit, mark, session, turn or step '" + word + "'",
      "'baton log' lists turns, 'baton handoff --list' marks; the file of an earlier handoff "
      "or body may stand there too");
}

}  // namespace baton::cli
