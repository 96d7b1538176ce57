"""Text as Slack counts and escapes it."""
import re

TOKEN = re.compile(r"<([@#!])([^<>|]+)(?:\|([^<>]*))?>")
_TYPED = re.compile(r"(?P<url>https?://[^\s<>]+)|@(?P<at>[\w][\w.\-]*)|#(?P<hash>[\w][\w\-]*)")
_ALL = ("here", "channel", "everyone")


def length(text):
    """In UTF-16 units. Slack does not say which unit it counts; this one is never the smaller."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text, most):
    """At most that many UTF-16 units, not half a character."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")


def typed(text, workspace, should_escape=True, labels=True):
    """What arrives when a person types this. Without `should_escape` names stay what they are."""
    parts, end = [], 0
    for found in _TYPED.finditer(text):
        token, rest = _token(found, workspace, labels) if should_escape else (None, "")
        parts.append(escape(text[end:found.start()]))
        parts.append(escape(found.group()) if token is None else token + escape(rest))
        end = found.end()
    return "".join(parts) + escape(text[end:])


def _token(found, workspace, labels):
    if found["url"]:
        return "<" + escape(found["url"]) + ">", ""
    name = found["at"] or found["hash"]
    bare = name.rstrip(".-")
    for candidate in (name, bare):
        token = _person(candidate, workspace, labels) if found["at"] else _room(candidate, workspace, labels)
        if token:
            return token, name[len(candidate):]
    return None, ""


def _person(name, workspace, labels):
    if name in _ALL:
        return f"<!{name}>"
    for user in workspace.users.values():
        if name in (user["name"], user["id"]):
            return f"<@{user['id']}|{user['name']}>" if labels else f"<@{user['id']}>"
    for group in workspace.usergroups.values():
        if name == group["handle"]:
            return f"<!subteam^{group['id']}|@{name}>" if labels else f"<!subteam^{group['id']}>"
    return None


def _room(name, workspace, labels):
    channel = workspace.channel_named(name)
    if channel is None:
        return None
    if channel.kind != "channel":
        return f"<#{channel.id}|>"  # the name of a private channel is not told
    return f"<#{channel.id}|{channel.name}>" if labels else f"<#{channel.id}>"


def all_texts(node):
    """Every text of a message or view that Slack reads as mrkdwn, wherever it stands."""
    if isinstance(node, list):
        for each in node:
            yield from all_texts(each)
    elif isinstance(node, dict):
        if node.get("type") in ("mrkdwn", "markdown") and isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            if isinstance(value, (dict, list)):
                yield from all_texts(value)


def mentions(message):
    """Whom a message would notify: `@U0ALICE`, `!channel`, `!subteam^S0`. Here a name that was not escaped shows."""
    found = []
    for text in (message.get("text") or "", *all_texts(message.get("blocks")), *all_texts(message.get("attachments"))):
        for sigil, name, _ in TOKEN.findall(text):
            word = name.split("^")[0] if sigil == "!" else name
            if sigil == "@" or (sigil == "!" and word in (*_ALL, "subteam")):
                found.append(sigil + name)
    return sorted(set(found))
