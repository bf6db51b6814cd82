import pytest

from tests.components.recorder import Recording, recorded_stack


@pytest.fixture(scope="module", params=["dev", "local"])
def cafe(request: pytest.FixtureRequest) -> Recording:
    """The whole program's update, for each stack."""
    return recorded_stack(request.param)


@pytest.fixture(scope="module")
def dev() -> Recording:
    return recorded_stack("dev")


@pytest.fixture(scope="module")
def local() -> Recording:
    return recorded_stack("local")
