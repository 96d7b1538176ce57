// Where the cursor stands when a prompt and a typed line wrap at the edge of the screen.
#pragma once

#include <cstddef>
#include <string_view>

namespace tocsin {

/// How many rows below the first one the cursor stands after `prompt_columns` and then `text`, on a screen `width`
/// columns wide. As libedit draws: a wide character that does not fit goes to the next row whole, a full row puts the
/// cursor at the beginning of the next. `text` is in the encoding of the calling thread's locale.
[[nodiscard]] std::size_t rows_below_first(std::size_t prompt_columns, std::wstring_view text, std::size_t width);

}  // namespace tocsin
