// The scripts of public pages of forms: one of the form's own page, the worker that it computes with, and the one that others put into their pages. Each is
// plain text that is served as it is, small, and written for browsers of some years ago. Everything works without them.
import { createHash } from 'node:crypto';

const of = (text: string): { text: string; version: string } => ({
  text,
  version: createHash('sha256').update(text).digest('base64url').slice(0, 10),
});

/**
 * Computes a proof of work, as altcha's own worker does: keys are derived for 0, 1, 2 … until one begins as the challenge asks. Needs a secure context;
 * elsewhere there is no `crypto.subtle`.
 */
export const SOLVER = of(`'use strict';
const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
const hexOf = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
onmessage = async ({ data: { parameters } }) => {
  const nonce = bytes(parameters.nonce), salt = bytes(parameters.salt);
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  const view = new DataView(password.buffer);
  for (let counter = 0; ; counter++) {
    view.setUint32(nonce.length, counter);
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
    const derived = hexOf(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: parameters.cost }, key, parameters.keyLength * 8));
    if (derived.startsWith(parameters.keyPrefix)) return postMessage({ counter, derivedKey: derived });
  }
};
`);

/**
 * Of the form's page: says that there is a script, sends once, and only when the server can be reached (a browser would leave the page for one of its own),
 * computes what it is asked for, tries again by itself when the answers could not be saved, and tells the page around it how high it is.
 */
export const PAGE_SCRIPT = of(`'use strict';
(() => {
  const d = document, w = window, own = d.currentScript, form = d.querySelector('form'), said = d.getElementById('said');
  const find = (name) => form.querySelector('[name="' + name + '"]');
  const set = (name, value) => {
    let field = find(name);
    if (!field) {
      field = d.createElement('input');
      field.type = 'hidden';
      field.name = name;
      form.append(field);
    }
    field.value = value;
  };
  const frame = d.body.dataset.frame, tell = (what) => w.parent.postMessage(Object.assign({ tagwell: frame }, what), '*');
  if (frame && w.parent !== w) {
    const height = () => tell({ height: Math.ceil(d.documentElement.getBoundingClientRect().height) });
    if (w.ResizeObserver) new ResizeObserver(height).observe(d.body);
    height();
    addEventListener('load', height);
    if (d.body.dataset.again !== undefined) tell({ top: true });
    const go = d.querySelector('a.go');
    if (go) tell({ go: go.href });
  }
  // In a frame of another site a browser gives it no focus by itself.
  if (said && w.parent !== w && d.body.dataset.again !== undefined) said.focus();
  if (!form) return;
  const path = form.getAttribute('action').split('?')[0], can = w.isSecureContext && w.Worker && w.crypto && crypto.subtle;
  let sending = false, button, solved;
  set('_j', can ? 'p' : 's');
  const solve = () => solved = solved || (async () => {
    const challenge = await (await fetch(path + '/proof', { cache: 'no-store' })).json();
    const worker = new Worker(form.dataset.url);
    const solution = await new Promise((done, fail) => {
      worker.onmessage = (message) => done(message.data);
      worker.onerror = fail;
      worker.postMessage(challenge);
    });
    worker.terminate();
    set('_p', btoa(JSON.stringify({ challenge, solution })));
  })().catch(() => { set('_j', 's'); });
  const send = () => { sending = false; HTMLFormElement.prototype.requestSubmit.call(form, button); };
  const state = (text) => { d.getElementById('state').textContent = text; };
  let reached = !own;
  const reach = async () => {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), 8000);
    try {
      await fetch(own.src, { method: 'HEAD', cache: 'no-store', signal: stop.signal });
      return true;
    } catch (_) {
      return false;
    } finally {
      clearTimeout(timer);
    }
  };
  const sendOnceReached = async () => {
    let box;
    while (!(await reach())) {
      if (!box) {
        box = d.createElement('div');
        box.className = 's';
        box.setAttribute('role', 'alert');
        form.prepend(box);
        box.textContent = form.dataset.later;
        box.scrollIntoView({ block: 'nearest' });
      }
      await new Promise((again) => {
        setTimeout(again, 3000);
        addEventListener('online', again, { once: true });
      });
    }
    if (box) box.remove();
    reached = true;
    send();
  };
  let begun = !!find('_b');
  form.addEventListener('input', () => {
    if (!begun) {
      begun = true;
      set('_b', '0');
      if (navigator.sendBeacon) navigator.sendBeacon(path + '/begun', (find('_r') || {}).value || '');
    }
    if (form.dataset.proof && can) solve();
  });
  form.addEventListener('submit', (event) => {
    if (sending) return event.preventDefault();
    sending = true;
    if (event.submitter) button = event.submitter;
    if (!reached) {
      event.preventDefault();
      return void sendOnceReached();
    }
    if (!form.dataset.proof || !can || find('_p') || find('_j').value !== 'p' || (button && button.value === 'back')) return;
    event.preventDefault();
    const visible = form.dataset.checking;
    state(visible);
    if (button) button.setAttribute('aria-busy', 'true');
    solve().then(send);
  });
  addEventListener('pageshow', (event) => {
    sending = false;
    reached = !own;
    const proof = find('_p');
    if (proof && event.persisted) { proof.remove(); solved = undefined; }
  });
  if (form.dataset.proof === 'now' && can) { button = form.querySelector('button[value=next]'); solve().then(send); }
  if (form.dataset.again !== undefined) {
    const tries = Number((find('_n') || {}).value || 0);
    if (tries < 30) {
      set('_n', tries + 1);
      button = form.querySelector('button[value=next]');
      setTimeout(send, Math.min(3000 * 1.3 ** tries, 30000));
    }
  }
})();
`);

