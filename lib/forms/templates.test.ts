import { describe, expect, it } from 'vitest';
import type { AttributeId, TagId, TopicId } from '@/lib/db/ids';
import { problemsOf } from './problems';
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

describe('documentFrom', () => {
  it.each(TEMPLATES)('%s can be published as it is', (template) => {
    const document = documentFrom(template, { attributes, topics });
    expect(problemsOf(document, { attributes, senders }).filter(({ must }) => must)).toEqual([]);
  });

  it.each(TEMPLATES)('%s is one also in a section without topics and attributes', (template) => {
    const document = documentFrom(template, { attributes: [], topics: [] });
    expect(problemsOf(document, { attributes: [], senders }).filter(({ must }) => must)).toEqual([]);
  });
});

it('says what of it is hidden', () => {
  const document = documentFrom('lead', { attributes, topics });
  const shown = { tagIds: new Set<TagId>(), topicIds: new Set<TopicId>() };
  const hidden = { ...document, tags: { apply: [1 as TagId], remove: [] } };
  const words = problemsOf(hidden, { attributes: [], senders, shown }).map((problem) => problem.words);
  expect(words).toContain('A tag of the form is hidden for good. Choose another one.');
  expect(words).toContain('Its attribute is hidden for good. Choose another one.');
  expect(words).toContain('One of its topics is hidden. Choose another one.');
});
