"""What can go wrong with a payment, for those who know no provider."""


class ProviderUnavailable(Exception):
    """The provider does not answer: nobody knows whether it has heard."""
