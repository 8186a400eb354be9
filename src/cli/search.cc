#include "render/search.h"

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"

namespace baton::cli {
namespace {

constexpr size_t kFewHits = 50;

}  // namespace

Result<int> run_search(Front& front) {
  const Invocation& asked = front.asked();
  index::SearchFilter filter;
  filter.agent = TRY(asked_agent(asked));
  filter.since = TRY(asked_time(front, OptionId::since));
  filter.until = TRY(asked_time(front, OptionId::until));
  filter.limit = TRY(asked_limit(asked, kFewHits));
  for (const std::string& kind : asked.values(OptionId::kind)) {
    using Kind = model::Hit::Kind;
    for (Kind each :
         {Kind::prompt, Kind::message, Kind::command, Kind::output, Kind::path, Kind::note}) {
      if (model::to_string(each) == kind) filter.kinds.push_back(each);
    }
  }
  TRY(front.place());
  filter.paths = TRY(asked_paths(front));
  index::Index& index = *TRY(front.index());
  filter.session = TRY(asked_session(index, asked));
  std::string words;
  for (const std::string& word : asked.words) {
    if (!words.empty()) words += ' ';
    // A word of the command line that has blanks was quoted there: it is a phrase.
    bool phrase = word.find(' ') != std::string::npos && word.find('"') == std::string::npos;
    words += phrase ? "\"" + word + "\"" : word;
  }
  auto view = TRY(index::search(index, words, filter));
  if (front.json()) {
    front.out().write(render::search_json(front.style(), view));
  } else if (view.hits.empty()) {
    say_nothing_found(index, "place");
  } else {
    front.out().write(render::search_text(front.style(), view));
  }
  return view.hits.empty() ? kNegative : kFine;
}

}  // namespace baton::cli
