import pytest

from lambdas.runtime.errors import Refusal


@pytest.fixture
def refused():
    """Call a function, expect a refusal and return its reason."""

    def call(function, *arguments, **named):
        with pytest.raises(Refusal) as refusal:
            function(*arguments, **named)
        return refusal.value.reason

    return call
