#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "store/store.h"

namespace baton::cli {

Result<int> run_version(Front& front) {
  if (front.json()) {
    json::Writer json;
    json.begin_object().member("baton", 1).member("kind", "version");
    json.member("version", BATON_VERSION).member("format", store::kFormatVersion).end_object();
    front.out().write(json.text() + "\n");
  } else {
    front.out().write("baton " BATON_VERSION "\n");
  }
  return kFine;
}

}  // namespace baton::cli
