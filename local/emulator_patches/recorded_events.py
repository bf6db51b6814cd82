"""Records what happens in the emulator without a request: invocations, messages, changes, tasks, live events, mail."""

import json
import time
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import (
    appsync_events,
    dynamodb,
    eventbridge,
    lambda_svc,
    s3,
    ses,
    ses_v2,
    sns,
    sqs,
    stepfunctions,
)

from ..recorder.raw import PAYLOAD_BYTES, Kind, Payload, Raw, payload
from .failures import found
from .recorder import Recorder, as_json, new_trace


def record_events(recorder: Recorder) -> None:
    """Patch the emulator in this process to record them. Call once, after the patches that change what it does."""
    _record_invocations(recorder)
    _record_messages(recorder)
    _record_changes(recorder)
    _record_tasks(recorder)
    _record_publishing(recorder)
    _record_mail(recorder)


def _record_invocations(recorder: Recorder) -> None:
    call = lambda_runtime.Worker.invoke

    def invoke(worker: Any, event: Any, request_id: str, *, trace_id: str | None = None, **options: Any) -> Any:
        with recorder.open() as opened:
            # On AWS, every invocation has one.
            opened.passed = trace_id or new_trace()
            is_cold = worker._proc is None
            answer: dict[str, Any] = {}
            try:
                answer = call(worker, event, request_id, trace_id=opened.passed, **options)
            finally:
                recorder.add(_invocation(worker, event, request_id, answer, is_cold, opened))
        return answer

    lambda_runtime.Worker.invoke = invoke


def _invocation(worker: Any, event: Any, request_id: str, answer: dict[str, Any], is_cold: bool, opened: Any) -> Raw:
    log = str(answer.get("log") or "")
    error, traceback = next(found(answer), ("", ""))
    return Raw(
        id=opened.id,
        kind=Kind.INVOCATION,
        at=opened.at,
        seconds=opened.seconds(),
        parent=opened.parent,
        name=str(worker.config.get("Handler", "")),
        request=payload(as_json(event)),
        answer=payload(as_json(answer.get("result"))) if answer.get("status") == "ok" else Payload(),
        passed=opened.passed,
        ids=[request_id],
        log=log[:PAYLOAD_BYTES],
        error=error or ("" if answer else "the emulator failed"),
        traceback=traceback,
        is_cold=is_cold,
    )


def _record_messages(recorder: Recorder) -> None:
    send = sqs._act_send_message

    def sent(data: dict[str, Any], url: str) -> Any:
        answer = send(data, url)
        queue = sqs._get_q(data.get("QueueUrl", url), "sqs:SendMessage")
        recorder.note(Kind.MESSAGE, _arn(queue), data.get("MessageBody", ""), answer["MessageId"])
        return answer

    sqs._act_send_message = sqs._HANDLERS["SendMessage"] = sent
    # Others put messages into queues by themselves.
    _record_arrivals(recorder, sns, "_deliver_to_sqs", lambda endpoint, *_, **__: endpoint)
    _record_arrivals(recorder, eventbridge, "_dispatch_to_sqs", lambda spec, *_: str(spec))
    _record_arrivals(recorder, s3, "_deliver_event_to_sqs", lambda arn, *_, **__: arn)
    _record_arrivals(recorder, sqs, "_dlq_sweep", lambda queue: _dead_letters_of(queue))
    _record_arrivals(recorder, lambda_svc, "_route_async_failure", lambda target, *_: target)
    _record_arrivals(recorder, lambda_svc, "_send_ddb_stream_failure_record", _failures_of)


def _record_arrivals(recorder: Recorder, module: Any, name: str, arn_of: Callable[..., str]) -> None:
    """Record the messages that a function of the emulator appends to the queue that its arguments name."""
    deliver = getattr(module, name)

    def delivered(*arguments: Any, **options: Any) -> Any:
        queue = sqs._queue_by_arn(arn_of(*arguments, **options))
        last, began = (queue["messages"][-1:] if queue else []), time.time()
        answer = deliver(*arguments, **options)
        for message in reversed(queue["messages"] if queue else []):
            if message in last or message.get("visible_at", began) < began:
                break
            recorder.note(Kind.MESSAGE, _arn(queue), message["body"], message["id"])
        return answer

    setattr(module, name, delivered)


def _arn(queue: Any) -> str:
    return str(queue["attributes"]["QueueArn"])


def _dead_letters_of(queue: Any) -> str:
    policy = queue["attributes"].get("RedrivePolicy")
    return str(json.loads(policy).get("deadLetterTargetArn", "")) if policy else ""


def _failures_of(mapping: Any, *_: Any) -> str:
    return str(((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination", ""))


def _record_changes(recorder: Recorder) -> None:
    build = dynamodb._build_change_record

    def built(table: Any, *arguments: Any) -> Any:
        record = build(table, *arguments)
        recorder.note(Kind.STREAM, table["TableArn"], record, record["eventID"])
        return record

    dynamodb._build_change_record = built


def _record_tasks(recorder: Recorder) -> None:
    execute = stepfunctions._execute_task

    def executed(state: Any, given: Any, execution: Any, context: Any) -> Any:
        with recorder.open() as opened:
            answer, error = None, ""
            try:
                answer = execute(state, given, execution, context)
            except Exception as failed:
                error = f"{type(failed).__name__}: {failed}"
                raise
            finally:
                recorder.add(
                    Raw(
                        id=opened.id,
                        kind=Kind.TASK,
                        at=opened.at,
                        seconds=opened.seconds(),
                        parent=opened.parent,
                        name=str(context.get("StateMachine", {}).get("Id", "")),
                        method=str(context.get("State", {}).get("Name", "")),
                        request=payload(as_json(given)),
                        answer=payload(as_json(answer)),
                        error=error,
                    )
                )
        return answer

    stepfunctions._execute_task = executed


def _record_publishing(recorder: Recorder) -> None:
    publish, fan_out = sns._fanout, appsync_events._fanout_publish

    def published(topic_arn: str, message_id: str, message: str, *arguments: Any, **options: Any) -> Any:
        recorder.note(Kind.TOPIC, topic_arn, message, message_id)
        return publish(topic_arn, message_id, message, *arguments, **options)

    async def fanned_out(api_id: str, channel: str, events: list[Any]) -> Any:
        for event in events:
            recorder.note(Kind.LIVE, channel, event)
        return await fan_out(api_id, channel, events)

    sns._fanout = published
    appsync_events._fanout_publish = fanned_out


class Mailbox(list[Any]):
    """The sent mails of an account."""

    recorder: Recorder

    def append(self, mail: Any) -> None:
        """Add a mail, and record it."""
        super().append(mail)
        content = {"from": mail["Source"], "to": mail["To"], "subject": mail["Subject"], "text": mail["BodyText"]}
        self.recorder.note(Kind.MAIL, mail["Subject"], content, mail["MessageId"])


def _record_mail(recorder: Recorder) -> None:
    sent = ses._sent_emails_list
    Mailbox.recorder = recorder

    def mailbox() -> Mailbox:
        mails = sent()
        if not isinstance(mails, Mailbox):
            mails = ses._sent_emails["entries"] = Mailbox(mails)
        return mails

    ses._sent_emails_list = ses_v2._sent_emails_list = mailbox
