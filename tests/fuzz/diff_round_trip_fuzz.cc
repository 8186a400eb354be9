// Any two contents: the edits are well formed, and edits and text make the new content of the old.

#include <stdlib.h>

#include <string>
#include <string_view>

#include "diff/apply.h"
#include "diff/moves.h"
#include "diff/similarity.h"
#include "diff/unified.h"
#include "diff/words.h"

using namespace baton;
using namespace baton::diff;

namespace {

void require(bool holds) {
  if (!holds) abort();
}

void check_order(const std::vector<Edit>& edits) {
  for (size_t i = 0; i < edits.size(); ++i) {
    require(edits[i].removed() + edits[i].added() > 0);
    require(i == 0 || (edits[i - 1].old_end < edits[i].old_begin &&
                       edits[i - 1].new_end < edits[i].new_begin));
  }
}

}  // namespace

// The first byte chooses options, the second and third where the two contents part.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 3, size - 3);
  const size_t middle = (size_t{data[1]} << 8 | data[2]) % (rest.size() + 1);
  const std::string old_content(rest.substr(0, middle));
  const std::string new_content(rest.substr(middle));
  UnifiedOptions options;
  options.context = data[0] & 7;
  options.diff.indent_heuristic = (data[0] & 8) != 0;

  std::vector<Edit> edits = diff_lines(old_content, new_content, options.diff);
  check_order(edits);
  require(apply_edits(old_content, new_content, edits) == new_content);
  require(apply_edits(new_content, old_content, inverse(edits)) == old_content);
  std::string text = unified(old_content, new_content, "a/x", "b/x", options);
  require(text.empty() == (old_content == new_content));
  require(apply_unified(old_content, text) == new_content);

  for (Whitespace whitespace : {Whitespace::ignore_trailing, Whitespace::ignore_all}) {
    check_order(diff_lines(old_content, new_content, {.whitespace = whitespace}));
  }
  std::string rebuilt;
  size_t at = 0;
  for (const Edit& edit : diff_words(old_content, new_content)) {
    rebuilt += old_content.substr(at, edit.old_begin - at);
    rebuilt += new_content.substr(edit.new_begin, edit.added());
    at = edit.old_end;
  }
  require(rebuilt + old_content.substr(at) == new_content);
  const std::vector<std::string_view> old_lines = split_lines(old_content);
  const std::vector<std::string_view> new_lines = split_lines(new_content);
  (void)pair_lines(old_lines, new_lines);
  const Block source{old_lines, 0, (data[0] & 16) != 0}, target{new_lines};
  for (const Move& move : find_moves({&source, 1}, {&target, 1})) {
    require(move.source_line + move.lines <= old_lines.size());
    require(move.target_line + move.lines <= new_lines.size());
  }
  (void)similarity(old_content, new_content);
  // A diff that somebody else wrote.
  (void)apply_unified(old_content, new_content);
  return 0;
}
