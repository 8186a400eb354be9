#include "store/rewind_plan.h"

#include "base/json.h"
#include "store/journal.h"

namespace baton::store {
namespace {

constexpr std::string_view kPlanFile = "plan";
constexpr size_t kMaxPlan = 256u << 20;
constexpr int kPlanVersion = 1;

std::string plan_text(const RewindPlan& plan) {
  json::Writer json;
  json.begin_object().member("version", kPlanVersion).member("root", plan.root);
  json.member("session", plan.session).member("folder", plan.folder);
  json.key("payload").raw(plan.payload);
  json.key("moves").begin_array();
  for (const RewindMove& move : plan.moves) {
    json.begin_object().member("p", path_to_text(move.path));
    if (move.removes) json.member("removes", true);
    if (move.creates) json.member("creates", true);
    json.member("new", static_cast<int64_t>(move.staged_inode));
    if (!move.then.empty()) json.member("a", move.then.hex());
    json.key("was").begin_array();
    json.integer(static_cast<int64_t>(move.was.inode));
    json.integer(static_cast<int64_t>(move.was.size));
    json.integer(move.was.mtime_ns).integer(move.was.ctime_ns).end_array().end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace

std::string rewind_plan_path(const std::string& worktree_directory) {
  return os::join(os::join(worktree_directory, kRewindDirectory), kPlanFile);
}

Status write_rewind_plan(const std::string& worktree_directory, const RewindPlan& plan) {
  return os::replace_file(rewind_plan_path(worktree_directory), plan_text(plan), os::kPrivateFile,
                          true);
}

Result<RewindPlan> read_rewind_plan(const std::string& worktree_directory) {
  std::string path = rewind_plan_path(worktree_directory);
  std::string text = TRY(os::read_file(path, kMaxPlan));
  auto document = json::Document::parse(text);
  if (!document || document->root()["version"].integer() != kPlanVersion) {
    return fail(ErrorKind::damage, "'" + path + "' is no plan of a rewind");
  }
  json::Value root = document->root();
  RewindPlan plan;
  plan.root = root["root"].str();
  plan.session = root["session"].str();
  plan.folder = root["folder"].str();
  plan.payload = root["payload"].dump();
  json::Value moves = root["moves"];
  for (size_t i = 0; i < moves.size(); ++i) {
    json::Value from = moves.at(i);
    RewindMove move;
    move.path = path_from_text(from["p"].str());
    move.removes = from["removes"].boolean();
    move.creates = from["creates"].boolean();
    move.staged_inode = static_cast<uint64_t>(from["new"].integer());
    move.then = ObjectId::from_hex(from["a"].str()).value_or(ObjectId{});
    json::Value was = from["was"];
    move.was = {static_cast<uint64_t>(was.at(0).integer()),
                static_cast<uint64_t>(was.at(1).integer()), was.at(2).integer(),
                was.at(3).integer()};
    plan.moves.push_back(std::move(move));
  }
  return plan;
}

std::string rewind_staged_path(const std::string& folder, size_t number) {
  return os::join(folder, std::to_string(number));
}

std::string rewind_kept_path(const std::string& folder, size_t number) {
  return os::join(folder, std::to_string(number) + ".was");
}

}  // namespace baton::store
