import pytest

from tests.components.recorder import Recording, recorded_stack


@pytest.fixture(scope="module", params=["dev", "local", "dev with the workflow"])
def cafe(request: pytest.FixtureRequest) -> Recording:
    """The whole program's update, for each stack."""
    stack, _, workflow = request.param.partition(" with the ")
    return recorded_stack(stack, workflow=bool(workflow))


@pytest.fixture(scope="module")
def dev() -> Recording:
    return recorded_stack("dev")


@pytest.fixture(scope="module")
def local() -> Recording:
    return recorded_stack("local")


@pytest.fixture(scope="module")
def workflow() -> Recording:
    """The program with the order workflow on."""
    return recorded_stack("dev", workflow=True)
