// Currencies with other than two decimal digits (ISO 4217). `Intl` uses the digits of shop prices instead, which would
// show 1250 hundredths of an Afghani as 1250 Afghani.
const NO_DIGITS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ');
const THREE_DIGITS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');

/**
 * Formats an amount for a locale.
 * @param {number} amount in minor units of the currency, as in the API
 * @param {string} currency ISO 4217
 * @param {string} locale
 */
export function money(amount, currency, locale) {
  const digits = NO_DIGITS.includes(currency) ? 0 : THREE_DIGITS.includes(currency) ? 3 : 2;
  return new Intl.NumberFormat(locale, {
    style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}
