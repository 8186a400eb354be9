#include "attribution/commit_taker.h"

namespace baton::attribution {
namespace {

Authorship with_commit(Authorship made, const git::BlameCommit& commit) {
  using model::OwnerKind;
  std::string id = commit.id.hex();
  bool committed = id.find_first_not_of('0') != std::string::npos;
  made.commit = committed ? id : "";
  made.author = committed ? commit.author.name : "";
  made.author_time = committed ? commit.author.time : 0;
  made.author_zone = committed ? commit.author.offset_minutes : 0;
  made.summary = committed ? commit.summary : "";
  if (!committed) return made;
  if (made.owner.kind == OwnerKind::unknown && made.owner.rule == "not committed") {
    made.owner = {};
    made.owner.kind = OwnerKind::git;
  }
  if (made.owner.kind == OwnerKind::git || made.owner.kind == OwnerKind::before) {
    made.owner.commit = id;
  }
  return made;
}

}  // namespace

void CommitTaker::take(BlamedLine& line, const git::BlameLine& from) {
  auto [made, added] = made_.try_emplace({line.authorship, from.commit});
  if (added) {
    made->second = static_cast<uint32_t>(blame_.authorships.size());
    blame_.authorships.push_back(with_commit(blame_.of(line), known_.commits[from.commit]));
  }
  line.authorship = made->second;
  line.original_line = blame_.of(line).commit.empty() ? 0 : from.original_line;
}

}  // namespace baton::attribution
