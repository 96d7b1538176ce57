"""Arguments of a call: from form, JSON or query to values of the kind the method wants."""
import json
import urllib.parse

from refusals import ApiError, invalid_arguments

BROKEN = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format", "attachments": "invalid_array_arg",
          "files": "invalid_array_arg"}


def decoded(request, method):
    """(arguments as they came, warnings, ApiError or None). Faults and the record want them even of a bad call."""
    arguments, warnings = {}, []
    try:
        if request.method == "GET":
            if method is not None and not method.reads:
                raise ApiError("invalid_post_type")
            arguments = dict(request.query)
        elif request.method == "POST":
            arguments = _of_body(request, method, warnings)
            if arguments and request.query:
                raise invalid_arguments("arguments in the query beside a body")
            arguments = arguments or dict(request.query)
        else:
            raise ApiError("invalid_post_type")
        if "token" in request.query or "token" in arguments:
            arguments.pop("token", None)
            raise ApiError("not_authed")
    except ApiError as error:
        return arguments, warnings, error
    return arguments, warnings, None


def _of_body(request, method, warnings):
    if not request.body:
        return {}
    kind, *parameters = [part.strip().lower() for part in request.headers.get("content-type", "").split(";")]
    charset = next((each.partition("=")[2].strip('"') for each in parameters if each.startswith("charset=")), None)
    if charset not in (None, "utf-8", "utf8"):
        raise ApiError("invalid_charset")
    if kind == "application/json":
        if charset is None:
            warnings.append("missing_charset")
        return {} if method is not None and method.reads else _of_json(request.body)
    if kind == "application/x-www-form-urlencoded":
        if charset is not None:
            warnings.append("superfluous_charset")
        return _of_form(request.body)
    raise ApiError("invalid_post_type" if kind else "missing_post_type")


def _of_json(body):
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError("invalid_json") from None
    if not isinstance(value, dict):
        raise ApiError("json_not_object")
    return {name: each for name, each in value.items() if each is not None}


def _of_form(body):
    try:
        return dict(urllib.parse.parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True,
                                           errors="strict"))
    except ValueError:
        raise ApiError("invalid_form_data") from None


def typed_arguments(method, arguments):
    """Unknown names are let pass, as Slack does; the record has them."""
    found = {}
    for name, spec in method.arguments.items():
        value = arguments.get(name)
        if value is None or (value == "" and spec["kind"] != "text"):
            if spec["required"]:
                raise invalid_arguments(f"missing required field: {name}")
            continue
        found[name] = KINDS[spec["kind"]](name, value)
        if spec["required"] and found[name] == "":
            raise invalid_arguments(f"missing required field: {name}")
    return found


def _text(name, value):
    if not isinstance(value, str):
        raise invalid_arguments(f"must be a string: {name}")
    return value


def _flag(name, value):
    if value in (True, "true", "1", 1):
        return True
    if value in (False, "false", "0", 0):
        return False
    raise invalid_arguments(f"must be a boolean: {name}")


def _number(name, value):
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid_arguments(f"must be an integer: {name}") from None


def _json(name, value):
    """In a form it is text; in a JSON body it may be either."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise (ApiError(BROKEN[name]) if name in BROKEN else invalid_arguments(f"must be JSON: {name}")) from None


def _list(name, value):
    parts = value if isinstance(value, list) else str(value).split(",")
    return [str(part).strip() for part in parts if str(part).strip()]


KINDS = {"text": _text, "flag": _flag, "number": _number, "json": _json, "list": _list}
