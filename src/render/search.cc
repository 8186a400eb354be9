#include "render/search.h"

#include <algorithm>

#include "base/bytes.h"
#include "render/json.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

// The excerpt on one line with its matches marked. Marks are byte offsets into the excerpt as it
// was found; where masking changed it they mean nothing any more.
std::string marked(const Style& style, const model::Hit& hit) {
  std::string whole = masked(style, hit.excerpt);
  bool usable = whole == hit.excerpt;
  std::string out;
  auto add = [&](std::string_view piece, Look look) {
    std::string text = neutral(piece);
    for (char& c : text) {
      if (c == '\n' || c == '\t') c = ' ';
    }
    out += style.paint(look, text);
  };
  size_t at = 0;
  if (usable) {
    for (const auto& [begin, end] : hit.marks) {
      if (begin < at || end < begin || end > whole.size()) continue;
      add(std::string_view(whole).substr(at, begin - at), Look::plain);
      add(std::string_view(whole).substr(begin, end - begin), Look::mark);
      at = end;
    }
  }
  add(std::string_view(whole).substr(at), Look::plain);
  return out;
}

}  // namespace

std::string search_text(const Style& style, const model::SearchView& view) {
  size_t address = 0, kind = 0, time = 0;
  for (const model::Hit& hit : view.hits) {
    address = std::max(address, columns(hit.address()));
    kind = std::max(kind, columns(to_string(hit.kind)));
    time = std::max(time, columns(when(style, hit.time)));
  }
  std::string text;
  for (const model::Hit& hit : view.hits) {
    text += style.paint(Look::address, hit.address());
    text += std::string(address - columns(hit.address()) + 2, ' ');
    text += style.paint(Look::faint, pad(when(style, hit.time), time)) + "  ";
    text += style.paint(Look::agent, pad(to_string(hit.kind), kind)) + "  ";
    text += marked(style, hit) + "\n";
  }
  if (view.more) {
    text += style.paint(Look::faint, "… and more: --limit shows them") + "\n";
  }
  return text;
}

std::string search_json(const Style& style, const model::SearchView& view) {
  JsonAnswer answer("search");
  write_list(answer.writer(), "hits", view.hits);
  answer.writer().member("more", view.more);
  return answer.finish(style);
}

}  // namespace baton::render
