#pragma once

// What an agent is told at its next prompt after files were put back below its feet: a text in its
// session's folder, taken by the hook that prints it.

#include <string>
#include <string_view>

#include "store/store.h"

namespace baton::rollback {

constexpr size_t kMaxNotice = 6'000;  // bytes

// Adds a paragraph to what the session is to be told.
Status leave_notice(const store::Store& store, std::string_view agent, std::string_view session,
                    std::string_view paragraph);
// "" if there is nothing.
std::string read_notice(const std::string& store_path, std::string_view agent,
                        std::string_view session);
// It was told.
void drop_notice(const std::string& store_path, std::string_view agent, std::string_view session);

}  // namespace baton::rollback
