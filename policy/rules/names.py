"""Rules for names."""

from collections.abc import Iterator

from policy.kinds import BUCKET, FUNCTION, ROLE
from policy.limits import NAME_LIMITS, SUFFIX_CHARACTERS
from policy.rule import Resource, example, rule


@rule(
    "aws-accepts-the-name",
    "AWS refuses a name that is too long or has other characters only when the resource is created, half-way through a "
    "deployment.",
    on=list(NAME_LIMITS),
    violating=[
        [example(BUCKET, "feature_x")],
        [example(ROLE, "r" * 57)],
        [example(ROLE, name="r" * 65)],
        [example(BUCKET, "photos", bucket="photos.example")],
        [example(FUNCTION, name="café")],
        [example("aws:cognito/userPoolDomain:UserPoolDomain", domain="cafe-laws")],
    ],
    compliant=[
        [example(ROLE, "r" * 56)],
        [example(ROLE, "r" * 65, name="r" * 64)],
        [example(BUCKET, "photos")],
        [example("aws:cognito/userPoolDomain:UserPoolDomain", domain="cafe-dev-0123abcd")],
    ],
)
def aws_accepts_the_name(resource: Resource) -> Iterator[str]:
    """Every name has a length and characters that AWS accepts, also with the suffix that Pulumi generates."""
    limit = NAME_LIMITS[resource.type]
    name = resource.get(limit.input) or f"{resource.name}-{'0' * (SUFFIX_CHARACTERS - 1)}"
    if problem := limit.problem(str(name)):
        yield f"{limit.input} {name!r} {problem}: choose another name, or a shorter one for the stack"
