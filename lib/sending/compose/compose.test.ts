// What we compose is read by another program as what was meant.
import fc from 'fast-check';
import { simpleParser, type AddressObject } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { Shared } from './body';
import { compose, ComposeError, type Draft } from './compose';

const draft = (more: Partial<Draft> = {}): Draft => ({
  from: { name: 'Shop', address: 'shop@example.org' },
  to: { name: '', address: 'anna@example.com' },
  subject: 'News',
  text: 'Hello',
  messageId: '1.2.abc@example.org',
  date: new Date('2026-11-26T10:00:00Z'),
  automatic: true,
  ...more,
});

const linesOf = (raw: Buffer): string[] => raw.toString('latin1').split('\r\n');
const headersOf = (raw: Buffer): string => raw.toString('latin1').split('\r\n\r\n')[0]!;
const oneAddress = (field: AddressObject | AddressObject[] | undefined) => {
  const [value] = (Array.isArray(field) ? field : [field!])[0]!.value;
  return [value?.name, value?.address];
};
/** Line ends and control characters are not kept; everything else is. */
const asSent = (text: string) =>
  text
    .replace(/(?![\t\r\n\u0080-\u009F])\p{Cc}/gu, '')
    .replace(/\r\n?/g, '\n')
    .toWellFormed();

const EVIL = fc.constantFrom(
  '.',
  '..',
  '=',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '\0',
  'From ',
  '👩‍💻',
  'å',
  'سلام',
  '漢',
  '\uD83D',
  '=_',
  '--',
  'x'.repeat(80),
  '.example.com/a',
);
const anyText = fc
  .array(fc.oneof(EVIL, fc.string({ unit: 'binary' }), fc.string()), { maxLength: 60 })
  .map((parts) => parts.join(''));

async function parse(raw: Buffer) {
  return simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true });
}

