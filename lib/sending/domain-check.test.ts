// What DNS records mean, in words, with the record to add.
import { describe, expect, it } from 'vitest';
import { checkDomain, type CheckInput } from './domain-check';

const KEY = 'MIIBIjANBgkq';
const records = (known: Record<string, string[] | string>) => (name: string) => {
  const found = known[name];
  if (typeof found === 'string') return Promise.reject(Object.assign(new Error(found), { code: found }));
  return found ? Promise.resolve(found) : Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }));
};
const check = async (known: Record<string, string[] | string>, more: Partial<CheckInput> = {}) => {
  const input = { domain: 'news.shop.se', host: 'smtp.shop.se', dkim: null, ...more };
  const { findings } = await checkDomain(input, records(known));
  return Object.fromEntries(findings.map(({ what, ...finding }) => [what, finding]));
};

describe('SPF', () => {
  it.each<[string, string[], string | null, string, string | null]>([
    ['none', [], null, 'missing', 'v=spf1 a:smtp.shop.se ~all'],
    [
      'none, of a known provider',
      ['google-site-verification=1'],
      'smtp.gmail.com',
      'missing',
      'v=spf1 include:_spf.google.com ~all',
    ],
    ['none, of a server without a name', [], '192.0.2.7', 'missing', 'v=spf1 ip4:192.0.2.7 ~all'],
    ['two', ['v=spf1 -all', 'v=spf1 mx ~all'], null, 'wrong', null],
    ['everybody', ['v=spf1 mx +all'], null, 'wrong', 'v=spf1 mx ~all'],
    ['without the provider', ['v=spf1 mx -all'], 'smtp.sendgrid.net', 'wrong', 'v=spf1 mx include:sendgrid.net -all'],
    ['with the provider', ['v=spf1 include:sendgrid.net -all'], 'smtp.sendgrid.net', 'fine', null],
    ['another word that begins alike', ['v=spf10 +all'], null, 'missing', 'v=spf1 a:smtp.shop.se ~all'],
  ])('%s', async (_what, txt, host, state, record) => {
    const { SPF } = await check({ 'news.shop.se': txt }, host === null ? {} : { host });
    expect([SPF?.state, SPF?.record?.value ?? null]).toEqual([state, record]);
  });
});

describe('DKIM', () => {
  const dkim = { selector: 'tagwell-1', publicKey: KEY, signs: true };
  const name = 'tagwell-1._domainkey.news.shop.se';
  it.each<[string, string[] | string, string]>([
    ['not published', 'ENODATA', 'missing'],
    ['published, in pieces', [`v=DKIM1; k=rsa; p=${KEY.slice(0, 5)} ${KEY.slice(5)}`], 'fine'],
    ['another key', ['v=DKIM1; p=AAAA'], 'wrong'],
    ['withdrawn', ['v=DKIM1; p='], 'wrong'],
    ['DNS away', 'ETIMEOUT', 'unknown'],
  ])('%s', async (_what, txt, state) => {
    const { DKIM } = await check({ [name]: txt }, { dkim });
    expect(DKIM?.state).toBe(state);
    if (state === 'missing') expect(DKIM?.record).toEqual({ name, value: `v=DKIM1; k=rsa; p=${KEY}` });
  });
  it('without a key says what to do', async () => {
    expect((await check({})).DKIM).toMatchObject({
      state: 'unknown',
      words: expect.stringContaining('let Tagwell sign') as string,
    });
  });
});

describe('DMARC', () => {
  it.each<[string, Record<string, string[] | string>, string, RegExp]>([
    ['of the domain', { '_dmarc.news.shop.se': ['v=DMARC1; p=reject'] }, 'fine', /news\.shop\.se is reject/],
    [
      'of the domain above it',
      { '_dmarc.shop.se': ['v=DMARC1; p=none; rua=mailto:x@shop.se'] },
      'fine',
      /of shop\.se is none/,
    ],
    ['none', {}, 'missing', /demand a DMARC record/],
    ['two', { '_dmarc.news.shop.se': ['v=DMARC1; p=none', 'v=DMARC1; p=reject'] }, 'wrong', /2 DMARC records/],
    ['without a policy', { '_dmarc.news.shop.se': ['v=DMARC1; rua=mailto:x@shop.se'] }, 'wrong', /no policy/],
    ['DNS away', { '_dmarc.news.shop.se': 'ESERVFAIL' }, 'unknown', /did not answer/],
  ])('%s', async (_what, known, state, words) => {
    const { DMARC } = await check(known);
    expect([DMARC?.state, DMARC?.words]).toEqual([state, expect.stringMatching(words)]);
  });
});
