/** Flow: the architecture, with events moving through it. */

import {recordAddress} from './details.js';
import {clock, duration, h, read, svg} from './lib.js';

/** @typedef {{id: number, kind: string, title: string, at: number, ms: number, is_ok: boolean, source: string, target: string}} Move */
/** @typedef {{id: string, label: string, kind: string, rank: number}} Box */

const WIDTH = 168;
const HEIGHT = 24;
const GAP_X = 44;
const GAP_Y = 7;
const MARGIN = 12;

/** How long an event takes from node to node on the page, and how many are shown at once. */
const MOVE_MS = 700;
const MOST_MOVING = 60;

/** How many events are listed. */
const LISTED = 40;

/** How many events are remembered, since one can come again. */
const MOST_SEEN = 2000;

export class Flow {
  constructor() {
    /** @type {Map<string, {x: number, y: number, group: SVGElement, count: SVGElement}>} */
    this.places = new Map();
    /** @type {Map<string, SVGPathElement>} */
    this.paths = new Map();
    this.canvas = svg('svg', {role: 'group', 'aria-label': 'Architecture'});
    this.moving = svg('g', {});
    this.list = h('ol', {class: 'events', 'aria-label': 'Events'});
    /** @type {Move[]} */
    this.recent = [];
    /** @type {Set<number>} */
    this.seen = new Set();
    /** How many events each node got. @type {Map<string, number>} */
    this.events = new Map();
    this.chosen = '';
    this.drawn = '';
    this.filter = h('p', {class: 'note'}, 'Events appear as they happen. Click a resource to see only its own.');
    this.element = h(
      'div',
      {class: 'flow'},
      h('h1', {}, 'Flow'),
      h('div', {class: 'canvas', tabindex: '0', role: 'region', 'aria-label': 'Architecture'}, this.canvas),
      h('section', {class: 'recent'}, h('h2', {}, 'Events'), this.filter, this.list),
    );
  }

