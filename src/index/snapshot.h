#pragma once

// One view of the index while an answer of many queries is put together: what another process adds
// meanwhile stays out of it, and a query needs no lock of its own. Not to be held where the index
// is brought up to date or anything is written to it.

#include "index/index.h"

namespace baton::index {

class Snapshot {
 public:
  explicit Snapshot(Index& index);  // inside of another one: part of that
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Index& index_;
  bool began_ = false;
};

}  // namespace baton::index
