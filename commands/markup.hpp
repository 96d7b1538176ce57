// What Slack writes into a line for an address, a member or a channel, taken out of texts that people read elsewhere.
#pragma once

#include <string>
#include <string_view>

namespace tocsin {

class Vocabulary;

/// `<https://x.test/a|x.test/a>` as a word of its own: https://x.test/a. Any other word: as it is.
[[nodiscard]] std::string_view address_of(std::string_view word);

/// Of `<https://x.test|x.test>` the address, of `<@U0BOB|bob>` the person as `@bob`, of `<#C012|ops>` `#ops`, of
/// `<!subteam^S01|@dba>` `@dba`, of `<!here>` `@here`. Everything else stays, other angle brackets too.
/// `vocabulary` knows people by their ids there; null: nobody.
[[nodiscard]] std::string without_markup(std::string_view text, Vocabulary const* vocabulary);

}  // namespace tocsin
