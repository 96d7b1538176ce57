// What the verbs about incidents share: which incident is meant, how a decision becomes an answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/call.hpp"
#include "incidents/desk.hpp"

namespace tocsin::verbs {

/// The rule of the bare command: the incident named; else the one of the thread or room it stands in; else, in a direct
/// message, the one whose page this person still has open; else the only one in the room, as Command::bare says.
/// Otherwise a numbered question whose choices are this command with the number in it. Never a guess. `except` is
/// spoken of already and not meant.
[[nodiscard]] boost::system::result<IncidentId, Message> which_incident(Call& call,
                                                                        std::string_view parameter = "incident",
                                                                        IncidentId except = {});

/// Finds the incident, decides, and answers.
[[nodiscard]] Message decide(Call& call, Decide const& rule, std::string_view parameter = "incident");

[[nodiscard]] Message answer_of(Done const& done);

/// The command again with the incident named, as it would be typed.
[[nodiscard]] std::string retyped(Call const& call, IncidentId id);

/// A point in time as typed, on the caller's own calendar. Refused when it does not exist there.
[[nodiscard]] Decided<Instant> instant_of(Moment const& moment, Call const& call);

// Shorthand for rows.
/// An instant `change` for responders, the common case; the caller alters what is otherwise.
[[nodiscard]] Command verb(std::string name, std::vector<std::string> words, Handler run,
                           std::vector<Parameter> parameters, std::vector<Example> examples);
/// An instant `read` for everybody.
[[nodiscard]] Command look(std::string name, std::vector<std::string> words, Handler run,
                           std::vector<Parameter> parameters, std::vector<Example> examples);
[[nodiscard]] Parameter incident_parameter();
[[nodiscard]] Parameter text_parameter(std::string name, bool required, std::string zh, std::string en);
[[nodiscard]] Parameter person_parameter(std::string name, bool required);
[[nodiscard]] Example zh(std::string text, std::string means);
[[nodiscard]] Example en(std::string text, std::string means);

}  // namespace tocsin::verbs

/// A message that could not be an answer is itself the answer.
namespace tocsin {
[[noreturn]] void throw_exception_from_error(Message const& answer, boost::source_location const& where);
}
