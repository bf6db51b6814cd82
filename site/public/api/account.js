/** A user's account in Cognito: signing up, and a forgotten password. Both need a code that Cognito mails. */
import {Failure, getSettings, reach} from './http.js';

/** @param {{username: string, password: string}} user `username` is the email address */
export const signUp = ({username, password}) =>
  cognito('SignUp', {Username: username, Password: password, UserAttributes: [{Name: 'email', Value: username}]});

/** @param {{username: string, code: string}} confirmation */
export const confirm = ({username, code}) => cognito('ConfirmSignUp', {Username: username, ConfirmationCode: code});

/** @param {{username: string}} user whose address is not confirmed */
export const resend = ({username}) => cognito('ResendConfirmationCode', {Username: username});

/** @param {{username: string}} user */
export const forget = ({username}) => cognito('ForgotPassword', {Username: username});

/** @param {{username: string, code: string, newPassword: string}} change */
export const reset = ({username, code, newPassword}) =>
  cognito('ConfirmForgotPassword', {Username: username, ConfirmationCode: code, Password: newPassword});

/**
 * Calls a public operation of Cognito.
 * @param {string} operation
 * @param {object} input
 * @throws {Failure} with Cognito's name of the error as `code`
 */
export async function cognito(operation, input) {
  const {clientId, cognitoUrl} = (await getSettings()).auth;
  const response = await reach(cognitoUrl, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify({ClientId: clientId, ...input}),
    keepalive: true,
  });
  if (response.ok) return;
  const {__type = ''} = await response.json().catch(() => ({}));
  throw new Failure({status: response.status, code: __type.split('#').at(-1)});
}
