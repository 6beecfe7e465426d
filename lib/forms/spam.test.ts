// What speaks for spam, and what a browser's work makes good.
import { describe, expect, it } from 'vitest';
import { QUARANTINE_SCORE } from './accept';
import { FormDocumentSchema } from './schema';
import { PROOF_SCORE, weigh, type Visit } from './spam';

const document = FormDocumentSchema.parse({
  look: {},
  steps: [
    {
      id: 's1',
      elements: [
        { id: 'email', kind: 'input', type: 'email', label: 'Email', required: true },
        { id: 'first', kind: 'input', type: 'text', label: 'First name', autofill: 'given-name' },
        { id: 'company', kind: 'input', type: 'text', label: 'Company', autofill: 'organization' },
      ],
    },
  ],
});
const answers = { email: 'anna@example.com', first: 'Anna' };
const visit: Visit = {
  page: 'ours',
  ageMs: 60_000,
  isTrapped: false,
  hasScript: true,
  proof: 'none',
  isProgram: false,
  fromHere: 1,
  inAll: 1,
  repeats: 0,
};
const score = (more: Partial<Visit>, answered: Record<string, string> = answers) =>
  weigh(document, answered, { ...visit, ...more }).score;

describe('a proof of work', () => {
  it('makes good what a hurried browser does, and nothing that a browser does not do', () => {
    expect(score({ ageMs: 500, proof: 'given' })).toBe(0);
    expect(score({ ageMs: 500, proof: 'given', fromHere: 50 })).toBe(20);
    expect(score({ isTrapped: true, proof: 'given' })).toBeGreaterThanOrEqual(QUARANTINE_SCORE);
    const named = { ...answers, first: 'Win at https://x.example' };
    expect(score({ proof: 'given' }, named)).toBeGreaterThanOrEqual(QUARANTINE_SCORE);
    expect(score({ proof: 'given', fromHere: 150, ageMs: 500 })).toBe(40);
  });
});

it('a thousand from one network in ten minutes wait for a person, whatever their browsers do', () => {
  expect(score({ proof: 'given', fromHere: 1_001 })).toBeGreaterThanOrEqual(QUARANTINE_SCORE);
});

it('nobody else can send a person into quarantine by repeating what they write', () => {
  const repeated = score({ repeats: 20 });
  expect(repeated).toBeGreaterThanOrEqual(PROOF_SCORE);
  expect(repeated).toBeLessThan(QUARANTINE_SCORE);
  // A program that repeats itself has more against it.
  expect(score({ repeats: 20, hasScript: false })).toBeGreaterThanOrEqual(QUARANTINE_SCORE);
});

it('looks for links in an instant, however long a text is', () => {
  const from = performance.now();
  for (let nth = 0; nth < 100; nth++) score({}, { ...answers, company: 'a-'.repeat(1_000) });
  expect(performance.now() - from).toBeLessThan(60);
  for (const link of ['see x-y.com', 'https://x', 'www.x', '[url=x]', '<a href', 'ärlig-x.net', '(x.top)'])
    expect(weigh(document, { ...answers, company: link }, visit).signs).toEqual(['link-in-line']);
  expect(weigh(document, { ...answers, company: 'Müller & Co. Communication' }, visit).signs).toEqual([]);
});
