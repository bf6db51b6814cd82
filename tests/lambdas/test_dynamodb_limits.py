import pytest

from tests.lambdas.dynamodb_limits import problems


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"UpdateExpression": "SET status = :new"}, "the reserved word STATUS"),
        ({"ConditionExpression": f"#it IN ({', '.join(f':{n}' for n in range(101))})"}, "an IN with 101 operands"),
        ({"ConditionExpression": " OR ".join(["#a = :a"] * 600)}, "bytes"),
        ({"ConditionExpression": " OR ".join(["#a=:b"] * 160)}, "operators"),
        ({"Item": {"id": {"S": "x" * 409_600}}}, "the item is too large"),
        ({"ExpressionAttributeNames": {"#" + "x" * 255: "y"}}, "a substitution of a name is too long"),
    ],
)
def test_a_request_that_dynamodb_refuses_is_found(request_, problem):
    assert problem in " ".join(problems(request_))


def test_a_usual_request_is_fine():
    request = {
        "UpdateExpression": "SET #status = :status, refused = :why ADD #ids :ids",
        "ConditionExpression": "attribute_not_exists(#ids) OR size(#ids) < :limit",
        "ExpressionAttributeNames": {"#status": "status"},
    }

    assert list(problems(request)) == []
