"""Content negotiation (RFC 9110, section 12.5.1)."""

import math

EXACT, SUBTYPES, ANY = 3, 2, 1
"""How specific a media range is: `text/html`, `text/*`, `*/*`."""


def prefers_html(accept: str) -> bool:
    """Whether an `Accept` header prefers `text/html` to `application/json`: a higher quality, or the same quality and a
    more specific range. Without a preference, JSON it is."""
    html, json = (_quality(accept, media_type) for media_type in ("text/html", "application/json"))
    return html > json and html[0] > 0


def _quality(accept: str, media_type: str) -> tuple[float, int]:
    """The quality of a media type, 0 to 1, according to the most specific range that includes it, and how specific that
    is. A range with a parameter other than `q` asks for a form that is not on offer."""
    ranges = {media_type: EXACT, f"{media_type.partition('/')[0]}/*": SUBTYPES, "*/*": ANY}
    found = (0, 0.0)
    for item in accept.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        values = dict(parameter.partition("=")[::2] for parameter in parameters)
        quality = _number(values.pop("q", "1"))
        if name in ranges and quality is not None and not (values.keys() - {"charset"}):
            found = max(found, (ranges[name], quality))
    return found[1], found[0]


def _number(text: str) -> float | None:
    """A quality from 0 to 1; `None` for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number <= 1 else None
