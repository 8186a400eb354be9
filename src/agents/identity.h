#pragma once

// Agents by what they write into commits: author, committer, trailers. A person can write the same,
// so it is no evidence of who wrote a line; it is what a commit says.

#include <string_view>

namespace baton::agents {

// The id of the agent that a commit names as author or co-author, "" if none. `message` is the
// whole message. Sources: the agents' own documentation of their trailers and accounts.
std::string_view agent_of_commit(std::string_view author_name, std::string_view author_email,
                                 std::string_view message);

}  // namespace baton::agents
