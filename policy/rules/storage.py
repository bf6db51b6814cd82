"""What is kept: buckets and tables."""

from collections.abc import Iterator
from typing import Any

from policy.documents import Statement, actions, allowed, document, resources, statements
from policy.kinds import (
    BUCKET,
    BUCKET_ACCESS,
    BUCKET_CORS,
    BUCKET_ENCRYPTION,
    BUCKET_POLICY,
    MANAGED_POLICY,
    ROLE_POLICY,
    TABLE,
    USER_POOL,
)
from policy.rule import Resource, Stack, example, rule, stack_rule

WAYS_IN = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

NOTHING_TO_RESTORE = {"-notifications": "what was sent, which is of use for two days"}
"""What the names of tables end in that hold nothing to restore, and what that is."""

IT = example(BUCKET)
CLOSED: dict[str, Any] = dict.fromkeys(WAYS_IN, True)
TLS_ONLY: Statement = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::it", "arn:aws:s3:::it/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def _encrypted(algorithm: str) -> list[dict[str, object]]:
    return [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}]


def _granting(action: str) -> Resource:
    return example(ROLE_POLICY, policy=document({"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::it"}))


def _cors(origin: str, *methods: str) -> Resource:
    return example(BUCKET_CORS, corsRules=[{"allowedOrigins": [origin], "allowedMethods": list(methods)}])


@stack_rule(
    "buckets-are-closed",
    "One wrong policy or ACL makes a bucket public, unless all four ways to do so are blocked.",
    on=[BUCKET],
    refused=[[IT], [IT, example(BUCKET_ACCESS, bucket=IT, **{**CLOSED, "ignorePublicAcls": False})]],
    accepted=[[IT, example(BUCKET_ACCESS, bucket=IT, **CLOSED)]],
)
def buckets_are_closed(bucket: Resource, stack: Stack) -> Iterator[str]:
    """Every bucket has a public access block with all four settings on."""
    blocks = stack.using(bucket, BUCKET_ACCESS, "bucket")
    if missing := [way for way in WAYS_IN if not any(block.get(way) for block in blocks)]:
        yield f"can be made public: add a `BucketPublicAccessBlock` with {', '.join(missing)}"


@stack_rule(
    "buckets-refuse-plain-http",
    "What is sent over plain http can be read on the way, and S3 takes it unless the bucket's policy says no.",
    on=[BUCKET],
    refused=[
        [IT],
        [IT, example(BUCKET_POLICY, bucket=IT, policy=document({**TLS_ONLY, "Effect": "Allow"}))],
        [IT, example(BUCKET_POLICY, bucket=IT, policy=document({**TLS_ONLY, "Resource": "arn:aws:s3:::it"}))],
    ],
    accepted=[[IT, example(BUCKET_POLICY, bucket=IT, policy=document(TLS_ONLY))]],
    not_on_emulator="plain http is all there is",
)
def buckets_refuse_plain_http(bucket: Resource, stack: Stack) -> Iterator[str]:
    """Every bucket's policy denies everything to everybody without TLS, on the bucket and on all in it."""
    for policy in stack.using(bucket, BUCKET_POLICY, "bucket"):
        for statement in statements(policy["policy"]):
            if (
                (statement["Effect"], statement.get("Principal"), actions(statement)) == ("Deny", "*", ["s3:*"])
                and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
                and sorted(arn.endswith("/*") for arn in resources(statement)) == [False, True]
            ):
                return
    yield "takes plain http: add `refuse_plain_http` to its policy"


