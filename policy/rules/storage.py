"""Rules for buckets and tables."""

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

PUBLIC_ACCESS_SETTINGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

NOTHING_TO_RESTORE = {"-notifications": "sent notifications, needed for two days only"}
"""Suffixes of the names of tables that need no restore, and what they hold."""

IT = example(BUCKET)
CLOSED: dict[str, Any] = dict.fromkeys(PUBLIC_ACCESS_SETTINGS, True)
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
    "buckets-block-public-access",
    "A single wrong policy or ACL makes a bucket public, unless all four ways are blocked.",
    on=[BUCKET],
    violating=[[IT], [IT, example(BUCKET_ACCESS, bucket=IT, **{**CLOSED, "ignorePublicAcls": False})]],
    compliant=[[IT, example(BUCKET_ACCESS, bucket=IT, **CLOSED)]],
)
def buckets_block_public_access(bucket: Resource, stack: Stack) -> Iterator[str]:
    """Every bucket has a public access block with all four settings on."""
    blocks = stack.users(bucket, BUCKET_ACCESS, "bucket")
    if missing := [way for way in PUBLIC_ACCESS_SETTINGS if not any(block.get(way) for block in blocks)]:
        yield f"allows public access: set {', '.join(missing)} on its `BucketPublicAccessBlock`"


@stack_rule(
    "buckets-require-tls",
    "Anyone on the path can read plain HTTP, and S3 accepts it unless the bucket's policy denies it.",
    on=[BUCKET],
    violating=[
        [IT],
        [IT, example(BUCKET_POLICY, bucket=IT, policy=document({**TLS_ONLY, "Effect": "Allow"}))],
        [IT, example(BUCKET_POLICY, bucket=IT, policy=document({**TLS_ONLY, "Resource": "arn:aws:s3:::it"}))],
    ],
    compliant=[[IT, example(BUCKET_POLICY, bucket=IT, policy=document(TLS_ONLY))]],
    not_on_emulator="it serves only plain HTTP",
)
def buckets_require_tls(bucket: Resource, stack: Stack) -> Iterator[str]:
    """Every bucket's policy denies all requests without TLS, for the bucket and its objects."""
    for policy in stack.users(bucket, BUCKET_POLICY, "bucket"):
        for statement in statements(policy["policy"]):
            if (
                (statement["Effect"], statement.get("Principal"), actions(statement)) == ("Deny", "*", ["s3:*"])
                and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
                and sorted(arn.endswith("/*") for arn in resources(statement)) == [False, True]
            ):
                return
    yield "accepts plain HTTP: add `deny_plain_http` to its policy"


@stack_rule(
    "buckets-are-encrypted",
    "Data at rest should be useless without the key, whatever the AWS default is.",
    on=[BUCKET],
    violating=[[IT], [IT, example(BUCKET_ENCRYPTION, bucket=IT, rules=_encrypted("none"))]],
    compliant=[[IT, example(BUCKET_ENCRYPTION, bucket=IT, rules=_encrypted("AES256"))]],
)
def buckets_are_encrypted(bucket: Resource, stack: Stack) -> Iterator[str]:
    """Every bucket sets its encryption."""
    algorithms = {
        each["applyServerSideEncryptionByDefault"]["sseAlgorithm"]
        for encryption in stack.users(bucket, BUCKET_ENCRYPTION, "bucket")
        for each in encryption["rules"]
    }
    if not algorithms & {"AES256", "aws:kms", "aws:kms:dsse"}:
        yield "is not encrypted: add a `BucketServerSideEncryptionConfiguration` with AES256 or aws:kms"


@rule(
    "buckets-are-not-listed",
    "Only a photo's owner knows its key: a listing would reveal the keys of all photos.",
    on=[MANAGED_POLICY, ROLE_POLICY, BUCKET_POLICY],
    violating=[[_granting("s3:ListBucket")], [_granting("s3:ListBucketVersions")]],
    compliant=[[_granting("s3:ListMultipartUploadParts")]],
)
def buckets_are_not_listed(policy: Resource) -> Iterator[str]:
    """No policy allows listing a bucket."""
    for statement in allowed(statements(policy["policy"])):
        for action in actions(statement):
            if action.lower().startswith("s3:listbucket"):
                yield f"allows {action}: keep the keys in a table, and query that"


@rule(
    "cors-uploads-name-their-origins",
    "A bucket that accepts uploads from any origin lets other sites use our visitors' sessions.",
    on=[BUCKET_CORS],
    violating=[[_cors("*", "GET", "PUT")]],
    compliant=[[_cors("https://cafe.example", "GET", "PUT")], [_cors("*", "GET", "HEAD")]],
)
def cors_uploads_name_their_origins(cors: Resource) -> Iterator[str]:
    """A bucket allows at most reads from any origin."""
    for each in cors["corsRules"]:
        if "*" in each["allowedOrigins"] and not set(each["allowedMethods"]) <= {"GET", "HEAD"}:
            yield f"accepts {', '.join(each['allowedMethods'])} from any origin: name the origins"


@rule(
    "tables-have-point-in-time-recovery",
    "Without point-in-time recovery, a faulty deployment can lose data that nobody can enter again.",
    on=[TABLE],
    violating=[[example(TABLE)], [example(TABLE, pointInTimeRecovery={"enabled": False})]],
    compliant=[[example(TABLE, pointInTimeRecovery={"enabled": True})], [example(TABLE, "it-notifications")]],
)
def tables_have_point_in_time_recovery(table: Resource) -> Iterator[str]:
    """Every table has point-in-time recovery, except those in `NOTHING_TO_RESTORE`."""
    if not table.get("pointInTimeRecovery", {}).get("enabled") and not table.name.endswith(tuple(NOTHING_TO_RESTORE)):
        yield "cannot be restored: set `pointInTimeRecovery`, or add it to `NOTHING_TO_RESTORE`"


@rule(
    "protected-resources-have-deletion-protection",
    "Pulumi's `protect` stops only Pulumi from deleting a resource, not the console or a script.",
    on=[TABLE, USER_POOL],
    violating=[[example(TABLE, protect=True)], [example(USER_POOL, protect=True, deletionProtection="INACTIVE")]],
    compliant=[
        [example(TABLE, protect=True, deletionProtectionEnabled=True)],
        [example(USER_POOL, protect=True, deletionProtection="ACTIVE")],
        [example(TABLE)],
    ],
)
def protected_resources_have_deletion_protection(resource: Resource) -> Iterator[str]:
    """A table or user pool that Pulumi protects also has AWS deletion protection."""
    guarded = resource.get("deletionProtectionEnabled") or resource.get("deletionProtection") == "ACTIVE"
    if resource.protect and not guarded:
        key = "deletionProtectionEnabled" if resource.type == TABLE else "deletionProtection"
        yield f"is protected only in Pulumi: set `{key}` too"
