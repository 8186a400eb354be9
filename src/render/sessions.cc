#include "render/sessions.h"

#include "render/json.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

Look look_of(model::SessionState state) {
  switch (state) {
    case model::SessionState::running:
      return Look::good;
    case model::SessionState::abnormal:
      return Look::warn;
    default:
      return Look::faint;
  }
}

}  // namespace

std::string session_subject(const Style& style, const model::Session& session) {
  for (const std::string* text : {&session.first_prompt, &session.title, &session.last_prompt}) {
    std::string line = first_line(clean(style, *text));
    if (!line.empty()) return line;
  }
  return session.parent.empty() ? "(no prompt heard)" : "(subagent)";
}

std::string sessions_text(const Style& style, const std::vector<model::Session>& sessions) {
  Table table;
  for (const model::Session& session : sessions) {
    std::string subject = session_subject(style, session);
    if (!session.parent.empty()) {
      std::string type = clean(style, session.subagent_type);
      subject = "└ of " + session.parent + (type.empty() ? "" : " (" + type + ")") + ": " + subject;
    }
    std::string steps = count(session.steps, "step");
    table.row({{session.address, Look::address},
               {session.agent, Look::agent},
               {when(style, session.last)},
               {std::string(to_string(session.state)), look_of(session.state)},
               {count(session.turns, "turn"), Look::plain, true},
               {steps, Look::plain, true},
               {subject}});
  }
  return table.text(style);
}

std::string sessions_json(const Style& style, const std::vector<model::Session>& sessions) {
  JsonAnswer answer("sessions");
  write_list(answer.writer(), "sessions", sessions);
  return answer.finish(style);
}

}  // namespace baton::render
