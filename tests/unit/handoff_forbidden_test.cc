#include <gtest/gtest.h>

#include "handoff/forbidden_paths.h"

namespace baton::handoff {
namespace {

struct Case {
  std::string_view sentence;
  std::vector<std::string> asked, forbidden;
};

TEST(ForbiddenPaths, AreThoseThatASentenceSaysNotToTouch) {
  for (const auto& [sentence, asked, forbidden] : std::vector<Case>{
           {"mend lib.sh, and do not touch tests/", {"lib.sh"}, {"tests/"}},
           {"Leave README.md as it is", {}, {"README.md"}},
           {"Don't edit `src/a.c` or `src/b.c`.", {}, {"src/a.c", "src/b.c"}},
           {"Fix `src/a.c` without changing `src/a.h`", {"src/a.c"}, {"src/a.h"}},
           {"Never modify anything in vendor/", {}, {"vendor/"}},
           {"Rename it everywhere except in docs/", {}, {"docs/"}},
           {"`src/a.c` must not be changed", {}, {"src/a.c"}},
           {"src/a.c and src/b.c should not change", {}, {"src/a.c", "src/b.c"}},
           {"Leave the Makefile alone.", {}, {"Makefile"}},
           {"Keep src/api.h unchanged, and extend src/api.c", {"src/api.c"}, {"src/api.h"}},
           {"Do not touch the Makefile.", {}, {"Makefile"}},
           // A bound on what is done to a file.
           {"And never use more than 37 requests in src/session.ts.", {"src/session.ts"}, {}},
           {"Don't log secrets in src/log.c", {"src/log.c"}, {}},
           {"Keep the API of src/api.c", {"src/api.c"}, {}},
           {"Do not forget src/b.c", {"src/b.c"}, {}},
           // Something else is forbidden there.
           {"Do not change the limit in src/a.c", {}, {}},
           {"Never remove a test, but extend tests/a.sh", {"tests/a.sh"}, {}},
           {"Update src/a.c", {"src/a.c"}, {}},
       }) {
    NamedPaths found = paths_of_sentence(sentence);
    EXPECT_EQ(found.asked, asked) << sentence;
    EXPECT_EQ(found.forbidden, forbidden) << sentence;
  }
}

}  // namespace
}  // namespace baton::handoff
