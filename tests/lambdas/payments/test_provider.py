import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from lambdas.payments.provider import Answer, PaymentProvider, ProviderUnavailable
from tests.lambdas.fakes import OneAtATime

TABLE = "payments"
KEY = "ann/7/request-1"


@pytest.fixture
def dynamodb(keyed_table):
    return OneAtATime(keyed_table(TABLE))


@pytest.fixture
def provider(dynamodb):
    return PaymentProvider(TABLE, client=dynamodb)


@pytest.fixture
def payments(dynamodb):
    """Read the status and amount of each payment."""

    def read():
        items = dynamodb.scan(TableName=TABLE)["Items"]
        return {item["id"]["S"]: (item["status"]["S"], int(item["amount"]["N"])) for item in items}

    return read


class TestCharge:
    def test_charges_the_amount(self, provider, payments):
        assert provider.charge(KEY, 220) is True
        assert payments() == {KEY: ("paid", 220)}

    def test_twice_charges_once(self, provider, payments):
        assert [provider.charge(KEY, 220) for _ in range(2)] == [True, True]
        assert payments() == {KEY: ("paid", 220)}

    def test_twice_with_different_amounts_charges_the_first(self, provider, payments):
        assert [provider.charge(KEY, amount) for amount in (220, 990)] == [True, True]
        assert payments() == {KEY: ("paid", 220)}

    def test_different_keys_are_different_payments(self, provider, payments):
        provider.charge(KEY, 220)
        provider.charge("bob/7/request-2", 340)

        assert payments() == {KEY: ("paid", 220), "bob/7/request-2": ("paid", 340)}

    def test_of_an_amount_of_0_is_paid(self, provider, payments):
        assert provider.charge(KEY, 0) is True
        assert payments() == {KEY: ("paid", 0)}

    def test_can_be_declined(self, dynamodb, payments):
        assert PaymentProvider(TABLE, Answer.DECLINED, dynamodb).charge(KEY, 220) is False
        assert payments() == {}

    def test_can_succeed_after_a_decline(self, dynamodb, provider, payments):
        PaymentProvider(TABLE, Answer.DECLINED, dynamodb).charge(KEY, 220)

        assert provider.charge(KEY, 220) is True
        assert payments() == {KEY: ("paid", 220)}

    def test_can_be_unavailable(self, dynamodb, payments):
        with pytest.raises(ProviderUnavailable):
            PaymentProvider(TABLE, Answer.UNAVAILABLE, dynamodb).charge(KEY, 220)

        assert payments() == {}


class TestRefund:
    def test_refunds_the_payment(self, provider, payments):
        provider.charge(KEY, 220)

        assert provider.refund(KEY) is True
        assert payments() == {KEY: ("refunded", 220)}

    def test_twice_refunds_once(self, provider, payments):
        provider.charge(KEY, 220)

        assert [provider.refund(KEY) for _ in range(3)] == [True, False, False]
        assert payments() == {KEY: ("refunded", 220)}

    def test_is_final(self, provider, payments):
        provider.charge(KEY, 220)
        provider.refund(KEY)

        assert provider.charge(KEY, 220) is False
        assert payments() == {KEY: ("refunded", 220)}

    def test_before_a_charge_voids_the_payment(self, provider, payments):
        assert [provider.refund(KEY) for _ in range(2)] == [False, False]
        assert provider.charge(KEY, 220) is False
        assert payments() == {KEY: ("void", 0)}

    def test_does_not_affect_other_payments(self, provider, payments):
        provider.charge(KEY, 220)
        provider.charge("bob/7/request-2", 340)

        provider.refund(KEY)

        assert payments()["bob/7/request-2"] == ("paid", 340)

    def test_is_possible_when_charging_is_unavailable(self, dynamodb, provider, payments):
        provider.charge(KEY, 220)

        assert PaymentProvider(TABLE, Answer.UNAVAILABLE, dynamodb).refund(KEY) is True
        assert payments() == {KEY: ("refunded", 220)}

    def test_a_missing_table_is_an_error(self, dynamodb):
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            PaymentProvider("no-such-table", client=dynamodb).refund(KEY)


class TestConcurrency:
    def test_many_charges_are_one_payment(self, provider, payments):
        with ThreadPoolExecutor(8) as pool:
            paid = list(pool.map(lambda _: provider.charge(KEY, 220), range(16)))

        assert paid == [True] * 16
        assert payments() == {KEY: ("paid", 220)}

    def test_many_refunds_refund_once(self, provider, payments):
        provider.charge(KEY, 220)

        with ThreadPoolExecutor(8) as pool:
            refunded = list(pool.map(lambda _: provider.refund(KEY), range(16)))

        assert refunded.count(True) == 1
        assert payments() == {KEY: ("refunded", 220)}

    @pytest.mark.parametrize("attempt", range(5))
    def test_after_a_refund_no_charge_succeeds(self, provider, payments, attempt):
        steps = [lambda: provider.charge(KEY, 220), lambda: provider.refund(KEY)]
        order = list(itertools.islice(itertools.cycle(steps if attempt % 2 else steps[::-1]), 16))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda step: step(), order))

        [(status, _)] = payments().values()
        assert status in ("refunded", "void")
        assert provider.charge(KEY, 220) is False
