// What the script of a form's page does where it cannot do what it is asked for.
import { setTimeout } from 'node:timers/promises';
import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PAGE_SCRIPT } from './page-script';

it('sends a form that the browser could do no work for, so that nobody waits for it', async () => {
  const fields = new Map<string, { name: string; value: string }>();
  const button = { value: 'next' };
  const sent: (string | undefined)[] = [];
  class HTMLFormElement {
    dataset = { proof: 'now', url: '/f/solve.js', checking: 'One moment' };
    getAttribute = () => '/f/1-aaaaaaaaaa';
    querySelector = (selector: string) =>
      selector.startsWith('button') ? button : (fields.get(/name="(\w+)"/.exec(selector)![1]!) ?? null);
    append = (field: { name: string; value: string }) => fields.set(field.name, field);
    addEventListener = () => undefined;
    requestSubmit(): void {
      sent.push(fields.get('_j')?.value);
    }
  }
  const form = new HTMLFormElement();
  const window = { isSecureContext: true, Worker: class {}, crypto: { subtle: {} }, parent: {} };
  window.parent = window;
  const document = {
    body: { dataset: {} },
    querySelector: (selector: string) => (selector === 'form' ? form : null),
    getElementById: () => null,
    createElement: () => ({ name: '', value: '' }),
  };
  const fetch = () => Promise.reject(new Error('Too many of this network.'));
  const context = { window, document, HTMLFormElement, fetch, crypto: { subtle: {} }, addEventListener: () => undefined }; // prettier-ignore
  runInContext(PAGE_SCRIPT.text, createContext(context));
  await setTimeout(0);
  expect(sent).toEqual(['s']);
});