@stack_rule(
    "buckets-are-encrypted",
    "What is on AWS's disks should be of no use without the key; that it is should not hang on a default of AWS's.",
    on=[BUCKET],
    refused=[[IT], [IT, example(BUCKET_ENCRYPTION, bucket=IT, rules=_encrypted("none"))]],
    accepted=[[IT, example(BUCKET_ENCRYPTION, bucket=IT, rules=_encrypted("AES256"))]],
)
def buckets_are_encrypted(bucket: Resource, stack: Stack) -> Iterator[str]:
    """Every bucket says how it is encrypted."""
    algorithms = {
        each["applyServerSideEncryptionByDefault"]["sseAlgorithm"]
        for encryption in stack.using(bucket, BUCKET_ENCRYPTION, "bucket")
        for each in encryption["rules"]
    }
    if not algorithms & {"AES256", "aws:kms", "aws:kms:dsse"}:
        yield "is not encrypted: add a `BucketServerSideEncryptionConfiguration` with AES256 or aws:kms"


@rule(
    "buckets-are-not-listed",
    "The keys of photos are known to those whom they concern: a list of them would be a list of everybody's.",
    on=[MANAGED_POLICY, ROLE_POLICY, BUCKET_POLICY],
    refused=[[_granting("s3:ListBucket")], [_granting("s3:ListBucketVersions")]],
    accepted=[[_granting("s3:ListMultipartUploadParts")]],
)
def buckets_are_not_listed(policy: Resource) -> Iterator[str]:
    """Nobody is allowed to list a bucket."""
    for statement in allowed(statements(policy["policy"])):
        for action in actions(statement):
            if action.lower().startswith("s3:listbucket"):
                yield f"allows {action}: keep the keys in a table, and ask that"


@rule(
    "writing-pages-are-named",
    "A bucket that takes uploads from any page lets other sites use our visitors' sessions.",
    on=[BUCKET_CORS],
    refused=[[_cors("*", "GET", "PUT")]],
    accepted=[[_cors("https://cafe.example", "GET", "PUT")], [_cors("*", "GET", "HEAD")]],
)
def writing_pages_are_named(cors: Resource) -> Iterator[str]:
    """Pages of any origin may read from a bucket at most."""
    for each in cors["corsRules"]:
        if "*" in each["allowedOrigins"] and not set(each["allowedMethods"]) <= {"GET", "HEAD"}:
            yield f"takes {', '.join(each['allowedMethods'])} from pages of any origin: name the origins"


@rule(
    "tables-can-be-restored",
    "Without point-in-time recovery a wrong deployment can lose what no one can enter again.",
    on=[TABLE],
    refused=[[example(TABLE)], [example(TABLE, pointInTimeRecovery={"enabled": False})]],
    accepted=[[example(TABLE, pointInTimeRecovery={"enabled": True})], [example(TABLE, "it-notifications")]],
)
def tables_can_be_restored(table: Resource) -> Iterator[str]:
    """Every table but those in `NOTHING_TO_RESTORE` has point-in-time recovery."""
    if not table.get("pointInTimeRecovery", {}).get("enabled") and not table.name.endswith(tuple(NOTHING_TO_RESTORE)):
        yield "cannot be restored: set `pointInTimeRecovery`, or say in `NOTHING_TO_RESTORE` why nobody would"


@rule(
    "what-is-protected-is-so-for-everybody",
    "Pulumi's `protect` keeps Pulumi from deleting it, and nobody else: the console and a script ask AWS.",
    on=[TABLE, USER_POOL],
    refused=[[example(TABLE, protect=True)], [example(USER_POOL, protect=True, deletionProtection="INACTIVE")]],
    accepted=[
        [example(TABLE, protect=True, deletionProtectionEnabled=True)],
        [example(USER_POOL, protect=True, deletionProtection="ACTIVE")],
        [example(TABLE)],
    ],
)
def what_is_protected_is_so_for_everybody(resource: Resource) -> Iterator[str]:
    """A table or a user pool that Pulumi protects has AWS's own deletion protection too."""
    guarded = resource.get("deletionProtectionEnabled") or resource.get("deletionProtection") == "ACTIVE"
    if resource.protect and not guarded:
        key = "deletionProtectionEnabled" if resource.type == TABLE else "deletionProtection"
        yield f"is protected from Pulumi alone: set `{key}` as well"
