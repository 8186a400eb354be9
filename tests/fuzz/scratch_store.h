#pragma once

// A store for a fuzz target: in memory where the system offers that, made anew for each input.

#include <stdlib.h>

#include <string>
#include <string_view>

#include "os/file.h"
#include "store/store.h"

namespace baton::fuzzing {

inline void require(bool holds) {
  if (!holds) abort();
}

inline void write(const std::string& path, std::string_view bytes) {
  require(os::replace_file(path, bytes).has_value());
}

inline std::string read(const std::string& path) {
  auto bytes = os::read_file(path, 1 << 30);
  require(bytes.has_value());
  return std::move(*bytes);
}

class ScratchStore {
 public:
  ScratchStore() {
    auto memory = os::stat_file("/dev/shm");
    folder_ = memory && memory->type == os::FileType::directory ? "/dev/shm" : "/tmp";
    folder_ += "/baton-fuzz-XXXXXX";
    require(mkdtemp(folder_.data()) != nullptr);
    auto made = store::create_store(folder_ + "/store", HashKind::sha1);
    require(made.has_value());
    store_ = std::move(*made);
  }
  ~ScratchStore() { (void)os::remove_tree(folder_); }
  ScratchStore(const ScratchStore&) = delete;
  ScratchStore& operator=(const ScratchStore&) = delete;

  const store::Store& store() const { return store_; }
  // Makes the directory of a session.
  std::string session(std::string_view agent, std::string_view id = "fuzz") const {
    std::string directory =
        os::join(os::join(store_.sessions_dir(), agent), store::session_directory_name(id));
    require(os::make_dirs(directory).has_value());
    return directory;
  }

 private:
  std::string folder_;
  store::Store store_;
};

}  // namespace baton::fuzzing
