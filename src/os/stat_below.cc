#include "os/stat_below.h"

namespace baton::os {

Result<FileStat> stat_below(const std::string& root, const std::string& path) {
  for (size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    FileStat folder = TRY(stat_file(join(root, path.substr(0, slash))));
    if (folder.type != FileType::directory) return FileStat{};
  }
  return stat_file(join(root, path));
}

}  // namespace baton::os
