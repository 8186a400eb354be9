#pragma once

// Which version of a path brought each of its lines. Computed once a version and kept in the index;
// asking again costs reading what is kept. The rules are in docs/attribution.md.

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attribution/carry.h"
#include "attribution/doubts.h"
#include "attribution/marks.h"
#include "index/index.h"
#include "index/lines.h"
#include "shell/words.h"

namespace baton::attribution {

using Content = std::shared_ptr<const std::string>;

// A version that took a line from its place.
struct Removal {
  uint32_t version = 0;
  bool moved = false;  // to another place of the file
};

// The versions of one path in one worktree, with what is known of their lines so far.
struct Timeline {
  index::TimelineKey key;
  std::string path;
  std::vector<index::LineVersion> versions;
  std::vector<uint64_t> prints;  // of all versions up to each
  std::vector<Delta> deltas;     // of the first versions
  Marks marks;
  size_t kept = 0;                                         // deltas that the index has
  std::vector<std::pair<uint32_t, uint32_t>> mark_ranges;  // by delta: marks that are new in it
  std::map<size_t, Frame> frames;                          // of some versions
  std::unordered_map<uint32_t, std::vector<Removal>> removals;  // by hash: ascending
  size_t removals_read = 0;
  // How often each line (its hash) stands in one of the contents.
  std::unordered_map<uint32_t, int32_t> standing;
  ObjectId standing_of;
  bool busy = false;
};

// The lines of a content.
struct Lines {
  Marks marks;
  Frame frame;
  // The version that has exactly this content; -1: none has.
  int32_t version = -1;
};

// What became of a file: "" if it is gone.
struct FileLeft {
  std::string path, content;
};

// Lines [begin, end) of a version.
struct LinePlace {
  std::string worktree, path;
  ObjectId content;
  int64_t q = 0;
  uint32_t begin = 0, end = 0;
  bool written = false;  // there
};

class History {
 public:
  explicit History(index::Index& index) : index_(index), turns_(index), known_(index) {}

  // Whose lines are these? `content` is that of the path in the worktree, or of a revision: then
  // lines may come from any worktree's versions, and from paths that git knows it by
  // (`other_names`). Lines that no version explains have no writer.
  Result<Lines> lines_of_content(std::string_view worktree, const std::string& path,
                                 std::string_view content, const ObjectId& id,
                                 const std::vector<std::string>& other_names);

  // Gives those of the content's lines (`wanted`) marks in `lines` that stood in a version of one
  // of `files` seen before `until`, and stand no more in what was left of it.
  Status lines_left(std::string_view worktree, const std::string& path, std::string_view content,
                    const std::vector<uint32_t>& wanted, const std::vector<FileLeft>& files,
                    Micros until, Lines& lines);

  // Where most of the lines [begin, end) stood before the version of that number (or the interim
  // one before it) brought them there from elsewhere, in this file or another; of what git brought,
  // where they were written, in any worktree. Nothing if it did not.
  Result<std::optional<LinePlace>> came_from(std::string_view worktree, const std::string& path,
                                             int64_t q, bool interim, uint32_t begin, uint32_t end);

  // The newest version, in any worktree, that wrote one of the lines [begin, end) of a revision's
  // content: all of it. Nothing if git alone knows them.
  Result<std::optional<LinePlace>> last_written(std::string_view worktree, const std::string& path,
                                                std::string_view content, const ObjectId& id,
                                                uint32_t begin, uint32_t end);

  // The timeline of the path with all its deltas. Null if the worktree is not known.
  Result<Timeline*> whole_timeline(std::string_view worktree, const std::string& path);
  Frame frame(Timeline& timeline, size_t version);
  // ErrorKind::not_found if it cannot be had.
  Result<Content> content(const ObjectId& id);

  // Puts what was computed into the index, with what git said.
  void keep(const std::vector<index::KeepGit>& git);

 private:
  // A version, or a content that is to be explained as if it were one.
  struct Subject {
    const index::LineVersion* version = nullptr;
    Origin origin;  // none: lines that nothing explains have no writer
    Content content;
    std::vector<std::string_view> lines;
    // By line: mark of the timeline; kOpen: not explained yet.
    Frame marks;
    std::vector<int32_t> was;  // by line, if there are any: mark of the line that it was made of
    std::vector<uint8_t> from_act;  // by line, if there are any: whether the act took it elsewhere
    bool from_git = false;          // its content may come from anywhere that was recorded
    bool exact = false;             // a tool's own result
    bool crossing = false;
    bool open = false;
  };

  Result<Timeline*> timeline(const index::TimelineKey& key, const std::string& path);
  Status load_kept(Timeline& timeline);
  Status ensure(Timeline& timeline, size_t version);
  Result<Delta> derive(Timeline& timeline, size_t at);
  std::vector<Stretch> stretches_of(const Timeline& timeline, const index::LineVersion& version,
                                    const std::string& before, const std::string& after,
                                    std::vector<Doubt>& doubts);
  static void take_doubts(Timeline& timeline, const std::vector<Stretch>& stretches,
                          const std::vector<Doubt>& doubts, const Origin& origin,
                          const Frame& old_frame, Delta& delta);

  // The newest version before `at` whose content is known; -1: the path was not there. `lost` is
  // set if one in between could not be read.
  int32_t previous(const Timeline& timeline, size_t at, bool& lost) const;
  int32_t known(const Timeline& timeline, const index::LineVersion& version, size_t limit) const;
  Result<bool> known_elsewhere(Timeline& timeline, Subject& subject);

