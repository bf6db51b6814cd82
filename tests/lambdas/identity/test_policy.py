import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lambdas.api.routes import ROUTES
from lambdas.identity.policy import policy
from lambdas.runtime.caller import DELETE_SCOPE, Caller
from tests.lambdas.builders import ANN, ANN_WITH_DELETE, DISPLAY, GUEST, SAM, SAM_WITH_DELETE

API = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5"
METHOD_ARN = f"{API}/dev/GET/orders"

WILD = st.text("abAB*?%/{}@+=,:.~ $\u00e9#04A5F", min_size=1, max_size=8)
NAMES = WILD | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128)
SCOPES = st.frozensets(st.sampled_from([DELETE_SCOPE, "openid", "email", "*", "staff"]))
CUSTOMERS = st.builds(Caller, NAMES, st.frozensets(st.sampled_from(["baristas", "*", "Staff"])), SCOPES)


def resources(caller, method_arn=METHOD_ARN):
    [statement] = policy(caller, method_arn)["policyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "execute-api:Invoke")
    return statement["Resource"]


def matches(resource, arn):
    """Match like IAM: `*` matches any characters, `?` matches any single character."""
    pattern = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in resource)
    return re.fullmatch(pattern, arn, re.DOTALL) is not None


def allows(caller, arn):
    return any(matches(resource, arn) for resource in resources(caller))


def arn_of(route, customer="", api=API, stage="dev"):
    path = route.path.replace("{customer}", customer).replace("{id}", "order-1").replace("{name}", "Tea")
    return f"{api}/{stage}/{route.method}{path}"


def is_open_to(route, caller):
    return {
        "anyone": False,
        "signed-in": not caller.is_display,
        "account": caller not in (GUEST, DISPLAY),
        "delete-scope": DELETE_SCOPE in caller.scopes,
        "staff": caller.is_staff,
        "display": caller.is_staff or caller == DISPLAY,
    }[route.access]


@pytest.mark.parametrize("caller", [ANN, ANN_WITH_DELETE, SAM, SAM_WITH_DELETE, GUEST, DISPLAY], ids=str)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_policy_allows_the_private_routes_that_the_token_can_call(caller, route):
    assert allows(caller, arn_of(route, caller.name)) is is_open_to(route, caller)


