"""Saved queries of the functions' logs, for the console (CloudWatch Logs Insights)."""

from textwrap import dedent

QUERIES = {
    "by-correlation-id": """
        fields @timestamp, service, level, message, order, status, reason
        | filter correlation_id = "PUT THE ID HERE"
        | sort @timestamp asc
        | limit 1000
    """,
    "failures": """
        filter level = "ERROR" or @message like /Task timed out|Runtime exited|\\[ERROR\\] Runtime\\.|Status: error/
        | fields @timestamp, service, message, coalesce(reason, exception, @message) as why, record, correlation_id
        | sort @timestamp desc
        | limit 100
    """,
    "slow-requests": """
        filter message = "answered"
        | stats count(*) as requests, pct(duration_ms, 50) as p50_ms, pct(duration_ms, 95) as p95_ms,
            pct(duration_ms, 99) as p99_ms by service, bin(5m) as time
        | sort p99_ms desc
        | limit 100
    """,
    "refusals-and-errors": """
        filter message = "answered" and status >= 400
        | stats count(*) as answers by status, service
        | sort answers desc
    """,
    "orders-per-hour": """
        filter message = "created"
        | stats count_distinct(order) as orders by bin(1h) as time
        | sort time desc
    """,
    "orders-by-status": """
        filter message = "notified the customer"
        | stats count_distinct(order) as orders by status, bin(1h) as time
        | sort time desc
    """,
}
"""By title. `by-correlation-id` shows everything that one request caused, in any function. Its ID is API Gateway's
request ID: `requestId` in the access log, `x-amzn-RequestId` in the response. `orders-by-status` counts the orders that
reached a status, except the first one, which `orders-per-hour` counts."""


def query_text(title: str) -> str:
    """The query string without its indentation."""
    return dedent(QUERIES[title]).strip()
