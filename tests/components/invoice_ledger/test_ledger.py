"""The tables, the append-only ledger, the stream's second consumer and the mail."""

import json
from typing import Any

import pulumi_aws as aws
import pytest

from lambdas.invoices.keys import INDEXES, OF_INVOICE
from tests.components.policies import listed, permits, statements
from tests.components.recorder import ACCOUNT, REGION, Recorded, Recording, recorded_stack

KEYS = {
    "-invoices-table": ("userId", "id"),
    "-invoices-ledger": ("userId", "sequence"),
    "-invoices-heads": ("userId", None),
    "-invoices-payments": ("id", None),
}
ADDRESS = "cafe@example.com"


def tables(cafe: Recording) -> dict[str, Recorded]:
    return {suffix: cafe.one(aws.dynamodb.Table, suffix) for suffix in KEYS}


def role_of(cafe: Recording, function: Recorded) -> list[dict[str, Any]]:
    role = cafe.by(aws.iam.Role, "arn")[function["role"]]
    (policy,) = [policy for policy in cafe.of(aws.iam.RolePolicy) if policy["role"] == role.id]
    return statements(policy)


def function(cafe: Recording, module: str) -> Recorded:
    (found,) = [f for f in cafe.of(aws.lambda_.Function) if f["handler"] == f"lambdas.{module}.handler"]
    return found


def source(cafe: Recording) -> Recorded:
    arn = function(cafe, "invoice_order").arn
    (found,) = [source for source in cafe.of(aws.lambda_.EventSourceMapping) if source["functionName"] == arn]
    return found


def test_keys_and_billing(cafe: Recording) -> None:
    for suffix, table in tables(cafe).items():
        assert (table["hashKey"], table.get("rangeKey")) == KEYS[suffix]
        assert (table["billingMode"], table.get("ttl")) == ("PAY_PER_REQUEST", None)
        assert table["pointInTimeRecovery"] == {"enabled": True}


@pytest.mark.parametrize(("suffix", "indexes"), [("-invoices-table", INDEXES), ("-invoices-ledger", [OF_INVOICE])])
def test_tables_have_the_indexes_that_the_code_queries(cafe: Recording, suffix: str, indexes: Any) -> None:
    made = [
        (i["name"], i["hashKey"], i.get("rangeKey"), i["projectionType"])
        for i in tables(cafe)[suffix]["globalSecondaryIndexes"]
    ]

    assert made == [(it.name, it.partition_key, it.sort_key, it.projection) for it in indexes]


def test_tables_declare_only_key_attributes(cafe: Recording) -> None:
    for table in tables(cafe).values():
        used = {table["hashKey"], table.get("rangeKey")}
        used |= {i.get(key) for i in table.get("globalSecondaryIndexes", []) for key in ("hashKey", "rangeKey")}
        declared = [attribute["name"] for attribute in table["attributes"]]

        assert sorted(declared) == sorted(used - {None})
        assert {a["name"] for a in table["attributes"] if a["type"] == "N"} == {"sequence"} & set(declared)


def test_production_protects_the_tables() -> None:
    cafe = recorded_stack("prod")

    assert {(t["deletionProtectionEnabled"], t.protect) for t in tables(cafe).values()} == {(True, True)}


def test_no_function_can_change_or_delete_an_entry(cafe: Recording) -> None:
    ledger = tables(cafe)["-invoices-ledger"].arn
    for each in cafe.of(aws.lambda_.Function):
        allowed = role_of(cafe, each)
        for action in ("UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete", "DeleteTable"):
            assert not permits(allowed, f"dynamodb:{action}", ledger), f"{each}: {action}"


def test_only_functions_that_change_invoices_write_entries_and_heads(cafe: Recording) -> None:
    for suffix in ("-invoices-ledger", "-invoices-heads"):
        table = tables(cafe)[suffix].arn
        writers = {
            each["handler"].split(".")[1]
            for each in cafe.of(aws.lambda_.Function)
            if permits(role_of(cafe, each), "dynamodb:PutItem", table)
        }

        assert writers == {
            *("create_invoice", "update_invoice", "send_invoice", "delete_invoice", "pay_invoice", "invoice_order"),
        }


def test_payment_functions_cannot_list_invoices(cafe: Recording) -> None:
    for module in ("get_payment", "pay_invoice"):
        allowed = role_of(cafe, function(cafe, module))

        assert not permits(allowed, "dynamodb:Query", tables(cafe)["-invoices-table"].arn)
        assert not permits(allowed, "dynamodb:Query", tables(cafe)["-invoices-ledger"].arn)


