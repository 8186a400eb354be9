#pragma once

// The GitSource of a real repository.

#include <map>
#include <string>
#include <vector>

#include "git/object_reader.h"
#include "git/repository.h"
#include "git/trees.h"
#include "index/git_source.h"

namespace baton::index {

class GitObjects final : public GitSource {
 public:
  explicit GitObjects(const git::Repository& repository)
      : repository_(repository), reader_(repository), trees_(reader_) {}
  GitObjects(const GitObjects&) = delete;
  GitObjects& operator=(const GitObjects&) = delete;

  Result<std::vector<std::optional<GitEntry>>> entries(
      std::string_view revision, const std::vector<std::string>& paths) override;
  bool answers() override { return reader_.answers(); }
  Result<std::vector<GitEntry>> tree(std::string_view revision) override;
  Result<std::string> blob(const ObjectId& id) override;
  Result<std::string> resolve(std::string_view revision) override;
  Result<std::vector<std::string>> commits(std::string_view range) override;
  Result<Commit> commit(std::string_view revision) override;

 private:
  git::Repository repository_;
  git::ObjectReader reader_;
  git::Trees trees_;
  std::map<ObjectId, std::string> blobs_;
  size_t blob_bytes_ = 0;
};

}  // namespace baton::index
