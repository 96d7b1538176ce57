// The template of the interactive card, as DingTalk's card builder imports it: made from what `card_params` fills in,
// so that both say the same. Pure.
#pragma once

#include <string>

namespace tocsin::dingtalk {

/// JSON of one line: a title, a text in Markdown, and `kCardButtons` buttons, each shown only if it is there. Button N
/// is the action `runN` and hands over its `command`, which is what the bot understands of a press. The form is that of
/// exports of the card builder (`editorData` is JSON in a string), of which nothing is documented.
[[nodiscard]] std::string card_template();

}  // namespace tocsin::dingtalk
