// Any three contents: the laws of a merge.

#include <stdlib.h>

#include <string>
#include <string_view>

#include "diff/merge.h"

using namespace baton::diff;

namespace {

void require(bool holds) {
  if (!holds) abort();
}

}  // namespace

// The first two bytes are where the contents part, in 256ths.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const size_t first = rest.size() * data[0] / 256;
  const size_t second = first + (rest.size() - first) * data[1] / 256;
  const std::string base(rest.substr(0, first));
  const std::string ours(rest.substr(first, second - first));
  const std::string theirs(rest.substr(second));

  require(merge(base, ours, base).text == ours);
  require(merge(base, base, theirs).text == theirs);
  MergeOptions options;
  for (bool show_base : {false, true}) {
    options.show_base = show_base;
    Merge made = merge(base, ours, theirs, options);
    const uint32_t lines = static_cast<uint32_t>(count_lines(made.text));
    uint32_t at = 0;
    for (const Conflict& conflict : made.conflicts) {
      require(at <= conflict.merged.begin && conflict.merged.begin < conflict.merged.end);
      require(conflict.base.begin <= conflict.base.end);
      require(conflict.ours.begin <= conflict.ours.end);
      require(conflict.theirs.begin <= conflict.theirs.end);
      at = conflict.merged.end;
    }
    require(at <= lines);
    if (made.clean() && !show_base) require(merge(base, theirs, ours).text == made.text);
  }
  return 0;
}