  async refresh() {
    const picture = await read('flow');
    const drawn = JSON.stringify(picture);
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      this.draw(picture);
    }
  }

  /** @param {{nodes: Box[], edges: {source: string, target: string}[]}} picture */
  draw(picture) {
    this.places.clear();
    this.paths.clear();
    /** @type {Map<number, number>} */
    const rows = new Map();
    for (const box of picture.nodes) {
      const row = rows.get(box.rank) ?? 0;
      rows.set(box.rank, row + 1);
      this.places.set(box.id, this.node(box, MARGIN + box.rank * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y)));
    }
    const edges = picture.edges.map((edge) => this.edge(edge.source, edge.target));
    const width = 2 * MARGIN + (Math.max(0, ...rows.keys()) + 1) * (WIDTH + GAP_X) - GAP_X;
    const height = 2 * MARGIN + Math.max(1, ...rows.values()) * (HEIGHT + GAP_Y) - GAP_Y;
    this.canvas.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.canvas.setAttribute('width', String(width));
    this.canvas.setAttribute('height', String(height));
    this.canvas.replaceChildren(...edges, ...[...this.places.values()].map((it) => it.group), this.moving);
  }

  /** @param {Box} box @param {number} x @param {number} y */
  node(box, x, y) {
    const count = svg('text', {class: 'number', x: WIDTH - 8, y: 16, 'text-anchor': 'end'});
    const choose = () => this.choose(box);
    const group = svg(
      'g',
      {
        class: 'node',
        'data-kind': box.kind,
        'data-node': box.id,
        transform: `translate(${x} ${y})`,
        role: 'button',
        tabindex: '0',
        'aria-label': `${box.kind} ${box.label}`,
        onclick: choose,
        /** @param {KeyboardEvent} event */
        onkeydown: (event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          choose();
        },
      },
      svg('title', {}, `${box.kind}: ${box.label}`),
      svg('rect', {width: WIDTH, height: HEIGHT, rx: 8}),
      svg('rect', {class: 'kind', width: 6, height: HEIGHT, rx: 3}),
      svg('text', {x: 13, y: 16}, box.label.length > 22 ? `${box.label.slice(0, 21)}…` : box.label),
      count,
    );
    group.classList.toggle('chosen', this.chosen === box.id);
    count.textContent = String(this.events.get(box.id) ?? '');
    return {x, y, group, count};
  }

  /** @param {string} source @param {string} target */
  edge(source, target) {
    const [from, to] = [this.places.get(source), this.places.get(target)];
    if (!from || !to) return svg('g', {});
    const [x1, y1] = [from.x + WIDTH, from.y + HEIGHT / 2];
    const [x2, y2] = [to.x, to.y + HEIGHT / 2];
    const bend = x2 > x1 ? (x2 - x1) / 2 : GAP_X;
    const path = svg('path', {class: 'edge', d: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`});
    this.paths.set(`${source} ${target}`, /** @type {SVGPathElement} */ (path));
    return path;
  }

  /** Show only the events of a node, or all again. @param {Box} box */
  choose(box) {
    this.chosen = this.chosen === box.id ? '' : box.id;
    for (const [id, place] of this.places) place.group.classList.toggle('chosen', id === this.chosen);
    this.filter.textContent = this.chosen ? `Events of ${box.label}. Click it again to see all.` : 'All events.';
    this.show();
  }

  /** @param {Move[]} moves */
  move(moves) {
    const fresh = moves.filter((move) => !this.seen.has(move.id));
    for (const move of fresh) {
      this.seen.add(move.id);
      this.events.set(move.target, (this.events.get(move.target) ?? 0) + 1);
      const place = this.places.get(move.target);
      if (place) place.count.textContent = String(this.events.get(move.target));
      place?.group.classList.toggle('failed', !move.is_ok);
    }
    this.seen = new Set([...this.seen].slice(-MOST_SEEN));
    for (const move of fresh.slice(-MOST_MOVING)) this.animate(move);
    this.recent = [...this.recent, ...fresh].slice(-10 * LISTED);
    // Only what is new is added, so that a link stays where it is focused or pressed.
    this.list.prepend(
      ...fresh
        .filter((move) => this.isShown(move))
        .slice(-LISTED)
        .reverse()
        .map(item),
    );
    while (this.list.childElementCount > LISTED) this.list.lastElementChild?.remove();
  }

  /** @param {Move} move */
  animate(move) {
    const target = this.places.get(move.target);
    target?.group.classList.add('active');
    setTimeout(() => target?.group.classList.remove('active'), MOVE_MS);
    const path = this.paths.get(`${move.source} ${move.target}`);
    if (!path) return;
    path.classList.add('active');
    setTimeout(() => path.classList.remove('active'), MOVE_MS);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches || this.moving.childElementCount > MOST_MOVING) return;
    const dot = svg('circle', {class: move.is_ok ? 'dot' : 'dot failed', r: 5});
    const began = performance.now();
    const length = path.getTotalLength();
    /** @param {number} now */
    const step = (now) => {
      const done = (now - began) / MOVE_MS;
      if (done >= 1 || !dot.isConnected) return dot.remove();
      const point = path.getPointAtLength(Math.max(0, done) * length);
      dot.setAttribute('cx', String(point.x));
      dot.setAttribute('cy', String(point.y));
      return requestAnimationFrame(step);
    };
    this.moving.append(dot);
    requestAnimationFrame(step);
  }

  /** @param {Move} move */
  isShown(move) {
    return !this.chosen || move.source === this.chosen || move.target === this.chosen;
  }

  show() {
    const shown = this.recent.filter((move) => this.isShown(move)).slice(-LISTED);
    this.list.replaceChildren(...shown.reverse().map(item));
  }
}

/** @param {Move} move */
const item = (move) =>
  h(
    'li',
    {class: move.is_ok ? '' : 'failed'},
    h('a', {href: recordAddress(move.id)}, move.title),
    h('span', {class: 'note'}, `${clock(move.at)} · ${duration(move.ms)}`),
  );
