#include "git/checked_out.h"

#include "git/command_line.h"

namespace baton::git {

Result<std::string> checked_out_content(const Repository& repository, const ObjectId& blob,
                                        const std::string& path) {
  auto words = command(repository, "cat-file", "--filters", "--path=" + path, blob.hex());
  return TRY(run(words, "cat-file")).output;
}

}  // namespace baton::git
