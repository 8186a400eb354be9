#include "index/given.h"
#include "index/query_rows.h"

namespace baton::index {

Result<std::vector<Given>> given_to(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<std::vector<Given>> {
    std::vector<Given> found;
    Statement* rows = TRY(db(index).cached(
        "SELECT g.kind, g.name, g.why, g.text, g.time, w.root FROM sessions z JOIN given g"
        " ON g.agent = z.agent AND g.session = z.id LEFT JOIN worktrees w ON w.key = z.worktree"
        " WHERE z.key = ? ORDER BY g.time, g.kind, g.name"));
    rows->bind(session_key);
    while (TRY(rows->step())) {
      Given given{rows->str(0), rows->str(1), rows->str(2), rows->str(3), rows->integer(4)};
      std::string root = rows->str(5) + "/";
      if (root.size() > 1 && given.name.starts_with(root)) given.name.erase(0, root.size());
      found.push_back(std::move(given));
    }
    rows->reset();
    return found;
  });
}

}  // namespace baton::index
