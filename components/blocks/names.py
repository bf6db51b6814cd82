"""Names of config keys and stack outputs."""


def camel_case(name: str) -> str:
    """`orderRetentionDays` for `order_retention_days`."""
    first, *others = name.split("_")
    return "".join([first, *(word.capitalize() for word in others)])
