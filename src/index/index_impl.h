#pragma once

// What is behind index.h; for the .cc files of this folder only.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "index/contents.h"
#include "index/events.h"
#include "index/index.h"
#include "index/kept_entries.h"
#include "index/schema.h"
#include "index/tables.h"

namespace baton::index {

struct Index::Impl {
  store::Store store;
  IndexOptions options;
  OpenedIndex opened;
  std::optional<Contents> contents;
  EventContext context;
  UpdateStats stats;
  KeptEntries kept_entries;
  // Paths that the tables do not know, by number: see TimelineKey.
  std::vector<std::string> unnamed_paths;

  Database& database() { return opened.database; }
};

// The database behind an index.
inline Database& db(Index& index) {
  return index.impl().database();
}

}  // namespace baton::index
