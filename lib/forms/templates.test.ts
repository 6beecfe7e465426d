import { describe, expect, it } from 'vitest';
import type { AttributeId, TagId, TopicId } from '@/lib/db/ids';
import { problemsOf } from './problems';
import { elementsOf, FormDocumentSchema, type FormDocument } from './schema';
import { EXAMPLE_TEXT } from './example-text';
import { documentFrom, TEMPLATES } from './templates';

const attributes = ['email', 'mobile', 'firstname', 'lastname'].map((code, index) => ({
  id: (index + 1) as AttributeId,
  code,
  name: code,
  type: 'text' as const,
  system: true,
  choices: [],
}));
const senders = [{ id: 1 }];
const topics = [
  { id: 1 as TopicId, name: 'News' },
  { id: 2 as TopicId, name: 'Events' },
];

const mustOf = (document: FormDocument, known: typeof attributes) =>
  problemsOf(document, { attributes: known, senders }).flatMap(({ must, words }) => (must ? [words] : []));

it('advises to give a tag, by the form or by an answer', () => {
  const document = documentFrom('newsletter', { attributes, topics });
  const tips = (of: FormDocument) =>
    problemsOf(of, { attributes, senders })
      .map(({ words }) => words)
      .join(' ');
  expect(tips(document)).toContain('gives nobody a tag');
  expect(tips({ ...document, tags: { apply: [1 as TagId], remove: [] } })).not.toContain('gives nobody a tag');
  const elements = elementsOf(document).map((one) => (one.id === 'email' ? { ...one, tagIds: [1 as TagId] } : one));
  const byAnswer = FormDocumentSchema.parse({ ...document, steps: [{ id: 'step', title: '', elements }] });
  expect(tips(byAnswer)).not.toContain('gives nobody a tag');
});

describe('documentFrom', () => {
  it.each(TEMPLATES)('%s can be published as it is', (template) => {
    const document = documentFrom(template, { attributes, topics });
    // All but the text that only its author can write.
    expect(mustOf(document, attributes)).toEqual(
      template === 'event' ? ['This text is an example. Say what your event is about.'] : [],
    );
    const text = JSON.stringify(document).replace(EXAMPLE_TEXT, '3 May, at the harbour.');
    expect(mustOf(JSON.parse(text) as FormDocument, attributes)).toEqual([]);
  });

  it.each(TEMPLATES)('%s is one also in a section without topics and attributes', (template) => {
    const document = documentFrom(template, { attributes: [], topics: [] });
    expect(mustOf(document, []).filter((words) => !words.includes('is an example'))).toEqual([]);
  });
});

it('says what of it is hidden', () => {
  const document = documentFrom('lead', { attributes, topics });
  const shown = { tagIds: new Set<TagId>(), topicIds: new Set<TopicId>() };
  const hidden = { ...document, tags: { apply: [1 as TagId], remove: [] } };
  const words = problemsOf(hidden, { attributes: [], senders, shown }).map((problem) => problem.words);
  expect(words).toContain('A tag of the form is hidden for good. Choose another one.');
  expect(words).toContain('Its attribute is hidden. Choose another one, or have an Admin show it again.');
  expect(words).toContain('One of its topics is hidden. Choose another one, or have an Admin show it again.');
});