describe('a composed mail', () => {
  it('has the text and the HTML that were given, whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (text, html) => {
        const { raw } = compose(draft({ text, html }));
        const read = await parse(raw);
        // mailparser drops a line end at the end of a part.
        const trimmed = (content: string) => content.replace(/\n$/, '');
        expect(trimmed(read.text ?? '')).toBe(trimmed(asSent(text)));
        expect(trimmed(read.html || '')).toBe(trimmed(asSent(html)));
      }),
      { numRuns: 200 },
    );
  });

  it('has the same in it when the text comes in pieces, some of which many mails share', async () => {
    const pieces = fc.array(fc.tuple(anyText, fc.boolean()), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pieces, pieces, async (texts, htmls) => {
        // A pair that is cut in two is not one.
        const given = (parts: [string, boolean][]) =>
          parts.map(([text, shared]) => (shared ? new Shared(text.toWellFormed()) : text.toWellFormed()));
        const [text, html] = [given(texts), given(htmls)];
        const { raw } = compose(draft({ text, html }));
        expect(compose(draft({ text, html })).raw.equals(raw)).toBe(true);
        const read = await parse(raw);
        const trimmed = (content: string) => content.replace(/\n$/, '');
        const whole = (parts: [string, boolean][]) => parts.map(([part]) => part.toWellFormed()).join('');
        expect(trimmed(read.text ?? '')).toBe(trimmed(asSent(whole(texts))));
        expect(trimmed(read.html || '')).toBe(trimmed(asSent(whole(htmls))));
        const lines = linesOf(raw);
        expect(lines.filter((line) => line.length > 76 || /[ \t]$|^\.|[\r\n]/.test(line))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('has CRLF alone, seven bits, and short lines, none of them with a dot at its beginning or a space at its end', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (subject, text, html) => {
        const { raw } = compose(draft({ subject, text, html }));
        const lines = linesOf(raw);
        expect(raw.every((byte) => byte < 127 && byte !== 0)).toBe(true);
        expect(lines.filter((line) => /[\r\n]/.test(line))).toEqual([]);
        expect(lines.filter((line) => line.length > 76)).toEqual([]);
        expect(lines.filter((line) => line.startsWith('.'))).toEqual([]);
        expect(lines.filter((line) => /[ \t]$/.test(line))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('has no address that loses a dot, wherever the line breaks', async () => {
    const address = 'https://www.shop.example/a.b?c=1.5&d=..#.e';
    for (let place = 0; place < 80; place++) {
      const text = `${'å'.repeat(place % 9)}${'x'.repeat(place)}${address}\n.${address}\n..\n`;
      const { raw } = compose(draft({ text }));
      expect(linesOf(raw).some((line) => line.startsWith('.'))).toBe(false);
      expect((await parse(raw)).text?.trimEnd()).toBe(text.trimEnd());
    }
  });

  it('has its subject and names, in encoded words that are split between characters', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (subject, name) => {
        const { raw } = compose(draft({ subject, from: { name, address: 'shop@example.org' } }));
        const shown = (text: string) =>
          text
            .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
            .trim()
            .toWellFormed();
        for (const word of headersOf(raw).match(/=\?UTF-8\?[QB]\?[^?]*\?=/g) ?? []) {
          expect(word.length).toBeLessThanOrEqual(75);
          const encoded = word.slice(10, -2);
          const bytes = word.startsWith('=?UTF-8?B')
            ? Buffer.from(encoded, 'base64')
            : Buffer.from(
                encoded
                  .replace(/_/g, ' ')
                  .replace(/=(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
                'latin1',
              );
          expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).not.toThrow();
        }
        const read = await parse(raw);
        expect(read.subject ?? '').toBe(shown(subject));
        if (shown(name) !== '') expect(oneAddress(read.from)).toEqual([shown(name), 'shop@example.org']);
      }),
      { numRuns: 200 },
    );
  });

  it('folds a subject of 300 characters', async () => {
    for (const subject of ['word '.repeat(60).trim(), 'å'.repeat(300), '👩‍💻'.repeat(100), 'x'.repeat(300)]) {
      const { raw } = compose(draft({ subject }));
      expect(linesOf(raw).every((line) => line.length <= 76)).toBe(true);
      expect((await parse(raw)).subject).toBe(subject);
    }
  });

  it('takes no header from a value', async () => {
    const evil = 'x\r\nBcc: everybody@example.com\r\n\r\nbody';
    const { raw } = compose(
      draft({
        subject: evil,
        from: { name: evil, address: 'shop@example.org' },
        list: { name: evil, id: 'news.example.org' },
        fields: { 'X-Send': evil },
        feedback: [evil],
      }),
    );
    expect(headersOf(raw)).not.toMatch(/^Bcc/im);
    expect((await parse(raw)).text?.trim()).toBe('Hello');
    for (const more of [
      { to: { name: '', address: 'a@example.com\r\nBcc: b@example.com' } },
      { to: { name: '', address: 'a@example.com, b@example.com' } },
      { to: { name: '', address: 'a@example.com> <b@example.com' } },
      { to: { name: '', address: '"a b"@example.com' } },
      { to: { name: '', address: 'a@localhost' } },
      { to: { name: '', address: `${'a'.repeat(65)}@example.com` } },
      { messageId: 'a@b>\r\nBcc: x' },
      { unsubscribe: { url: 'http://example.org/u' } },
      { unsubscribe: { url: 'javascript:alert(1)' } },
      { fields: { Bcc: 'b@example.com' } },
      { fields: { 'X-A\r\nBcc': 'b' } },
    ] as Partial<Draft>[]) {
      expect(() => compose(draft(more)), JSON.stringify(more)).toThrow(ComposeError);
    }
  });

  it('writes domains in ASCII, and leaves what is before the @ as it is', () => {
    const { raw, envelope } = compose(draft({ to: { name: 'Åsa', address: ' Åsa.Öberg@RÄKSMÖRGÅS.example ' } }));
    expect(envelope.to).toBe('Åsa.Öberg@xn--rksmrgs-5wao1o.example');
    expect(raw.toString('utf8')).toContain('<Åsa.Öberg@xn--rksmrgs-5wao1o.example>');
    expect(compose(draft({ to: { name: '', address: "o'neil+news@Example.COM" } })).envelope.to).toBe(
      "o'neil+news@example.com",
    );
  });

  it('has the headers that mailboxes ask for', async () => {
    const { raw } = compose(
      draft({
        html: '<p>Hello</p>',
        replyTo: { name: 'Doe, John', address: 'john@example.org' },
        unsubscribe: { url: `https://example.org/u/${'t'.repeat(80)}`, mailto: 'leave@example.org' },
        list: { name: 'News, weekly', id: 'news.shop.example.org' },
        feedback: ['send-7', 'news', 'shop'],
        fields: { 'X-Send': '7' },
      }),
    );
    const { headers, ...read } = await parse(raw);
    expect(oneAddress(read.replyTo)).toEqual(['Doe, John', 'john@example.org']);
    expect([read.messageId, read.date?.toISOString()]).toEqual(['<1.2.abc@example.org>', '2026-11-26T10:00:00.000Z']);
    expect(headers.get('list')).toEqual({
      unsubscribe: { url: `https://example.org/u/${'t'.repeat(80)}`, mail: 'leave@example.org' },
      'unsubscribe-post': { name: 'List-Unsubscribe=One-Click' },
      id: { id: 'news.shop.example.org', name: 'News, weekly' },
    });
    expect(headers.get('feedback-id')).toBe('send-7:news:shop:tagwell');
    expect([headers.get('auto-submitted'), headers.get('x-send')]).toEqual(['auto-generated', '7']);
    expect((headers.get('content-type') as { value: string }).value).toBe('multipart/alternative');
  });
});
