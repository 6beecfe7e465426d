// Templates are parsed once: what all mails share stays one piece, and what is none of ours is refused.
import { describe, expect, it } from 'vitest';
import { Shared } from '@/lib/sending/compose/body';
import { fill, joined, parseTemplate, type Scope } from './fill';

const scope: Scope = {
  values: { a1: `<Å & "b">`, a2: '  ', t1: true, t2: false, open_url: null },
  links: ['https://example.com/?x=1&y=2'],
  fallbacks: ['du', ''],
};
const filled = (template: string, html = true) => joined(fill(parseTemplate(template, { html }), scope));

describe('a template', () => {
  it('is filled with values, their fallbacks and links, which are escaped in HTML', () => {
    const template = `{{ a1 | or: fallbacks[0] }}|{{ a2 | or: fallbacks[0] }}|{{ a9 | or: fallbacks[1] }}|{{ links[0] }}|{{ links[7] }}`;
    expect(filled(template)).toBe('&lt;Å &amp; &quot;b&quot;&gt;|du||https://example.com/?x=1&amp;y=2|');
    expect(filled(template, false)).toBe('<Å & "b">|du||https://example.com/?x=1&y=2|');
  });

  it('shows what is only for some people, one in the other', () => {
    const template = `{% if t1 %}a{% unless t2 %}b{% endunless %}{% if t2 %}c{% endif %}{% endif %}{% if open_url %}d{% endif %}{% unless t9 %}e{% endunless %}`;
    expect(filled(template)).toBe('abe');
  });

  it('keeps what all have in common in one piece, with braces that somebody typed', () => {
    const parsed = parseTemplate(`a {{ '{' }}{ x }} {{ '{' }}% if t2 %} b{{ a1 }}c`, { html: false });
    expect(parsed.map((part) => (part instanceof Shared ? part.text : typeof part))).toEqual([
      'a {{ x }} {% if t2 %} b',
      'function',
      'c',
    ]);
    expect(fill(parsed, scope)[0]).toBe(fill(parsed, scope)[0]);
  });

  it.each(['{% if t1 %}a', 'a{% endif %}b', '{{ a1 | upcase }}', '{{ a.b }}', '{{ links[-1] }}'])(
    'that is none of ours is refused: %s',
    (template) => expect(() => parseTemplate(template, { html: false })).toThrow('The template'),
  );
});
