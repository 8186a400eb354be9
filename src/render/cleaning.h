#pragma once

// What a cleaning takes away and takes over, for `baton gc`.

#include <string>

#include "record/borrowed.h"
#include "render/style.h"
#include "store/compact.h"

namespace baton::render {

struct CleaningView {
  bool dry_run = false;  // what would be
  uint64_t budget = 0;   // 0: none
  record::TakenOver borrowed;
  store::Compacted objects;
};

std::string cleaning_text(const Style& style, const CleaningView& done);
std::string cleaning_json(const Style& style, const CleaningView& done);

}  // namespace baton::render