  Status explain(Timeline& timeline, Subject& subject, size_t at);
  Status put_back(Timeline& timeline, Subject& subject, Timeline& from, size_t limit);
  Status align_with(Timeline& timeline, Subject& subject, Timeline& from, size_t version,
                    bool alone = false);
  Status in_another_order(Timeline& timeline, Subject& subject, size_t version);
  Status from_aside(Timeline& timeline, Subject& subject, size_t interim);
  Status from_worktrees(Timeline& timeline, Subject& subject);
  using Standing = std::unordered_map<uint32_t, uint32_t>;
  static void read_removals(Timeline& timeline);
  const Standing& standing(const ObjectId& id, const std::string& text);
  const Standing& removed_by(const ObjectId& before, const ObjectId& after);
  bool may_be_here(Timeline& timeline, const Subject& subject, int32_t before);
  Result<std::vector<int64_t>> other_names(const Timeline& timeline, const Subject& subject);
  Status from_kin(Timeline& timeline, Subject& subject);
  static bool has_open(const Subject& subject);
  // A file that lines may come from: its version, and what of it is offered.
  struct BlockSource {
    Timeline* from;
    size_t version;
    Content content;
    std::vector<std::string_view> lines;
    uint32_t begin;  // number of lines[0]
    bool stands;     // there still: what is found in it is a copy
  };
  struct BlockSources {
    std::vector<BlockSource> blocks;
    std::set<std::pair<Timeline*, size_t>> whole;
    std::set<Timeline*> at_once;  // lost lines by the very act
    bool doubtful = false;        // a line that is taken alone may have been written again
    bool as_it_was = false;       // nobody moved what is found
  };
  bool holds_some(const ObjectId& id, const std::vector<uint32_t>& open_hashes);
  void offer_whole(Timeline& from, size_t version, BlockSources& sources);
  void offer_gone(Timeline& from, size_t version, std::string_view after, BlockSources& sources);
  enum class Offer : uint8_t { taken, left, both };
  Status offer_removed(Timeline& timeline, size_t at, const index::OtherVersion& other, Offer offer,
                       const std::vector<uint32_t>& open_hashes, BlockSources& sources);
  Status offer_earlier(Timeline& from, size_t limit, std::string_view now,
                       const std::vector<uint32_t>& open_hashes, BlockSources& sources);
  Result<std::vector<int64_t>> giving_paths(const Timeline& timeline,
                                            const index::LineVersion& version);
  Status offer_committed(Timeline& timeline, const index::LineVersion& version,
                         const std::vector<uint32_t>& open_hashes, BlockSources& sources);
  // Open lines that a block may have come to, beginning with the one of that number among them.
  struct Target {
    uint32_t begin;  // of the subject's lines
    uint32_t first;
    std::vector<std::string_view> lines;
    uint32_t number(uint32_t line) const {
      return begin + (first + line) % static_cast<uint32_t>(lines.size());
    }
  };
  static std::vector<Target> targets_of(const Subject& subject);
  void take_blocks(Timeline& timeline, Subject& subject, const BlockSources& sources);
  void take_blocks(Timeline& timeline, Subject& subject, const BlockSources& sources,
                   std::set<Timeline*>& near, bool again);
  // What else the act behind a version changed, and what of it lines may come from.
  struct Act {
    std::vector<index::OtherVersion> others;
    bool crowded = false;
    BlockSources sources;
  };
  static std::vector<uint32_t> open_hashes_of(const Subject& subject);
  Status from_act(Timeline& timeline, Subject& subject, size_t at, Act& act);
  Status from_turn(Timeline& timeline, Subject& subject, size_t at, Act& act);
  struct CommandBehind {
    std::array<int64_t, 4> key;  // its step, and the event that saw the version
    shell::ShellLine line;
    std::string directory, root;  // where it ran, the worktree's root
  };
  Result<const CommandBehind*> command_behind(const index::LineVersion& version);
  // A file that the command behind a version names as its source.
  struct NamedSource {
    Timeline* from;
    size_t version;
    Arrival arrival;
  };
  Result<std::vector<NamedSource>> sources_named(const Timeline& timeline, const Subject& subject);
  Result<std::optional<NamedSource>> whole_named(const Timeline& timeline, const Subject& subject);
  bool take_named(Timeline& timeline, Subject& subject, const NamedSource& source,
                  std::span<const std::string_view> there);
  Status from_named(Timeline& timeline, Subject& subject);
  struct FileSource {
    Timeline* from = nullptr;  // null: none
    size_t limit = 0;          // of its versions: the last one with content before this
    Arrival arrival = Arrival::renamed;
  };
  Result<FileSource> source_of(Timeline& timeline, Subject& subject,
                               std::vector<index::OtherVersion>& gone);
  Result<bool> from_source(Timeline& timeline, Subject& subject, const FileSource& source);
  Result<bool> from_renamed(Timeline& timeline, Subject& subject);

  index::Index& index_;
  index::TurnVersions turns_;
  index::SessionPaths known_;
  std::map<index::TimelineKey, std::unique_ptr<Timeline>> timelines_;
  std::list<std::pair<ObjectId, Content>> contents_;  // newest first
  std::map<ObjectId, Standing> standing_;
  std::map<std::pair<ObjectId, ObjectId>, Standing> removed_;
  std::map<std::string, std::vector<index::GitSource::CommitChange>> committed_;  // by commit
  uint64_t content_bytes_ = 0;
  std::optional<CommandBehind> command_;  // asked for last
  int64_t data_version_ = -1;
  int depth_ = 0;
};

}  // namespace baton::attribution
