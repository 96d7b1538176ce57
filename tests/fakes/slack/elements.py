"""Interactive elements: where they stand in blocks, what they hold, and what choosing something makes of them."""
import re

TEXT_INPUTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
SINGLE = {"static_select", "external_select", "radio_buttons", "overflow"}
MULTIPLE = {"multi_static_select", "multi_external_select", "checkboxes"}
PICKED = {  # the field that holds what was picked
    "users_select": "selected_user", "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation", "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel", "multi_channels_select": "selected_channels",
    "datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time"}
INITIAL = {  # the field that fills it beforehand
    "users_select": "initial_user", "multi_users_select": "initial_users",
    "conversations_select": "initial_conversation", "multi_conversations_select": "initial_conversations",
    "channels_select": "initial_channel", "multi_channels_select": "initial_channels",
    "datepicker": "initial_date", "timepicker": "initial_time", "datetimepicker": "initial_date_time"}
SHAPES = {"datepicker": r"\d{4}-\d{2}-\d{2}", "timepicker": r"\d{2}:\d{2}"}
STATEFUL = TEXT_INPUTS | MULTIPLE | set(PICKED) | SINGLE - {"overflow"}
INTERACTIVE = STATEFUL | {"button", "overflow"}


def interactive(blocks):
    """(block, element) of everything that can be used, wherever it stands."""
    for block in blocks or []:
        candidates = block.get("elements", []) if block.get("type") == "actions" else []
        candidates = [*candidates, block.get("accessory"), block.get("element")]
        for element in candidates:
            if isinstance(element, dict) and element.get("type") in INTERACTIVE:
                yield block, element


def find(blocks, action_id, block_id=None, value=None):
    """(block, element), or None. With a value, of several equal buttons the one that carries it."""
    found = [(block, element) for block, element in interactive(blocks)
             if element.get("action_id") == action_id and block_id in (None, block.get("block_id"))]
    if value is not None:
        found = [(block, element) for block, element in found
                 if element["type"] != "button" or element.get("value") == value]
    return found[0] if found else None


def options(element):
    grouped = [option for group in element.get("option_groups", []) for option in group.get("options", [])]
    return element.get("options", []) + grouped


def initial(element):
    """What it holds before anybody touched it, in the form of `state.values`."""
    kind = element["type"]
    if kind in TEXT_INPUTS:
        return {"type": kind, "value": element.get("initial_value")}
    if kind in SINGLE:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in MULTIPLE:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    empty = [] if kind.startswith("multi_") else None
    return {"type": kind, PICKED[kind]: element.get(INITIAL[kind], empty)}


def state(blocks, typed=None):
    """`state.values`. `typed`: what people put in, by block and action; it stays only where both are still there."""
    values = {}
    for block, element in interactive(blocks):
        if element["type"] in STATEFUL:
            block_id, action_id = block["block_id"], element["action_id"]
            kept = (typed or {}).get(block_id, {}).get(action_id)
            fits = kept is not None and kept["type"] == element["type"]
            values.setdefault(block_id, {})[action_id] = kept if fits else initial(element)
    return values


def chosen(element, value, users=(), offered=None):
    """What `value` means for this element, in the form of `state.values`; ValueError if nobody could choose it.

    `offered`: the options an external select was last given by the app."""
    kind = element["type"]
    if kind == "button":
        return {"value": element["value"]} if "value" in element else {}
    if kind in TEXT_INPUTS:
        return {"type": kind, "value": _text(element, value)}
    if kind in SINGLE or kind in MULTIPLE:
        by_value = {option["value"]: option for option in (offered if offered is not None else options(element))}
        many = kind in MULTIPLE
        wanted = value if many else [value]
        missing = [each for each in wanted if each is not None and each not in by_value]
        if missing:
            raise ValueError(f"{element['action_id']} has no option {missing[0]!r}")
        picked = [by_value[each] for each in wanted if each is not None]
        return {"type": kind, "selected_options": picked} if many else {
            "type": kind, "selected_option": picked[0] if picked else None}
    if "users" in kind and not set(value if isinstance(value, list) else [value]) - {None} <= set(users):
        raise ValueError(f"no such user: {value!r}")
    if kind in SHAPES and value is not None and not re.fullmatch(SHAPES[kind], value):
        raise ValueError(f"a {kind} holds no {value!r}")
    return {"type": kind, PICKED[kind]: value}


def _text(element, value):
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise ValueError(f"{element['action_id']} takes text")
    if len(value) < element.get("min_length", 0) or len(value) > element.get("max_length", 3000):
        raise ValueError(f"{element['action_id']} takes {element.get('min_length', 0)} to "
                         f"{element.get('max_length', 3000)} characters")
    return value


def is_empty(held):
    """Did nobody put anything in?"""
    return not next((value for name, value in held.items() if name != "type"), None)
