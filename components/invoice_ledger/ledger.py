"""Invoices: the functions that create, send, pay and withdraw them, and their append-only ledger."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from ..blocks import table_stream
from ..blocks.durable_queue import dead_letter_queue
from ..blocks.iam import Grant
from ..blocks.mail_sender import MailSender
from ..blocks.python_function import FunctionPlatform, PythonFunction
from ..functions import FunctionArgs, make_functions
from .invoice_tables import invoice_tables
from .ledger_anchor import LedgerAnchor

FILLED = '{"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"status": {"S": ["filled"]}}}}'
TAKEN_BACK = (
    '{"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"status": {"S": ["ready"]}}, '
    '"OldImage": {"status": {"S": ["filled"]}}}}'
)
"""Filters for the stream records that create an invoice and that delete its draft. Sample orders, which are inserted
as filled, do not match."""


class InvoiceLedgerArgs(TypedDict):
    """Inputs of `InvoiceLedger`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    photos_table_name: pulumi.Input[str]
    """Name of the table of photos that can be attached."""

    photos_table_arn: pulumi.Input[str]

    pay_url: pulumi.Input[str]
    """URL prefix of a payer's link."""

    pay_page: pulumi.Input[str]
    """URL of the site's page for payers, which that link opens in a browser."""

    mail: MailSender | None
    """The sender of mail to payers. `None`: no mail."""

    orders_stream_arn: pulumi.Input[str]
    """ARN of the orders table's stream."""

    invoice_orders: bool
    """Whether every filled order becomes an invoice."""

    protect: bool
    """Whether to protect the tables from deletion, and to lock the ledger's copy."""

    emulator_url: NotRequired[str]
    """URL of an emulator that replaces AWS, as `http://HOST:PORT`. Default: none (AWS)."""


