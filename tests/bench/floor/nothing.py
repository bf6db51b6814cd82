"""The least that a function can do."""


def handler(event, context):
    """201. The emulator waits for a line of a function's log, so there is one."""
    print("nothing")
    return {"statusCode": 201, "body": "{}"}
