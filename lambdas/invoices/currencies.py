"""Currency codes and their minor units."""

CODES = frozenset(
    # A list of strings would take a line per code.
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
    UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905
)
"""The active codes of ISO 4217 (SIX, "List one", as of January 2026: without the Bulgarian lev and the Netherlands
Antillean guilder), except metals, bond units, funds and test codes, in which no bill is paid."""

OTHER_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),  # noqa: SIM905
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),  # noqa: SIM905
}
"""The number of decimal digits of each currency that does not have two (the same list, "Minor unit")."""


def format_amount(amount: int, currency: str) -> str:
    """Format an amount of minor units for people: `12.50 EUR`, `1250 JPY`."""
    digits = OTHER_DIGITS.get(currency, 2)
    whole, part = divmod(amount, 10**digits)
    return f"{whole}.{part:0{digits}d} {currency}" if digits else f"{whole} {currency}"
