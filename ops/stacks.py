"""What a stack is made of, as far as it costs something: by its config and by a look at the program."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from local import engine
from local.project import load_project

ROOT = Path(__file__).parent.parent

DAYS_A_MONTH = 365 / 12


class StackFacts(NamedTuple):
    """A stack's resources by type, and what its config says."""

    resources: Counter[str]
    """How many there are of each type, e.g. `aws:sqs/queue:Queue`."""
    polled_queues: int
    """Queues that Lambda asks for messages, day and night."""
    order_days: int
    log_days: int
    architecture: str
    """`arm64` or `x86_64`."""
    kept_started: int
    """Environments of functions that are kept started."""
    user_price: str
    """What Cognito asks for a user: a key of `ops.prices.PRICES`."""

    @property
    def order_months(self) -> float:
        """How long an order is kept."""
        return self.order_days / DAYS_A_MONTH

    @property
    def log_months(self) -> float:
        """How long logs are kept."""
        return self.log_days / DAYS_A_MONTH

    @property
    def acls(self) -> int:
        """How many firewalls there are."""
        return self.resources["aws:wafv2/webAcl:WebAcl"]


def look_at(stack: str) -> StackFacts:
    """Run the program for a stack without making anything. Raises `LocalError` when there is no such stack."""
    project = load_project(ROOT, stack)
    project.config["local:offline"] = "true"
    plan = engine.look(project).custom
    resources = Counter(resource.type for resource in plan)
    names = {resource.name for resource in plan}
    queues = [resource.name for resource in plan if resource.type == "aws:sqs/queue:Queue"]
    config = {key.removeprefix(f"{project.name}:"): value for key, value in project.config.items()}
    started = resources["aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"]
    return StackFacts(
        resources,
        # A queue's event source is named after it.
        sum(f"{queue}-source" in names for queue in queues),
        int(config["orderRetentionDays"]),
        int(config["logRetentionDays"]),
        config.get("architecture", "arm64"),
        started * int(config["provisionedConcurrency"]),
        "user-essentials" if config["advancedSecurity"] == "OFF" else "user-plus",
    )