class InvoiceLedger(pulumi.ComponentResource):
    """Tables and functions. No role may update or delete a ledger entry: roles can only put entries."""

    functions: dict[str, PythonFunction]
    """All functions, by module."""
    invoices_table_name: pulumi.Output[str]
    ledger_table_name: pulumi.Output[str]
    heads_table_name: pulumi.Output[str]
    """Name of the table with the heads of the ledger's chains."""
    failures: dict[str, pulumi.Output[str]]
    """Names of the queues with the positions of stream records that failed: `ledger` of those that could not be copied,
    `invoices` of those that could not be invoiced, with `invoice_orders`."""

    def __init__(self, name: str, args: InvoiceLedgerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:InvoiceLedger", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        self._tables = invoice_tables(name, args["protect"], self)
        self.invoices_table_name = self._tables.invoices.name
        self.ledger_table_name = self._tables.ledger.name
        self.heads_table_name = self._tables.heads.name
        self.functions = make_functions(name, args["platform"], self._function_args(), self._child)
        anchor = LedgerAnchor(
            f"{name}-anchor",
            {
                "platform": args["platform"],
                "stream_arn": self._tables.ledger.stream_arn,
                "tls_only": not args.get("emulator_url"),
                "protect": args["protect"],
            },
            self._child,
        )
        self.functions["anchor_ledger"] = anchor.function
        self.failures = {"ledger": anchor.failures_name}
        self.outputs: dict[str, pulumi.Output[str]] = {
            "ledgerAnchorBucketName": anchor.bucket_name,
            "ledgerFailuresUrl": anchor.failures_url,
            "anchorLedgerLambda": anchor.function.name,
            "invoicesTableName": self.invoices_table_name,
            "ledgerTableName": self.ledger_table_name,
            "ledgerHeadsTableName": self.heads_table_name,
        }
        """Stack outputs."""
        if args["invoice_orders"]:
            failures = self._invoice_orders(args["orders_stream_arn"])
            self.failures["invoices"] = failures.name
            self.outputs |= {
                "invoiceFailuresUrl": failures.url,
                "invoiceOrderLambda": self.functions["invoice_order"].name,
            }
        self.register_outputs({"ledger_table_name": self.ledger_table_name})

    def _write(self) -> list[Grant]:
        """The permissions for every change: to get and put an invoice and the chain's head, and to put an entry."""
        invoices, ledger, heads, _ = (table.arn for table in self._tables)
        return [
            {"actions": ["dynamodb:GetItem", "dynamodb:PutItem"], "resources": [invoices, heads]},
            {"actions": ["dynamodb:PutItem"], "resources": [ledger]},
        ]

    def _function_args(self) -> dict[str, FunctionArgs]:
        """The API's functions, each with its permissions."""
        invoices, ledger = self._tables.invoices.arn, self._tables.ledger.arn
        get: Grant = {"actions": ["dynamodb:GetItem"], "resources": [invoices]}
        find: Grant = {"actions": ["dynamodb:Query"], "resources": [_indexes(invoices)]}
        listing: Grant = {"actions": ["dynamodb:Query"], "resources": [invoices, _indexes(invoices)]}
        history: Grant = {"actions": ["dynamodb:Query"], "resources": [_indexes(invoices), _indexes(ledger)]}
        delete: Grant = {"actions": ["dynamodb:DeleteItem"], "resources": [invoices]}
        photo: Grant = {"actions": ["dynamodb:GetItem"], "resources": [self._args["photos_table_arn"]]}
        charge: Grant = {
            "actions": ["dynamodb:PutItem", "dynamodb:UpdateItem"],
            "resources": [self._tables.payments.arn],
        }
        sender = self._args["mail"]
        # The number of emails that a user has had sent today.
        counting: Grant = {"actions": ["dynamodb:UpdateItem"], "resources": [invoices]}
        mail: list[Grant] = [counting, sender.grant] if sender else []
        write = self._write()
        return {
            "create_invoice": self._function("Drafts an invoice", [*write, photo]),
            "get_invoices": self._function("Lists invoices", [listing]),
            "get_invoice": self._function("Returns one invoice", [get, find]),
            "update_invoice": self._function("Changes a draft", [*write, photo]),
            "send_invoice": self._function("Sends an invoice", [*write, *mail]),
            "delete_invoice": self._function("Withdraws an invoice", [*write, delete, charge]),
            "get_ledger": self._function("Lists an invoice's ledger entries", [get, history]),
            "get_payment": self._function("Shows an invoice to its payer", [get, find]),
            "pay_invoice": self._function("Takes the payment of an invoice", [*write, find, charge]),
        }

    def _function(self, description: str, grants: list[Grant], *, synchronous: bool = True) -> FunctionArgs:
        return {
            "description": description,
            "grants": grants,
            "synchronous": synchronous,
            "environment": {
                "INVOICES_TABLE": self._tables.invoices.name,
                "LEDGER_TABLE": self._tables.ledger.name,
                "LEDGER_HEADS_TABLE": self._tables.heads.name,
                "PAYMENTS_TABLE": self._tables.payments.name,
                # Set `declined` or `unavailable` to test failed payments.
                "PAYMENT_ANSWER": "approved",
                "PHOTOS_TABLE": self._args["photos_table_name"],
                "MAIL_FROM": sender.address if (sender := self._args["mail"]) else "",
                "PAY_URL": self._args["pay_url"],
                "PAY_PAGE": self._args["pay_page"],
            },
        }

    def _invoice_orders(self, stream_arn: pulumi.Input[str]) -> aws.sqs.Queue:
        """The second reader of the orders table's stream; a DynamoDB stream supports two."""
        failures = dead_letter_queue(f"{self._name}-order-failures", self._child)
        row = self._function(
            "Creates an invoice for a filled order",
            [
                *self._write(),
                {"actions": ["dynamodb:Query"], "resources": [_indexes(self._tables.ledger.arn)]},
                {"actions": ["dynamodb:DeleteItem"], "resources": [self._tables.invoices.arn]},
                *table_stream.read(stream_arn),
                {"actions": ["sqs:SendMessage"], "resources": [failures.arn]},
            ],
            synchronous=False,
        )
        self.functions |= make_functions(self._name, self._args["platform"], {"invoice_order": row}, self._child)
        table_stream.feed(
            f"{self._name}-invoice-order-source",
            self.functions["invoice_order"],
            stream_arn=stream_arn,
            patterns=[FILLED, TAKEN_BACK],
            failures_arn=failures.arn,
            opts=self._child,
            from_now_on=True,
        )
        return failures


def _indexes(table_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """A table's indexes, which have their own ARNs below the table's."""
    return pulumi.Output.concat(table_arn, "/index/*")
