// How many digits follow the point, where it is not two (ISO 4217). `Intl` has a list of its own, of how prices are
// written in shops: by that one, 1250 hundredths of an Afghani would be shown as 1250 Afghani.
const NO_DIGITS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ');
const THREE_DIGITS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');

/**
 * An amount as people of a language write it.
 * @param {number} amount in minor units of the currency, as the API has it
 * @param {string} currency ISO 4217
 * @param {string} locale
 */
export function money(amount, currency, locale) {
  const digits = NO_DIGITS.includes(currency) ? 0 : THREE_DIGITS.includes(currency) ? 3 : 2;
  return new Intl.NumberFormat(locale, {
    style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}