/**
 * Of pages of others: puts a frame in the place of each link to a form, as high as the form. The link stays until the form is there, so nobody waits for
 * something that does not come. Messages count only from our own origin, from the frame itself, with the frame's own random name.
 */
export const EMBED_SCRIPT = of(`'use strict';
(() => {
  const d = document, w = window, own = d.currentScript;
  if (!own || !own.src) return;
  const origin = new URL(own.src).origin, frames = new Map();
  const style = (element, rules) => {
    for (const name in rules) element.style.setProperty(name, rules[name], 'important');
  };
  const place = (box) => {
    if (box.hasAttribute('data-tagwell-on')) return;
    const link = box.querySelector('a[href]');
    let url;
    try { url = new URL(link.href); } catch (_) { return; }
    if (url.origin !== origin || !/^\\/f\\/[0-9a-z]+-[a-z0-9]+$/.test(url.pathname)) return;
    box.setAttribute('data-tagwell-on', '');
    const random = new Uint32Array(3);
    w.crypto.getRandomValues(random);
    const id = 'f' + Array.from(random, (part) => part.toString(36)).join('');
    const here = new URLSearchParams(w.location.search);
    for (const name of (box.getAttribute('data-parameters') || '').split(/[\\s,]+/)) {
      if (name && here.has(name)) url.searchParams.set(name, here.get(name));
    }
    url.searchParams.set('embed', id);
    const frame = d.createElement('iframe');
    frame.title = link.textContent.trim() || 'Form';
    frame.src = url.href;
    style(frame, { all: 'initial', display: 'block', width: '100%', height: '1px', border: '0', opacity: '0' });
    frames.set(id, { frame, link });
    box.append(frame);
    // A page of an error, or of somebody else: the link does it.
    frame.addEventListener('load', () => setTimeout(() => {
      if (frames.has(id) && !frames.get(id).there) {
        frames.delete(id);
        frame.remove();
      }
    }, 10000));
  };
  const placeAll = () => { for (const box of d.querySelectorAll('[data-tagwell-form]')) place(box); };
  w.addEventListener('message', (event) => {
    const data = event.data, known = event.origin === origin && data && typeof data === 'object' && frames.get(data.tagwell);
    if (!known || event.source !== known.frame.contentWindow) return;
    if (typeof data.height === 'number' && data.height > 0) {
      known.there = true;
      style(known.frame, { height: Math.min(Math.ceil(data.height), 20000) + 'px', opacity: '1' });
      style(known.link, { display: 'none' });
    }
    if (data.top === true && known.frame.getBoundingClientRect().top < 0) known.frame.scrollIntoView();
    if (typeof data.go === 'string' && /^https?:\\/\\//i.test(data.go)) w.location.assign(data.go);
  });
  placeAll();
  d.addEventListener('DOMContentLoaded', placeAll);
})();
`);
