// The links of a mail: where they lead, and that their tokens cannot be made up, changed or used for something else.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SectionId } from '@/lib/db/ids';
import { destinationOf } from './destination';
import { recipientLinks, unsubscribeAddress } from './links';
import { messageToken, readMessageToken, TOKEN_LENGTH, type TokenPurpose } from './token';

const sectionId = 7 as SectionId;
const named = { sectionId, number: 123_456_789_012, link: 3 };
const PURPOSES = ['click', 'open', 'unsubscribe', 'preferences', 'view'] as const;
const settings = { trackOpens: true, trackClicks: true, utm: null };
const utm = { source: 'news', medium: 'email', campaign: 'Sommar & sol' };

afterEach(() => vi.unstubAllEnvs());

describe('a token', () => {
  it.each(PURPOSES)('is read for the purpose it was made for, and for no other: %s', (purpose) => {
    const token = messageToken(purpose, named);
    expect(token).toHaveLength(TOKEN_LENGTH);
    expect(readMessageToken(purpose, token)).toEqual(named);
    for (const other of PURPOSES) if (other !== purpose) expect(readMessageToken(other, token)).toBeNull();
    expect(readMessageToken(purpose, messageToken(purpose, { ...named, number: null }))?.number).toBeNull();
  });

  it('does not hold once a character of it is another one, or missing', () => {
    const token = messageToken('click', named);
    for (let place = 0; place < token.length; place += 1) {
      const changed = `${token.slice(0, place)}${token[place] === 'A' ? 'B' : 'A'}${token.slice(place + 1)}`;
      expect(readMessageToken('click', changed)).toBeNull();
      expect(readMessageToken('click', token.slice(0, place))).toBeNull();
      expect(readMessageToken('click', token.slice(place + 1))).toBeNull();
    }
  });

  it.each(["'", '/track', '%27', '.gif', '>', '&amp;x=1'])('holds with %s behind it, as scanners write it', (junk) => {
    expect(readMessageToken('click', messageToken('click', named) + junk)).toEqual(named);
  });

  it('holds after a change of the secret as long as the former one is known, and on no other installation', () => {
    vi.stubEnv('NEXTAUTH_SECRET', 'the first secret of 32 characters');
    const token = messageToken('unsubscribe', named);
    vi.stubEnv('TAGWELL_FORMER_SECRETS', process.env.NEXTAUTH_SECRET);
    vi.stubEnv('NEXTAUTH_SECRET', 'quite another secret, of 32 or more');
    expect(readMessageToken('unsubscribe', token)).toEqual(named);
    vi.stubEnv('TAGWELL_FORMER_SECRETS', '');
    expect(readMessageToken('unsubscribe', token)).toBeNull();
  });
});

describe('a mail', () => {
  const links = [{ address: 'https://shop.example/a?b=1&c=2' }, { address: 'mailto:anna@example.com' }];
  const tokenIn = (address: string) => address.replace(/^.*\/\w\//, '');

  it('has links of its recipient, each with its place; mail addresses stay as they are', () => {
    const made = recipientLinks({ sectionId, number: 9, links, settings });
    const [click, mail] = made.links;
    expect(click).toMatch(/\/c\/[\w-]{32}$/);
    expect(readMessageToken('click', tokenIn(click!))).toEqual({ sectionId, number: 9, link: 0 });
    expect(mail).toBe('mailto:anna@example.com');
    for (const purpose of ['unsubscribe', 'preferences', 'view', 'open'] as const satisfies TokenPurpose[]) {
      expect(readMessageToken(purpose, tokenIn(made[purpose]!))).toEqual({ sectionId, number: 9, link: 0 });
    }
    expect(made.unsubscribe).toBe(unsubscribeAddress({ sectionId, number: 9 }));
  });

  it('that counts nothing leads straight to where its links lead', () => {
    const made = recipientLinks({
      sectionId,
      number: 9,
      links,
      settings: { trackOpens: false, trackClicks: false, utm },
    });
    expect(made.open).toBeNull();
    expect(made.links[0]).toBe(
      'https://shop.example/a?b=1&c=2&utm_source=news&utm_medium=email&utm_campaign=Sommar%20%26%20sol',
    );
  });

  it('of a test has links that act on nobody', () => {
    const made = recipientLinks({ sectionId, number: null, links, settings });
    expect(made.open).toBeNull();
    expect(made.links).toEqual(links.map(({ address }) => address));
    expect(readMessageToken('unsubscribe', tokenIn(made.unsubscribe))?.number).toBeNull();
  });
});

it.each([
  ['https://example.com', 'https://example.com?utm_source=a&utm_campaign=c'],
  ['https://example.com/#top', 'https://example.com/?utm_source=a&utm_campaign=c#top'],
  ['https://example.com/?x=%20&utm_source=own#a?b', 'https://example.com/?x=%20&utm_source=own&utm_campaign=c#a?b'],
  ['https://example.com/?', 'https://example.com/?utm_source=a&utm_campaign=c'],
  ['https://åäö.example:8443/ü;v=1/?q=[1]', 'https://åäö.example:8443/ü;v=1/?q=[1]&utm_source=a&utm_campaign=c'],
  ['tel:+46701234567', 'tel:+46701234567'],
])('parameters are added to %s', (address, expected) => {
  expect(destinationOf(address, { source: 'a', medium: '', campaign: 'c' })).toBe(expected);
});
