"""What Slack demands of a message's content, wherever it comes from."""
from block_kit import completed, problems_of_blocks, text_in
from refusals import ApiError
from texts import cut, length

MOST_TEXT = 40_000
MOST_MARKDOWN = 12_000
MOST_ATTACHMENTS = 100


def content(fields, blocks_text_limit=None, most_text=MOST_TEXT, may_cut=False):
    """(what is kept of it, warnings). `may_cut`: a text that is too long is cut instead of refused."""
    text, blocks, attachments = fields.get("text"), fields.get("blocks"), fields.get("attachments")
    warnings = []
    if fields.get("markdown_text") is not None:
        if text is not None or blocks is not None:
            raise ApiError("markdown_text_conflict")
        text, blocks = _markdown(fields["markdown_text"])
    if not text and not blocks and not attachments:
        raise ApiError("no_text")
    if not isinstance(text, (str, type(None))):
        raise ApiError("invalid_arguments", response_metadata={"messages": ["[ERROR] text must be a string"]})
    if text is not None and length(text) > most_text:
        if not may_cut:
            raise ApiError("msg_too_long")
        text = cut(text, most_text)
        warnings.append("message_truncated")
    return {"text": text or "", "blocks": checked_blocks(blocks, blocks_text_limit),
            "attachments": checked_attachments(attachments)}, warnings


def checked_blocks(blocks, text_limit=None, where="/blocks"):
    if not blocks:
        if blocks not in (None, []):
            raise ApiError("invalid_blocks_format")
        return None
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    problems = problems_of_blocks(blocks, where=where)
    if problems:
        raise ApiError("invalid_blocks", errors=problems, response_metadata={"messages": problems})
    if text_limit is not None and text_in(blocks) > text_limit:
        raise ApiError("msg_blocks_too_long")
    return completed(blocks)


def checked_attachments(attachments):
    if not attachments:
        return None
    if not isinstance(attachments, list) or not all(isinstance(each, dict) for each in attachments):
        raise ApiError("invalid_array_arg")
    if len(attachments) > MOST_ATTACHMENTS:
        raise ApiError("too_many_attachments")
    kept = []
    for number, each in enumerate(attachments, 1):
        blocks = checked_blocks(each.get("blocks"), where=f"/attachments/{number - 1}/blocks")
        kept.append({**each, "id": number, **({"blocks": blocks} if blocks else {})})
    return kept


def checked_metadata(metadata):
    if metadata is None:
        return None
    fits = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str) and metadata["event_type"] and (
        isinstance(metadata.get("event_payload"), dict))
    if not fits:
        raise ApiError("invalid_metadata_format")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _markdown(text):
    if not isinstance(text, str) or length(text) > MOST_MARKDOWN:
        raise ApiError("msg_too_long")
    return text, [{"type": "markdown", "text": text}] if text else None
