import pytest

from lambdas import services
from lambdas.identity.sign_in import SignIn
from lambdas.messaging import Messenger
from lambdas.orders.access import Caller
from lambdas.orders.models import Item, NewOrder
from lambdas.orders.service import Orders
from tests.lambdas.builders import TABLE

ENVIRONMENT = {
    "ORDERS_TABLE": TABLE,
    "ORDER_RETENTION_DAYS": "3",
    "ORDERS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/orders",
    "USER_NOTIFICATION_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:notification",
    "USER_POOL_CLIENT_ID": "client",
}
SERVICES = [
    pytest.param(services.orders, Orders, ["ORDERS_TABLE", "ORDER_RETENTION_DAYS"], id="orders"),
    pytest.param(services.messenger, Messenger, ["ORDERS_QUEUE_URL", "USER_NOTIFICATION_TOPIC_ARN"], id="messenger"),
    pytest.param(services.sign_in, SignIn, ["USER_POOL_CLIENT_ID"], id="sign_in"),
]


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    caches = (services.orders, services.messenger, services.sign_in)
    for cached in caches:
        cached.cache_clear()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize(("service", "type", "variables"), SERVICES)
def test_a_service_is_made_once(service, type, variables):
    made = service()

    assert isinstance(made, type)
    assert service() is made


@pytest.mark.parametrize(("service", "type", "variables"), SERVICES)
def test_a_service_that_lacks_a_variable_says_which(monkeypatch, service, type, variables):
    for variable in variables:
        with monkeypatch.context() as without:
            without.delenv(variable)
            with pytest.raises(KeyError, match=variable):
                service()


def test_orders_are_kept_in_the_named_table_for_the_named_time(table):
    order, _ = services.orders().create(Caller("ann"), NewOrder(items=[Item("Espresso", 1)], id="7"))

    assert table.get("ann", "7") == order
    assert order.expire_on - order.created_at // 1000 == 3 * 24 * 60 * 60
