"""The settings of a fake, which tests change by flag and by /settings."""
import json


def with_changes(usual_ones, settings, changes):
    """A copy of `settings` with other values, of the kinds the usual ones have: a misspelt setting must not be a test
    that proves nothing."""
    for name, value in changes.items():
        if name not in usual_ones:
            raise ValueError("no such setting: " + name)
        usual = usual_ones[name]
        number = isinstance(usual, (int, float)) and not isinstance(usual, bool)
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) if number else isinstance(
            value, (type(usual), type(None)) if usual is not None else (int, type(None)))
        if not fits:
            raise ValueError(f"{name} can't be {json.dumps(value)}")
    return {**settings, **changes}