@pytest.mark.parametrize("requested", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_policy_does_not_depend_on_the_requested_route(requested):
    assert policy(ANN, arn_of(requested, "bob")) == policy(ANN, METHOD_ARN)


@given(caller=CUSTOMERS)
def test_customers_can_access_their_orders_with_either_encoding(caller):
    for route in ROUTES:
        assert allows(caller, arn_of(route, quote(caller.name, safe=""))) is is_open_to(route, caller)
        assert allows(caller, arn_of(route, quote(caller.name, safe="@+=,"))) is is_open_to(route, caller)


@given(caller=CUSTOMERS, other=NAMES)
@example(caller=Caller("*"), other="bob")
@example(caller=Caller("b?b"), other="bob")
@example(caller=Caller("bo*"), other="bob")
@example(caller=Caller("ann"), other="ann2")
@example(caller=Caller("ann"), other="Ann")
@example(caller=Caller("{id}"), other="bob")
@example(caller=Caller("%2A"), other="*")
@example(caller=Caller("ann/*"), other="ann")
@example(caller=Caller(".."), other=".")
def test_no_name_allows_another_customers_orders(caller, other):
    assume(caller.name != other)
    # A name with a slash is a single path segment only if it is encoded.
    forms = {quote(other, safe=""), quote(other, safe="@+=,"), *([] if "/" in other else [other])}

    for route in ROUTES:
        if "{customer}" not in route.path:
            continue
        # `%41` decodes to `A`: skip forms that decode to the caller's own name.
        assert not any(allows(caller, arn_of(route, form)) for form in forms if unquote(form) != caller.name)


@given(caller=CUSTOMERS | st.builds(Caller, NAMES, st.just(frozenset({"staff"})), SCOPES))
def test_no_policy_allows_another_stage(caller):
    for resource in resources(caller):
        assert resource.startswith(f"{API}/dev/")
        method, _, path = resource.removeprefix(f"{API}/dev/").partition("/")
        assert method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
        assert path.split("/")[0] in {route.path.split("/")[1] for route in ROUTES if route.access != "anyone"}
    for route in ROUTES:
        assert not allows(caller, arn_of(route, caller.name, stage="prod"))
        assert not allows(caller, arn_of(route, caller.name, api=API.replace("a1b2", "z9y8")))
        assert not allows(caller, arn_of(route, caller.name, api=API.replace("123456789012", "210987654321")))


@given(customer=NAMES)
def test_staff_can_access_all_orders(customer):
    for route in ROUTES:
        form = arn_of(route, quote(customer, safe=""))
        assert allows(SAM, form) is is_open_to(route, SAM)
        assert allows(SAM_WITH_DELETE, form) is is_open_to(route, SAM_WITH_DELETE)


@given(caller=CUSTOMERS)
def test_unknown_routes_are_not_allowed(caller):
    own = quote(caller.name, safe="")
    for method, path in [
        ("HEAD", "/orders/queued"),
        ("DELETE", "/orders"),
        ("GET", "/orders/queued"),
        ("POST", f"/orders/{own}/7"),
        ("POST", "/authenticate"),
        ("GET", "/"),
        ("GET", "/admin"),
    ]:
        assert not allows(caller, f"{API}/dev/{method}{path}"), (method, path)


@given(caller=CUSTOMERS)
def test_a_policy_fits_the_gateways_limits(caller):
    answer = policy(caller, METHOD_ARN)

    assert len(str(answer["policyDocument"]).encode()) < 64 * 1024
    assert len(set(resources(caller))) == len(resources(caller))
    assert all(isinstance(value, str) for value in answer["context"].values())


def test_the_context_identifies_the_caller():
    caller = Caller("ann@example.com", frozenset({"staff", "baristas"}), frozenset({"openid", DELETE_SCOPE}))

    answer = policy(caller, METHOD_ARN)

    assert answer["principalId"] == "ann@example.com"
    assert answer["context"] == {
        "customer": "ann@example.com",
        "groups": "baristas staff",
        "scopes": f"openid {DELETE_SCOPE}",
    }


def test_the_context_without_groups_and_scopes():
    assert policy(ANN, METHOD_ARN)["context"] == {"customer": "ann", "groups": "", "scopes": ""}


@pytest.mark.parametrize(
    "arn",
    [
        f"{API}/dev/GET/",
        f"{API}/test-invoke-stage/GET/orders",
        "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:a1b2c3d4e5/dev/GET/orders",
        f"{API}/dev/GET/orders/a%20b/7?x=*\n",
    ],
)
def test_any_method_arn_is_accepted(arn):
    stage = "/".join(arn.split("/")[:2])

    assert f"{stage}/GET/orders" in resources(ANN, arn)


@pytest.mark.parametrize(
    "arn",
    [
        pytest.param("", id="empty"),
        pytest.param("*", id="wildcard"),
        pytest.param("arn:aws:execute-api:*:*:*/*/*/*", id="wildcards"),
        pytest.param(f"{API}/*/GET/orders", id="any stage"),
        pytest.param(f"{API}/dev", id="no method"),
        pytest.param("arn:aws:execute-api:eu-central-1:123456789012:*/dev/GET/orders", id="any API"),
        pytest.param("arn:aws:lambda:eu-central-1:123456789012:function:x", id="another service"),
        pytest.param(f" {METHOD_ARN}", id="leading space"),
    ],
)
def test_an_invalid_method_arn_is_an_error(arn):
    with pytest.raises(ValueError, match="not a method ARN"):
        policy(ANN, arn)


@pytest.mark.parametrize("caller", [ANN, SAM])
def test_a_trailing_slash_reaches_the_function_that_refuses_it(caller):
    for route in ROUTES:
        if route.access == "signed-in" and route.function:
            assert allows(caller, f"{arn_of(route, caller.name)}/")
    assert not allows(ANN, f"{API}/dev/POST/orders/queued/")
