import { expect, it } from 'vitest';
import { FormDocumentSchema } from './schema';
import { frameSnippet, htmlSnippet, scriptSnippet } from './snippets';
import { documentFrom } from './templates';

const shared = { origin: 'https://news.example.com', path: '/f/3-abcdefghjk', title: 'News "and" <more>' };

const withParameter = FormDocumentSchema.parse({
  steps: [{ id: 's', elements: [{ id: 'a', kind: 'hidden', parameter: 'campaign' }] }],
});

it('names the form, with what its author wrote escaped', () => {
  const script = scriptSnippet(shared, withParameter);
  expect(script).toContain('<a href="https://news.example.com/f/3-abcdefghjk">');
  expect(script).toContain('data-parameters="campaign"');
  expect(script).toContain('<script src="https://news.example.com/embed.js" async>');
  expect(script).toContain('News &quot;and&quot; &lt;more&gt;');
  expect(frameSnippet(shared)).toContain('title="News &quot;and&quot; &lt;more&gt;"');
});

it('a frame without a script has a height', () => {
  expect(frameSnippet(shared)).toMatch(/height(?:="|:\s*)[3-9]\d\d/);
});

it('a plain form has a field for each answer, under its name', () => {
  const document = documentFrom('event', { attributes: [], topics: [] });
  const html = htmlSnippet(shared, document);
  for (const name of ['firstname', 'lastname', 'email', 'coming', 'food', 'remarks', 'terms']) {
    expect(html).toContain(`name="${name}"`);
  }
  expect(html.match(/type="radio" name="coming"/g)).toHaveLength(2);
  expect(html).toContain('<option value="Vegan">Vegan</option>');
  expect(html).not.toContain('heading');
});

it('a plain form requires no answer that a condition may leave out', () => {
  const shownIf = { elementId: 'come', values: ['yes'] };
  const input = { kind: 'input' as const, required: true };
  const document = FormDocumentSchema.parse({
    steps: [
      {
        id: 's',
        elements: [
          { ...input, id: 'come', type: 'yesno', label: 'Are you coming?' },
          { ...input, id: 'with', type: 'text', label: 'With whom?', shownIf },
          { kind: 'terms', id: 'rules', label: 'The rules', shownIf },
        ],
      },
    ],
  });
  const html = htmlSnippet(shared, document);
  expect(html.match(/name="come" value="\w+" required/g)).toHaveLength(2);
  expect(html).not.toMatch(/name="(with|rules)"[^>]* required/);
});
