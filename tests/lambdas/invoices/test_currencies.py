import pytest

from lambdas.invoices.currencies import CODES, OTHER_DIGITS, format_amount


@pytest.mark.parametrize("code", ["EUR", "USD", "GBP", "CHF", "JPY", "KWD", "XCG", "ZWG", "SLE", "VED", "XAF", "XOF"])
def test_active_currencies_are_supported(code):
    assert code in CODES


@pytest.mark.parametrize(
    "code", ["", "eur", "EURO", "DEM", "HRK", "BGN", "ANG", "ZWL", "SLL", "XXX", "XTS", "XAU", "XDR", "CLF", "CHE"]
)
def test_other_currencies_are_not_supported(code):
    assert code not in CODES


def test_every_code_has_three_capital_letters():
    assert len(CODES) == 155
    assert {
        code for code in CODES if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper())
    } == set()
    assert OTHER_DIGITS.keys() <= CODES


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1, "EUR", "0.01 EUR"),
        (1250, "EUR", "12.50 EUR"),
        (10**12, "USD", "10000000000.00 USD"),
        (1250, "JPY", "1250 JPY"),
        (1250, "KWD", "1.250 KWD"),
    ],
)
def test_an_amount_is_written_with_its_currencys_digits(amount, currency, text):
    assert format_amount(amount, currency) == text