def test_functions_that_attach_photos_can_read_their_metadata(cafe: Recording) -> None:
    photos = cafe.one(aws.dynamodb.Table, "-metadata")
    for module in ("create_invoice", "update_invoice"):
        variables = function(cafe, module)["environment"]["variables"]

        assert permits(role_of(cafe, function(cafe, module)), "dynamodb:GetItem", photos.arn)
        assert variables["PHOTOS_TABLE"] == photos.outputs["name"]


def test_payment_urls_are_on_the_sites_origin(cafe: Recording) -> None:
    variables = function(cafe, "send_invoice")["environment"]["variables"]

    assert variables["PAY_URL"] == f"{cafe.outputs['webappUrl']}dev/pay/"
    assert variables["PAY_PAGE"] == f"{cafe.outputs['webappUrl']}pay.html"


def test_filled_orders_invoke_invoice_order(cafe: Recording) -> None:
    mapping, first = source(cafe), cafe.one(aws.lambda_.EventSourceMapping, "publish-changes-source")
    same = ("eventSourceArn", "batchSize", "bisectBatchOnFunctionError", "maximumRetryAttempts")

    assert {key: mapping[key] for key in same} == {key: first[key] for key in same}
    # It may be added to a table whose stream has old records.
    assert (first["startingPosition"], mapping["startingPosition"]) == ("TRIM_HORIZON", "LATEST")
    filled, taken_back = [json.loads(each["pattern"]) for each in mapping["filterCriteria"]["filters"]]
    assert filled == {"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"status": {"S": ["filled"]}}}}
    images = {"NewImage": {"status": {"S": ["ready"]}}, "OldImage": {"status": {"S": ["filled"]}}}
    assert taken_back == {"eventName": ["MODIFY"], "dynamodb": images}


def test_its_failures_have_their_own_queue(cafe: Recording) -> None:
    target = source(cafe)["destinationConfig"]["onFailure"]["destinationArn"]
    queue = cafe.by(aws.sqs.Queue, "url")[cafe.outputs["invoiceFailuresUrl"]]

    assert (queue.arn, cafe.outputs["invoiceOrderLambda"]) == (target, function(cafe, "invoice_order").outputs["name"])
    assert target != cafe.one(aws.sqs.Queue, "-stream-failures").arn
    assert permits(role_of(cafe, function(cafe, "invoice_order")), "sqs:SendMessage", target)


def test_without_invoice_orders_its_resources_do_not_exist(configured: Recording) -> None:
    assert "invoiceFailuresUrl" not in configured.outputs
    assert [f for f in configured.of(aws.lambda_.Function) if "invoice_order" in f["handler"]] == []
    assert [a for a in configured.of(aws.cloudwatch.MetricAlarm) if "invoice" in a.name] == []


def test_mail_is_sent_from_the_configured_address(configured: Recording) -> None:
    identity = configured.one(aws.sesv2.EmailIdentity)
    mailing = [
        (each["handler"], listed(statement["Resource"]), statement["Condition"])
        for each in configured.of(aws.lambda_.Function)
        for statement in role_of(configured, each)
        if "ses:SendEmail" in statement["Action"]
    ]

    assert identity["emailIdentity"] == ADDRESS
    assert mailing == [
        (
            "lambdas.send_invoice.handler",
            [f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/*"],
            {"StringEquals": {"ses:FromAddress": ADDRESS}},
        )
    ]
    assert function(configured, "send_invoice")["environment"]["variables"]["MAIL_FROM"] == ADDRESS


def test_without_an_address_no_function_can_send_mail(dev: Recording) -> None:
    assert aws.sesv2.EmailIdentity.pulumi_type not in {resource.type for resource in dev.resources}
    assert "ses:" not in "".join(policy["policy"] for policy in dev.of(aws.iam.RolePolicy))
    assert "ses:" not in dev.one(aws.iam.Policy)["policy"]


def test_its_failure_queue_has_an_alarm(cafe: Recording) -> None:
    (alarm,) = [a for a in cafe.of(aws.cloudwatch.MetricAlarm) if a.name.endswith("invoices-dead-letters")]
    queue = cafe.by(aws.sqs.Queue, "url")[cafe.outputs["invoiceFailuresUrl"]]

    assert alarm["dimensions"] == {"QueueName": queue.outputs["name"]}
