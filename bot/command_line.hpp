// `tocsin SUBCOMMAND …`. Exit codes: 0 fine, 1 refused or failed, 2 usage.
#pragma once

namespace tocsin {

[[nodiscard]] int command_line(int count, char** words);

}  // namespace tocsin
