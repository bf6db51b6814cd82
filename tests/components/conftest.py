import pytest

from tests.components.recorder import Recording, configured_stack, gradual_stack, record_stack, recorded_stack

STACKS = ["dev", "local", "dev with the workflow"]


@pytest.fixture(scope="module")
def cafe(request: pytest.FixtureRequest) -> Recording:
    """The whole program's update. With the order workflow it has every function but `accept_order`. A test that must
    hold for each of `STACKS` is parametrized."""
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
    """The program with the config values of `CONFIGURED`."""
    return configured_stack()


@pytest.fixture(scope="module")
def workflow() -> Recording:
    """The program with the order workflow."""
    return recorded_stack("dev", workflow=True)


@pytest.fixture(scope="module")
def snapshots() -> Recording:
    """The program with SnapStart for synchronous functions."""
    return record_stack("dev", config={"cafe:snapStart": "true"})


@pytest.fixture(scope="module")
def provisioned() -> Recording:
    """The program with a provisioned concurrency of 3 for synchronous functions."""
    return record_stack("dev", config={"cafe:provisionedConcurrency": "3"})


@pytest.fixture(scope="module")
def gradual() -> Recording:
    """The program where CodeDeploy shifts traffic to new versions of synchronous functions."""
    return gradual_stack()


@pytest.fixture(params=["snapshots", "provisioned"])
def ready(request: pytest.FixtureRequest) -> Recording:
    """The program with `snapshots`, then with `provisioned`."""
    recording: Recording = request.getfixturevalue(request.param)
    return recording
