/** All that is known of one record. */

import {button, change, clock, duration, h, pretty, read, say} from './lib.js';

const place = /** @type {HTMLElement} */ (document.querySelector('#details'));

/** The address that opens a record beside the view. @param {number} id */
export const recordAddress = (id) => `#/${viewAddress()}/${id}`;

/** The view and its argument, as in the address. */
const viewAddress = () => /** @type {HTMLElement} */ (document.querySelector('#view')).dataset.address ?? 'flow/';

/** Show a record, or close the panel. @param {string} id */
export const showDetails = async (id) => {
  const hadFocus = place.contains(document.activeElement);
  place.hidden = !id;
  if (!id || place.dataset.id === id) {
    if (!id) delete place.dataset.id;
    if (!id && hadFocus) /** @type {HTMLElement} */ (document.querySelector('#view')).focus({preventScroll: true});
    return;
  }
  place.dataset.id = id;
  place.replaceChildren(h('p', {class: 'loading'}, '…'));
  /** @type {HTMLElement[]} */
  let content;
  try {
    content = described(await read(`records/${id}`));
  } catch (error) {
    content = [closing(), h('p', {class: 'error'}, /** @type {Error} */ (error).message)];
  }
  if (place.dataset.id !== id) return; // another was chosen meanwhile
  place.replaceChildren(...content);
  place.focus({preventScroll: true});
};

const closing = () => {
  return h('a', {class: 'close', href: `#/${viewAddress()}`}, 'Close');
};

/** @param {any} record */
const described = (record) =>
  [
    closing(),
    h('h2', {}, record.title),
    h(
      'p',
      {class: record.is_ok ? 'note' : 'error'},
      [
        record.kind,
        record.status || '',
        clock(record.at),
        duration(record.ms),
        record.kind === 'invocation' && (record.is_cold ? 'cold start' : 'warm'),
      ]
        .filter(Boolean)
        .join(' · '),
    ),
    h('p', {class: 'note'}, [`record ${record.id}`, ...record.ids].join(' · ')),
    record.caller && h('p', {class: 'note'}, `by ${record.caller}`),
    record.error && h('p', {class: 'error'}, record.error),
    record.traceback && part('Traceback', record.traceback),
    ...record.verdicts.map(verdict),
    !record.verdicts.length && h('p', {class: 'note'}, record.target),
    part('Request', [record.headers, pretty(record.request)].filter(Boolean).join('\n\n')),
    part('Answer', [record.answer_headers, pretty(record.answer)].filter(Boolean).join('\n\n')),
    part('Log', record.log),
    links('Because of', record.causes),
    links('Within it', record.children),
    record.kind === 'invocation' && replaying(record),
  ].filter((each) => each);

/** @param {string} title @param {{id: number, kind: string, title: string}[]} records */
const links = (title, records) =>
  records.length > 0 &&
  h(
    'section',
    {},
    h('h3', {}, title),
    h(
      'ul',
      {},
      records.map((it) => h('li', {}, h('a', {href: recordAddress(it.id)}, `${it.kind}: ${it.title}`))),
    ),
  );

/** @param {string} title @param {string} text */
const part = (title, text) => text && h('section', {}, h('h3', {}, title), h('pre', {tabindex: '0'}, text));

/** @param {any} it */
const verdict = (it) =>
  h(
    'section',
    {class: it.is_allowed ? 'verdict' : 'verdict denied'},
    h('h3', {}, `${it.is_allowed ? 'Allowed' : 'Denied'}: ${it.action}`),
    h('p', {class: 'note'}, it.resource),
    h('p', {}, decided(it)),
    it.statement && h('pre', {tabindex: '0'}, JSON.stringify(statementOf(it.statement), null, 2)),
  );

/** @param {any} it */
const decided = (it) => {
  if (it.layer === 'root') return 'The root credentials may do everything.';
  if (it.layer === 'unconditional') return 'Nobody is denied this.';
  if (it.layer === 'credentials') return 'The credentials are not valid.';
  const whose = {
    identity: "the role's policy",
    boundary: 'the permissions boundary',
    resource: "the resource's policy",
    session: "the session's policy",
  };
  const name = whose[/** @type {keyof typeof whose} */ (it.layer)] ?? it.layer;
  return it.statement ? `By this statement of ${name}:` : `No statement of ${name} allows it. See Permissions.`;
};

/** A statement as in a policy. @param {any} it */
export const statementOf = (it) =>
  Object.fromEntries(
    [
      ['Sid', it.sid],
      ['Effect', it.effect],
      ['Action', it.actions],
      ['NotAction', it.not_actions],
      ['Resource', it.resources],
      ['NotResource', it.not_resources],
      ['Condition', it.conditions],
    ].filter(([, value]) => value && Object.keys(value).length),
  );

/** @param {any} record */
const replaying = (record) => {
  const result = h('pre', {tabindex: '0', hidden: true});
  const replay = button('Replay', async () => {
    const answer = await change('replay', {id: record.id});
    result.hidden = false;
    result.textContent = answer.error || answer.returned;
    say(answer.error ? `${record.title} failed` : `${record.title} returned`);
  });
  const edit = h('a', {href: `#/functions/${record.target}@${record.id}`}, 'Edit the event');
  return h(
    'section',
    {},
    h('h3', {}, 'Replay'),
    h('p', {class: 'note'}, 'Its event is sent again, without the secrets in it.'),
    h('p', {class: 'actions'}, replay, edit),
    result,
  );
};
