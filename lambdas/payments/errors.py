"""Payment errors, for code that does not depend on a provider."""


class ProviderUnavailable(Exception):
    """The provider does not respond. Whether it received the request is unknown."""
