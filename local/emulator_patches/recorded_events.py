"""Records what happens in the emulator without a request: invocations, messages, changes, tasks, live events, mail."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import takewhile
from threading import RLock
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

from ..recorder.raw import MADE, PAYLOAD_BYTES, Kind, Payload, Raw, payload
from .failures import found
from .recorder import Open, Recorder, as_json, new_trace

MOST_CONSUMED = 20
"""How many of a queue's last messages can be consumed while another arrives."""


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
            opened.passed = f"{trace_id};{MADE}" if trace_id else new_trace()
            is_cold = worker._proc is None
            answer: dict[str, Any] = {}
            try:
                answer = call(worker, event, request_id, trace_id=opened.passed, **options)
            finally:
                recorder.add(_invocation, worker, event, request_id, answer, is_cold, opened)
        return answer

    lambda_runtime.Worker.invoke = invoke


def _invocation(worker: Any, event: Any, request_id: str, answer: dict[str, Any], is_cold: bool, opened: Open) -> Raw:
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
        received=[*_received(event)],
        log=log if len(log) <= PAYLOAD_BYTES else f"{log[:PAYLOAD_BYTES]}\n[cut: {len(log) - PAYLOAD_BYTES:,} more]",
        error=error or ("" if answer else "the emulator failed"),
        traceback=traceback,
        is_cold=bool(answer.get("cold_start", is_cold)),
    )


def _received(event: Any) -> Iterator[str]:
    """The IDs of the messages and changes in an event."""
    records = event.get("Records") if isinstance(event, dict) else None
    for record in records if isinstance(records, list) else ():
        if isinstance(record, dict):
            of_topic = record.get("Sns")
            id_ = record.get("messageId") or record.get("eventID") or (of_topic or {}).get("MessageId")
            if isinstance(id_, str):
                yield id_


def _record_messages(recorder: Recorder) -> None:
    send, lock = sqs._act_send_message, RLock()

    def sent(data: dict[str, Any], url: str) -> Any:
        moment = recorder.moment()  # a function can get it before this one goes on
        with lock:
            answer = send(data, url)
            with suppress(sqs._Err):  # it was deleted meanwhile
                arn = _arn(sqs._get_q(data.get("QueueUrl", url)))
                recorder.note(Kind.MESSAGE, arn, data.get("MessageBody", ""), answer["MessageId"], moment=moment)
        return answer

    sqs._act_send_message = sqs._HANDLERS["SendMessage"] = sent
    # Others put messages into queues by themselves.
    arrivals = partial(_record_arrivals, recorder, lock)
    arrivals(sns, "_deliver_to_sqs", lambda endpoint, *_, **__: endpoint)
    arrivals(eventbridge, "_dispatch_to_sqs", lambda spec, *_: str(spec))
    arrivals(s3, "_deliver_event_to_sqs", lambda arn, *_, **__: arn)
    arrivals(sqs, "_dlq_sweep", _dead_letters_of)
    arrivals(lambda_svc, "_route_async_failure", lambda target, *_: target)
    arrivals(lambda_svc, "_send_ddb_stream_failure_record", _failures_of, _batch_of)


def _record_arrivals(
    recorder: Recorder,
    lock: RLock,
    module: Any,
    name: str,
    arn_of: Callable[..., str],
    about: Callable[..., list[str]] = lambda *_, **__: [],
) -> None:
    """Record the messages that a function of the emulator appends to the queue that its arguments name. The lock keeps
    others from appending meanwhile. `about` tells the IDs of the changes that a message is about."""
    deliver = getattr(module, name)

    def delivered(*arguments: Any, **options: Any) -> Any:
        queue, moment = sqs._queue_by_arn(arn_of(*arguments, **options)), recorder.moment()
        with lock:
            before = queue["messages"][-MOST_CONSUMED:] if queue else []
            answer = deliver(*arguments, **options)
            after = queue["messages"][::-1] if queue else []
        arrived = [*takewhile(lambda message: not any(message is it for it in before), after)]
        for message in reversed(arrived):
            received = about(*arguments, **options)
            recorder.note(Kind.MESSAGE, _arn(queue), message["body"], message["id"], received=received, moment=moment)
            moment = recorder.moment()
        return answer

    setattr(module, name, delivered)


def _arn(queue: Any) -> str:
    return str(queue["attributes"]["QueueArn"])


def _dead_letters_of(queue: Any) -> str:
    with suppress(ValueError, TypeError, AttributeError):
        return str(json.loads(queue["attributes"].get("RedrivePolicy")).get("deadLetterTargetArn", ""))
    return ""


def _failures_of(mapping: Any, *_: Any) -> str:
    return str(((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination", ""))


def _batch_of(_: Any, __: Any, batch: Any, *___: Any) -> list[str]:
    return [str(change["eventID"]) for change in batch]


def _record_changes(recorder: Recorder) -> None:
    build = dynamodb._build_change_record

    def built(table: Any, *arguments: Any) -> Any:
        record = build(table, *arguments)
        recorder.note(Kind.STREAM, table["TableArn"], record, record["eventID"])
        return record

    dynamodb._build_change_record = built


def _record_tasks(recorder: Recorder) -> None:
    """Record each attempt of a workflow's task: what is called, with which input."""
    for name in ("_invoke_resource", "_invoke_with_callback"):
        _record_attempts(recorder, name)


def _record_attempts(recorder: Recorder, name: str) -> None:
    invoke = getattr(stepfunctions, name)

    def invoked(resource: str, given: Any, *arguments: Any) -> Any:
        with recorder.open() as opened:
            answer, error = None, ""
            try:
                answer = invoke(resource, given, *arguments)
            except Exception as failed:
                error = f"{type(failed).__name__}: {failed}"
                raise
            finally:
                recorder.add(_task, resource, given, answer, error, opened)
        return answer

    setattr(stepfunctions, name, invoked)


def _task(resource: str, given: Any, answer: Any, error: str, opened: Open) -> Raw:
    return Raw(
        id=opened.id,
        kind=Kind.TASK,
        at=opened.at,
        seconds=opened.seconds(),
        parent=opened.parent,
        name=resource,
        request=payload(as_json(given)),
        answer=payload(as_json(answer)),
        error=error,
    )


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
        with suppress(Exception):
            self._note(mail)

    def _note(self, mail: Any) -> None:
        subject, texts = (mail.get("RenderedSubject") or mail.get("Subject") or ""), ("BodyText", "BodyHtml")
        text = next((mail[it] for name in texts for it in (f"Rendered{name}", name) if mail.get(it)), "")
        content = {"from": mail.get("Source"), "to": mail.get("To"), "subject": subject, "text": text}
        self.recorder.note(Kind.MAIL, str(subject), content, str(mail.get("MessageId")))


def _record_mail(recorder: Recorder) -> None:
    sent = ses._sent_emails_list
    Mailbox.recorder = recorder

    def mailbox() -> Mailbox:
        mails = sent()
        if not isinstance(mails, Mailbox):
            mails = ses._sent_emails["entries"] = Mailbox(mails)
        return mails

    ses._sent_emails_list = ses_v2._sent_emails_list = mailbox
