"""What of a Markdown text does not look the same on every client (dingtalk.md 3.5).

DingTalk refuses none of it: it shows asterisks, or one long line. So each message has its `doubts`, and a test says
that there are none."""
import re

MOST_CHARACTERS = 3_800
_TABLE = re.compile(r"^\s*\|?[ \t]*:?-{2,}:?[ \t]*(\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$", re.M)
_FENCE = re.compile(r"^\s*(```|~~~)", re.M)
_HTML = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?>")
_FONT = re.compile(r"</?font(\s[^<>]*)?>")
_BAD_HEADING = re.compile(r"^(#{7,}\s|#{1,6}[^#\s])", re.M)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(([^)\s]*)\)")
_LINE_START = re.compile(r"\s*([-*+]\s|\d+[.)]\s|#{1,6}\s|>|$)")


def links(text):
    """[{"title", "url"}] of what can be tapped; pictures can't."""
    return [{"title": found[1], "url": found[2]} for found in _LINK.finditer(text) if not found[0].startswith("!")]


def doubts(text):
    found = []
    if len(text) > MOST_CHARACTERS:
        found.append("too long")
    fences = len(_FENCE.findall(text))
    if fences:
        found.append("code fence")
    if fences % 2:
        found.append("open code fence")
    if _TABLE.search(text):
        found.append("table")
    if _HTML.search(_FONT.sub("", text)):
        found.append("inline HTML")
    if _FONT.search(text):
        found.append("font colour")
    if _BAD_HEADING.search(text):
        found.append("heading")
    if _collapses(text):
        found.append("single newline")
    if any(not _fit(found_link[2]) for found_link in _LINK.finditer(text)):
        found.append("link")
    return found


def _fit(url):
    """The host of a dtmd link must be in lower case: another one is silently ignored (dingtalk.md 2.1)."""
    if url.lower().startswith("dtmd:"):
        return url.startswith("dtmd://dingtalkclient/sendMessage?content=")
    return bool(url)


def _collapses(text):
    """Is there a line end that some clients draw as a blank? One before a list item, a heading, a quotation or an
    empty line is none, nor is one after two blanks or after a heading."""
    if _FENCE.search(text):
        return False  # lines inside a fence stay lines; the fence itself is a doubt already
    lines = text.split("\n")
    for line, following in zip(lines, lines[1:]):
        kept = not line.strip() or line.endswith("  ") or re.match(r"\s*#{1,6}\s", line)
        if not kept and not _LINE_START.match(following):
            return True
    return False
