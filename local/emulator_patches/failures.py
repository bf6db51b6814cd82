"""Fixes the emulator: a function that fails answers as on AWS, and says why.

API Gateway answers a caller whose function failed, or returned no response, with its own response for `DEFAULT_5XX`
(API Gateway developer guide, "Gateway response types"); ministack 1.5.33 answers with the text of the exception. It
also drops the traceback of a module that cannot be imported.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ministack.core import lambda_runtime
from ministack.services import apigateway_v1

from ..functions import module_of

INIT_FAILED = """    except Exception as e:
        _real_stdout.write(json.dumps({"status": "error", "error": str(e)}) + "\\n")
"""
"""How the emulator's program for Python functions handles an exception of an import."""


class Failure(NamedTuple):
    """A failed call, or an exception that a function logged."""

    function: str
    """The handler's module."""
    request: str
    error: str
    traceback: str
    """Empty for a time-out, and for a process that ended."""


def explain_failures(report: Callable[[Failure], None]) -> None:
    """Patch the emulator in this process to answer as API Gateway does, and to report each failure. Call once."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    # Assert, so that another version of the emulator is noticed.
    assert INIT_FAILED in script
    with_traceback = INIT_FAILED.replace("str(e)}", 'str(e) + "\\n" + traceback.format_exc()}')
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(INIT_FAILED, with_traceback)
    _report_calls(report)
    _answer_as_the_gateway()


def _report_calls(report: Callable[[Failure], None]) -> None:
    call = lambda_runtime.Worker.invoke

    def invoke(worker: Any, event: Any, request_id: str, **options: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = call(worker, event, request_id, **options)
        except RuntimeError as failed:
            # The text of a failed import has its traceback on further lines.
            text, _, traceback = str(failed).partition("\n")
            answer = {"status": "error", "error": text, "trace": traceback}
            process, worker._proc = worker._proc, None
            process.kill()
        for error, traceback in found(answer):
            report(Failure(module_of(worker.config.get("Handler", "")), request_id, error, traceback))
        return answer

    lambda_runtime.Worker.invoke = invoke


def found(answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The errors of a call, with their tracebacks."""
    if answer.get("status") == "error":
        yield str(answer.get("error")), str(answer.get("trace") or "")
    for line in str(answer.get("log") or "").splitlines():
        if '"exception"' in line:
            try:
                logged = json.loads(line)
                yield str(logged["message"]), str(logged["exception"])
            except (ValueError, LookupError, TypeError):
                continue


class _NoResponse(Exception):
    """A function failed, or did not return a response."""


def _answer_as_the_gateway() -> None:
    interpret, answer = apigateway_v1._lambda_proxy_response, apigateway_v1._invoke_lambda_proxy_v1

    def interpreted(result: Any) -> Any:
        returned = result.get("body")
        if not result.get("throttle") and not (isinstance(returned, dict) and "statusCode" in returned):
            raise _NoResponse
        return interpret(result)

    async def answered(*arguments: Any, **options: Any) -> Any:
        try:
            return await answer(*arguments, **options)
        except _NoResponse:
            return apigateway_v1._gw_error("DEFAULT_5XX", "Internal server error")

    apigateway_v1._lambda_proxy_response = interpreted
    apigateway_v1._invoke_lambda_proxy_v1 = answered
