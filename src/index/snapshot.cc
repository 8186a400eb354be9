#include "index/snapshot.h"

#include "index/index_impl.h"

namespace baton::index {

Snapshot::Snapshot(Index& index) : index_(index), began_(db(index).execute("BEGIN").has_value()) {}

Snapshot::~Snapshot() {
  // An index that was found broken meanwhile was made anew, and this view of it is gone.
  if (began_) (void)db(index_).execute("COMMIT");
}

}  // namespace baton::index
