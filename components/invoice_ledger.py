"""Invoices: the functions that make, send, pay and withdraw them, and the ledger that they can only add to."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import table_stream
from components.durable_queue import dead_letter_queue
from components.iam import Grant
from components.invoice_tables import invoice_tables
from components.python_function import FunctionPlatform, PythonFunction

FILLED = '{"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"status": {"S": ["filled"]}}}}'
"""The records of the orders' stream that make an invoice: samples that are written as filled are none."""

DESCRIPTIONS = {
    "create_invoice": "Drafts an invoice",
    "get_invoices": "Lists invoices",
    "get_invoice": "Answers one invoice",
    "update_invoice": "Changes a draft",
    "send_invoice": "Asks for the money",
    "delete_invoice": "Withdraws an invoice",
    "get_ledger": "Answers what became of an invoice",
    "get_payment": "Shows an invoice to its payer",
    "pay_invoice": "Takes the money for an invoice",
}
"""Each function of the API, by its module: what it is for."""


class InvoiceLedgerArgs(TypedDict):
    """Inputs of `InvoiceLedger`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    boundary_arn: pulumi.Input[str]
    """The permissions boundary of every role."""

    photos_table_name: pulumi.Input[str]
    """The photos that can be attached."""

    photos_table_arn: pulumi.Input[str]

    pay_url: pulumi.Input[str]
    """What a payer's link begins with."""

    pay_page: pulumi.Input[str]
    """The site's page for payers, where that link leads a browser."""

    mail_from: str
    """The address that payers get mail from, to be verified with SES: AWS sends it a link first. `""`: no mail."""

    mail_resource: pulumi.Input[str]
    """The ARN of that address as an identity of SES."""

    orders_table_arn: pulumi.Input[str]
    """The orders table."""

    orders_stream_arn: NotRequired[pulumi.Input[str]]
    """Its stream: every order that is filled becomes an invoice. Default: none does."""

    protect: bool
    """Whether the tables are kept from being deleted."""


class InvoiceLedger(pulumi.ComponentResource):
    """Tables and functions. No role may update or remove an entry of the ledger: they put entries, and nothing else."""

    functions: dict[str, PythonFunction]
    """All functions, by module."""
    invoices_table_name: pulumi.Output[str]
    ledger_table_name: pulumi.Output[str]
    heads_table_name: pulumi.Output[str]
    """The ends of the ledger's chains."""
    order_failures: aws.sqs.Queue | None
    """The positions of stream records that no invoice could be made of, where orders become invoices."""

    def __init__(self, name: str, args: InvoiceLedgerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:InvoiceLedger", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        self._tables = invoice_tables(name, args["protect"], self)
        self.invoices_table_name = self._tables.invoices.name
        self.ledger_table_name = self._tables.ledger.name
        self.heads_table_name = self._tables.heads.name
        if args["mail_from"]:
            aws.sesv2.EmailIdentity(f"{name}-mail", email_identity=args["mail_from"], opts=self._child)
        grants = self._grants()
        self.functions = {
            module: self._function(module, description, grants[module]) for module, description in DESCRIPTIONS.items()
        }
        self.order_failures = self._invoice_orders(args["orders_stream_arn"]) if "orders_stream_arn" in args else None
        self.register_outputs({"ledger_table_name": self.ledger_table_name})

    def _write(self) -> list[Grant]:
        """What every change takes: to read an invoice and the chain's end, and to put both and an entry anew."""
        invoices, ledger, heads, _ = (table.arn for table in self._tables)
        return [
            {"actions": ["dynamodb:GetItem", "dynamodb:PutItem"], "resources": [invoices, heads]},
            {"actions": ["dynamodb:PutItem"], "resources": [ledger]},
        ]

    def _grants(self) -> dict[str, list[Grant]]:
        """What each function of the API may do, by its module."""
        invoices, ledger = self._tables.invoices.arn, self._tables.ledger.arn
        get: Grant = {"actions": ["dynamodb:GetItem"], "resources": [invoices]}
        find: Grant = {"actions": ["dynamodb:Query"], "resources": [_indexes(invoices)]}
        look_for_photo: Grant = {"actions": ["dynamodb:GetItem"], "resources": [self._args["photos_table_arn"]]}
        charge: Grant = {
            "actions": ["dynamodb:PutItem", "dynamodb:UpdateItem"],
            "resources": [self._tables.charges.arn],
        }
        mail: Grant = {"actions": ["ses:SendEmail"], "resources": [self._args["mail_resource"]]}
        return {
            "create_invoice": [*self._write(), look_for_photo],
            "get_invoices": [{"actions": ["dynamodb:Query"], "resources": [invoices, _indexes(invoices)]}],
            "get_invoice": [get, find],
            "update_invoice": [*self._write(), look_for_photo],
            "send_invoice": [*self._write(), *([mail] if self._args["mail_from"] else [])],
            "delete_invoice": [
                *self._write(),
                {"actions": ["dynamodb:DeleteItem"], "resources": [invoices]},
                charge,
            ],
            "get_ledger": [
                get,
                {"actions": ["dynamodb:Query"], "resources": [_indexes(invoices), _indexes(ledger)]},
            ],
            "get_payment": [get, find],
            "pay_invoice": [*self._write(), find, charge],
        }

    def _function(self, module: str, description: str, grants: list[Grant]) -> PythonFunction:
        return PythonFunction(
            f"{self._name}-{module.replace('_', '-')}",
            {
                "platform": self._args["platform"],
                "boundary_arn": self._args["boundary_arn"],
                "module": f"lambdas.{module}",
                "description": description,
                "environment": {
                    "INVOICES_TABLE": self._tables.invoices.name,
                    "LEDGER_TABLE": self._tables.ledger.name,
                    "LEDGER_HEADS_TABLE": self._tables.heads.name,
                    "PAYMENTS_TABLE": self._tables.charges.name,
                    # `declined` and `unavailable` show what becomes of an invoice then.
                    "PAYMENT_ANSWER": "approved",
                    "PHOTOS_TABLE": self._args["photos_table_name"],
                    "MAIL_FROM": self._args["mail_from"],
                    "PAY_URL": self._args["pay_url"],
                    "PAY_PAGE": self._args["pay_page"],
                },
                "grants": grants,
            },
            self._child,
        )

    def _invoice_orders(self, stream_arn: pulumi.Input[str]) -> aws.sqs.Queue:
        """The second reader of the orders' stream; a stream of DynamoDB takes two."""
        failures = dead_letter_queue(f"{self._name}-order-failures", self._child)
        function = self._function(
            "invoice_order",
            "Makes an invoice of an order that is filled",
            [
                *self._write(),
                {"actions": ["dynamodb:Query"], "resources": [_indexes(self._tables.ledger.arn)]},
                *table_stream.read(self._args["orders_table_arn"], stream_arn),
                {"actions": ["sqs:SendMessage"], "resources": [failures.arn]},
            ],
        )
        self.functions["invoice_order"] = function
        table_stream.feed(
            f"{self._name}-invoice-order-source",
            function,
            stream_arn=stream_arn,
            pattern=FILLED,
            failures_arn=failures.arn,
            opts=self._child,
        )
        return failures


def _indexes(table_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """A table's indexes, which have ARNs of their own below the table's."""
    return pulumi.Output.concat(table_arn, "/index/*")
