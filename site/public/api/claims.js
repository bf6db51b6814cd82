/**
 * Returns the claims of a token. The API verifies the signature; nothing here relies on it.
 * @param {string} token
 * @returns {Record<string, any>}
 */
export function claims(token) {
  const bytes = Uint8Array.from(atob(token.split('.')[1].replace(/[-_]/g, (c) => (c === '-' ? '+' : '/'))), (c) =>
    c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
