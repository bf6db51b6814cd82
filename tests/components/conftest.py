import pytest

from tests.components.recorder import Recording, configured_stack, gradual_stack, record_stack, recorded_stack

STACKS = ["dev", "local", "dev with the workflow"]


@pytest.fixture(scope="module")
def cafe(request: pytest.FixtureRequest) -> Recording:
    """The whole program's update. With the order workflow on it has all that it ever has but `accept_order`; tests that
    have to hold for each of `STACKS` say so."""
    stack, _, workflow = getattr(request, "param", STACKS[-1]).partition(" with the ")
    return recorded_stack(stack, workflow=bool(workflow))


@pytest.fixture(scope="module")
def dev() -> Recording:
    return recorded_stack("dev")


@pytest.fixture(scope="module")
def local() -> Recording:
    return recorded_stack("local")


@pytest.fixture(scope="module")
def configured() -> Recording:
    """The program where `CONFIGURED` says otherwise."""
    return configured_stack()


@pytest.fixture(scope="module")
def workflow() -> Recording:
    """The program with the order workflow on."""
    return recorded_stack("dev", workflow=True)


@pytest.fixture(scope="module")
def snapshots() -> Recording:
    """The program where functions that people wait for start from snapshots."""
    return record_stack("dev", config={"cafe:snapStart": "true"})


@pytest.fixture(scope="module")
def kept_started() -> Recording:
    """The program where three environments of each of these functions are kept started."""
    return record_stack("dev", config={"cafe:provisionedConcurrency": "3"})


@pytest.fixture(scope="module")
def gradual() -> Recording:
    """The program where CodeDeploy moves calls to new versions of these functions."""
    return gradual_stack()


@pytest.fixture(params=["snapshots", "kept_started"])
def ready(request: pytest.FixtureRequest) -> Recording:
    """The program, with one and with the other."""
    recording: Recording = request.getfixturevalue(request.param)
    return recording
