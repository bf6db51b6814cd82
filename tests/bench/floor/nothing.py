"""A function that does nothing."""


def handler(event, context):
    """Return 201. Prints a line because the emulator waits for a function's log."""
    print("nothing")
    return {"statusCode": 201, "body": "{}"}
