"""Block Kit's rules: what Slack refuses, each problem with the place it is at."""
import copy
import uuid

import elements as forms
from texts import length

ACCESSORIES = forms.INTERACTIVE - forms.TEXT_INPUTS | {"image"}
IN_ACTIONS = forms.INTERACTIVE - forms.TEXT_INPUTS
IN_INPUT = forms.INTERACTIVE - {"button", "overflow"}
SURFACES = {"message": 50, "modal": 100, "home": 100}
MESSAGE_ONLY = {"markdown", "table"}
MOST_VIEW_BYTES = 250_000


class Check:
    """Collects problems, as Slack words them in `response_metadata.messages`."""

    def __init__(self):
        self.problems = []

    def add(self, where, what):
        self.problems.append(f"[ERROR] {what} [json-pointer:{where}]")

    # Parts

    def string(self, node, name, where, most, required=False, least=1):
        value = node.get(name)
        if value is None:
            if required:
                self.add(where, "missing required field: " + name)
        elif not isinstance(value, str):
            self.add(f"{where}/{name}", "must be a string")
        elif length(value) > most:
            self.add(f"{where}/{name}", f"must be less than {most + 1} characters")
        elif len(value) < least:
            self.add(f"{where}/{name}", f"must be more than {least - 1} characters")

    def items(self, node, name, where, most, of=dict):
        """(where, item) of the list there, of those that are of the right kind."""
        value, here = node.get(name), f"{where}/{name}"
        if not isinstance(value, list):
            self.add(where, "missing required field: " + name)
            return
        if len(value) > most:
            self.add(here, f"no more than {most} items allowed")
        if not value:
            self.add(here, "no fewer than 1 items allowed")
        for number, item in enumerate(value):
            if isinstance(item, of):
                yield f"{here}/{number}", item
            else:
                self.add(f"{here}/{number}", "unsupported type")

    def text(self, node, name, where, most=3000, required=False, plain=True):
        if node.get(name) is not None:
            self.text_object(node[name], f"{where}/{name}", most, plain)
        elif required:
            self.add(where, "missing required field: " + name)

    def text_object(self, value, here, most=3000, plain=True):
        kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
        if not isinstance(value, dict) or value.get("type") not in kinds:
            self.add(here + "/type", "must be a plain_text object" if plain else "unsupported type")
        else:
            self.string(value, "text", here, most, required=True)

    # Blocks

    def blocks(self, blocks, surface, where="/blocks"):
        if not isinstance(blocks, list) or not all(isinstance(each, dict) for each in blocks):
            self.add(where, "must be a list of blocks")
            return
        if len(blocks) > SURFACES[surface]:
            self.add(where, f"no more than {SURFACES[surface]} items allowed")
        seen, markdown = set(), 0
        for number, block in enumerate(blocks):
            here = f"{where}/{number}"
            self.block(block, surface, here)
            if isinstance(block.get("block_id"), str) and block["block_id"]:
                if block["block_id"] in seen:
                    self.add(here + "/block_id", "block_id already exists")
                seen.add(block["block_id"])
            if block.get("type") == "markdown" and isinstance(block.get("text"), str):
                markdown += length(block["text"])
        if markdown > 12_000:
            self.add(where, "markdown text must be less than 12001 characters")

    def block(self, block, surface, where):
        kind = str(block.get("type"))
        check = getattr(self, "_" + kind, None) if kind in BLOCKS else None
        if check is None or (kind in MESSAGE_ONLY and surface != "message"):
            self.add(where + "/type", f"unsupported type: {kind}")
            return
        self.string(block, "block_id", where, 255)
        check(block, where)

    def _divider(self, block, where):
        pass

    def _rich_text(self, block, where):
        list(self.items(block, "elements", where, 1000))

    def _section(self, block, where):
        if "text" not in block and "fields" not in block:
            self.add(where, "missing required field: text or fields")
        self.text(block, "text", where, plain=False)
        if "fields" in block:
            for here, field in self.items(block, "fields", where, 10):
                self.text_object(field, here, 2000, plain=False)
        if "accessory" in block:
            self.element(block["accessory"], ACCESSORIES, where + "/accessory")

    def _header(self, block, where):
        self.text(block, "text", where, 150, required=True)

    def _context(self, block, where):
        for here, element in self.items(block, "elements", where, 10):
            if element.get("type") == "image":
                self._image(element, here, titled=False)
            else:
                self.text_object(element, here, plain=False)

    def _actions(self, block, where):
        seen = set()
        for here, element in self.items(block, "elements", where, 25):
            self.element(element, IN_ACTIONS, here)
            action = str(element.get("action_id", here))
            if action in seen:
                self.add(here + "/action_id", "action_id already exists")
            seen.add(action)

    def _image(self, block, where, titled=True):
        if "slack_file" not in block:
            self.string(block, "image_url", where, 3000, required=True)
        self.string(block, "alt_text", where, 2000, required=True)
        if titled:
            self.text(block, "title", where, 2000)

    def _markdown(self, block, where):
        self.string(block, "text", where, 12_000, required=True)

    def _table(self, block, where):
        for here, row in self.items(block, "rows", where, 100, of=list):
            if len(row) > 20:
                self.add(here, "no more than 20 items allowed")

    def _input(self, block, where):
        self.text(block, "label", where, 2000, required=True)
        self.text(block, "hint", where, 2000)
        if "element" not in block:
            self.add(where, "missing required field: element")
        else:
            self.element(block["element"], IN_INPUT, where + "/element")

    # Elements

    def element(self, element, allowed, where):
        if not isinstance(element, dict) or str(element.get("type")) not in allowed:
            self.add(where + "/type", "unsupported type")
            return
        kind = element["type"]
        if kind == "image":
            self._image(element, where, titled=False)
            return
        self.string(element, "action_id", where, 255)
        self.text(element, "placeholder", where, 150)
        self._confirm(element, where)
        if kind == "button":
            self._button(element, where)
        elif kind in forms.TEXT_INPUTS:
            for name in ("min_length", "max_length"):
                if element.get(name, 1) not in range(3001):
                    self.add(f"{where}/{name}", "must be a number less than 3001")
        elif kind in ("static_select", "multi_static_select", "overflow", "checkboxes", "radio_buttons"):
            self._choices(element, kind, where)

    def _button(self, element, where):
        self.text(element, "text", where, 75, required=True)
        self.string(element, "value", where, 2000)
        self.string(element, "url", where, 3000)
        self.string(element, "accessibility_label", where, 75)
        if element.get("style", "primary") not in ("primary", "danger"):
            self.add(where + "/style", "must be one of: primary, danger")

    def _choices(self, element, kind, where):
        grouped = "option_groups" in element and kind.endswith("static_select")
        if grouped == ("options" in element):
            self.add(where, "must have either options or option_groups")
            return
        if grouped:
            for here, group in self.items(element, "option_groups", where, 100):
                self.text(group, "label", here, 75, required=True)
                self._options(group, kind, here, 100)
        else:
            self._options(element, kind, where, {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}.get(kind, 100))
        known = forms.options(element) if not self.problems else None
        initial = [element.get("initial_option")] if kind in forms.SINGLE else element.get("initial_options", [])
        if not isinstance(initial, list):
            self.add(where + "/initial_options", "must be a list of options")
        elif known is not None and any(option is not None and option not in known for option in initial):
            self.add(where, "the initial option is none of the options")

    def _options(self, node, kind, where, most):
        plain = kind not in ("checkboxes", "radio_buttons")
        for here, option in self.items(node, "options", where, most):
            self.text(option, "text", here, 75, required=True, plain=plain)
            self.string(option, "value", here, 150, required=True)
            self.text(option, "description", here, 75, plain=plain)
            if "url" in option and kind != "overflow":
                self.add(here + "/url", "only options of an overflow menu have a url")
            self.string(option, "url", here, 3000)

    def _confirm(self, element, where):
        confirm, here = element.get("confirm"), where + "/confirm"
        if confirm is None:
            return
        if not isinstance(confirm, dict):
            self.add(here, "must be an object")
            return
        self.text(confirm, "title", here, 100, required=True)
        self.text(confirm, "text", here, 300, required=True, plain=False)
        self.text(confirm, "confirm", here, 30, required=True)
        self.text(confirm, "deny", here, 30, required=True)

    # Views

    def view(self, view, kinds):
        if not isinstance(view, dict):
            self.add("/view", "must be an object")
            return
        kind = view.get("type")
        if kind not in kinds:
            self.add("/view/type", f"unsupported type: {kind}")
            return
        if kind == "modal":
            self.text(view, "title", "/view", 24, required=True)
            self.text(view, "submit", "/view", 24)
            self.text(view, "close", "/view", 24)
        self.string(view, "private_metadata", "/view", 3000, least=0)
        self.string(view, "callback_id", "/view", 255, least=0)
        self.string(view, "external_id", "/view", 255, least=0)
        self.blocks(view.get("blocks"), kind, "/view/blocks")
        inputs = isinstance(view.get("blocks"), list) and any(
            isinstance(each, dict) and each.get("type") == "input" for each in view["blocks"])
        if kind == "modal" and inputs and "submit" not in view:
            self.add("/view", "missing required field: submit, which a view with input blocks needs")


BLOCKS = {"section", "header", "divider", "context", "actions", "image", "markdown", "table", "input", "rich_text"}


def problems_of_blocks(blocks, surface="message", where="/blocks"):
    check = Check()
    check.blocks(blocks, surface, where)
    return check.problems


def problems_of_view(view, kinds=("modal",)):
    check = Check()
    check.view(view, kinds)
    return check.problems


def text_in(blocks):
    """Characters of all texts together, for the limit on a whole message."""
    return sum(length(text) for text in _every_text(blocks))


def _every_text(node):
    if isinstance(node, list):
        for each in node:
            yield from _every_text(each)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "text" and isinstance(value, str):
                yield value
            elif isinstance(value, (dict, list)):
                yield from _every_text(value)


def completed(blocks):
    """As Slack keeps them: every block and every interactive element has an id."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", uuid.uuid4().hex[:5])
    for _, element in forms.interactive(blocks):
        element.setdefault("action_id", uuid.uuid4().hex[:5])
    return blocks
