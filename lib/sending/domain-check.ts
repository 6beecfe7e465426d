// What the DNS of the sending domain says about us, in words, with the record that is missing (SPF, DKIM, DMARC).
import dns from 'node:dns';
import net from 'node:net';
import type { Dkim, DomainCheck, Finding } from './schema';

/** Reads TXT records, each in one piece. Throws an error with a code, as node:dns does. */
export type TxtResolver = (name: string) => Promise<string[]>;

const TIMEOUT_MS = 4_000;
const NOT_THERE = new Set(['ENOTFOUND', 'ENODATA', 'NXDOMAIN']);

export const resolveTxt: TxtResolver = async (name) => {
  const resolver = new dns.promises.Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
};

/** What providers ask to be included, by the name of their mail server. */
const INCLUDES: [RegExp, string][] = [
  [/(^|\.)(gmail|google|googlemail)\.com$/, '_spf.google.com'],
  [/(^|\.)(office365|outlook)\.com$/, 'spf.protection.outlook.com'],
  [/(^|\.)amazonaws\.com$/, 'amazonses.com'],
  [/(^|\.)sendgrid\.net$/, 'sendgrid.net'],
  [/(^|\.)mailgun\.org$/, 'mailgun.org'],
  [/(^|\.)postmarkapp\.com$/, 'spf.mtasv.net'],
  [/(^|\.)mailjet\.com$/, 'spf.mailjet.com'],
  [/(^|\.)(brevo|sendinblue)\.com$/, 'spf.brevo.com'],
  [/(^|\.)zoho\.(com|eu)$/, 'zohomail.com'],
];

/** `host`: of the mail server. `dkim`: the key that signs here, or that would. */
export type CheckInput = { domain: string; host: string | null; dkim: (Dkim & { signs: boolean }) | null };

/** Looks the domain up. Never throws because of the DNS: what could not be read is said to be unknown. */
export async function checkDomain(input: CheckInput, resolve: TxtResolver = resolveTxt): Promise<DomainCheck> {
  const findings = await Promise.all([spf(input, resolve), dkim(input, resolve), dmarc(input, resolve)]);
  return { at: new Date().toISOString(), domain: input.domain, findings };
}

/** The records of a name; none, if it does not exist; null if that could not be found out. */
async function records(name: string, resolve: TxtResolver): Promise<string[] | null> {
  try {
    return await resolve(name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return NOT_THERE.has(code) ? [] : null;
  }
}

const unknown = (what: Finding['what'], domain: string): Finding => ({
  what,
  state: 'unknown',
  words: `The DNS of ${domain} did not answer. Try again in a few minutes.`,
  record: null,
});

/** How an SPF record names a server. */
const serverIn = (host: string): string =>
  ({ 0: `a:${host}`, 4: `ip4:${host}`, 6: `ip6:${host}` })[net.isIP(host) as 0 | 4 | 6];

async function spf({ domain, host }: CheckInput, resolve: TxtResolver): Promise<Finding> {
  const found = await records(domain, resolve);
  if (!found) return unknown('SPF', domain);
  const own = found.filter((text) => /^v=spf1(\s|$)/i.test(text));
  const include = INCLUDES.find(([pattern]) => host !== null && pattern.test(host))?.[1];
  const allowed = include ? `include:${include}` : host === null ? 'mx' : serverIn(host);
  const [record] = own;
  if (record === undefined) {
    return {
      what: 'SPF',
      state: 'missing',
      words: `No server may send for ${domain} yet: there is no SPF record. Add one.`,
      record: { name: domain, value: `v=spf1 ${allowed} ~all` },
    };
  }
  if (own.length > 1) {
    return {
      what: 'SPF',
      state: 'wrong',
      words: `${domain} has ${own.length} SPF records, and then none of them counts. Make one of them.`,
      record: null,
    };
  }
  if (/(^|\s)\+?all(\s|$)/i.test(record)) {
    return {
      what: 'SPF',
      state: 'wrong',
      words: 'The SPF record lets every server in the world send for you (+all). End it with ~all or -all.',
      record: { name: domain, value: record.replace(/(^|\s)\+?all(?=\s|$)/i, '$1~all') },
    };
  }
  if (include && !record.toLowerCase().includes(include)) {
    return {
      what: 'SPF',
      state: 'wrong',
      words: `The SPF record does not name your mail provider. Add ${allowed} to it.`,
      record: { name: domain, value: record.replace(/\s+([~?-]all)/i, ` ${allowed} $1`) },
    };
  }
  const words = include
    ? 'The SPF record names your mail provider.'
    : 'There is an SPF record. Whether it names your mail server, a test mail shows best: look for “spf=pass” in its headers.';
  return { what: 'SPF', state: 'fine', words, record: null };
}

async function dkim({ domain, dkim: ours }: CheckInput, resolve: TxtResolver): Promise<Finding> {
  if (!ours) {
    const words =
      'Tagwell does not sign mails of this sender. If your mail provider signs them, a test mail shows “dkim=pass” in its headers; otherwise let Tagwell sign them.';
    return { what: 'DKIM', state: 'unknown', words, record: null };
  }
  const name = `${ours.selector}._domainkey.${domain}`;
  const found = await records(name, resolve);
  if (!found) return unknown('DKIM', domain);
  const published = found
    .map((text) => /(?:^|;)\s*p=([A-Za-z0-9+/=\s]*)/.exec(text)?.[1]?.replace(/\s+/g, ''))
    .find((key) => key !== undefined);
  const record = { name, value: `v=DKIM1; k=rsa; p=${ours.publicKey}` };
  if (published === undefined) {
    const words = `The key is not published yet. Add the record${ours.signs ? ': until then, signatures count as broken' : ', and turn signing on once it is there'}.`;
    return { what: 'DKIM', state: 'missing', words, record };
  }
  if (published !== ours.publicKey) {
    return { what: 'DKIM', state: 'wrong', words: 'The record has another key. Replace it by this one.', record };
  }
  return {
    what: 'DKIM',
    state: 'fine',
    words: ours.signs
      ? 'Mails are signed, and the key is published.'
      : 'The key is published: signing can be turned on.',
    record: null,
  };
}

/** The record of the domain itself, or of one above it: a domain without its own follows its parent's (RFC 7489). */
async function dmarc({ domain }: CheckInput, resolve: TxtResolver): Promise<Finding> {
  const labels = domain.split('.');
  for (let from = 0; from <= labels.length - 2; from++) {
    const at = labels.slice(from).join('.');
    const found = await records(`_dmarc.${at}`, resolve);
    if (!found) return unknown('DMARC', domain);
    const policies = found.filter((text) => /^v=DMARC1\s*;/i.test(text));
    if (policies.length > 1) {
      const words = `${at} has ${policies.length} DMARC records, and then none of them counts. Keep one.`;
      return { what: 'DMARC', state: 'wrong', words, record: null };
    }
    const [record] = policies;
    if (record === undefined) continue;
    const policy = /;\s*p\s*=\s*(none|quarantine|reject)/i.exec(record)?.[1]?.toLowerCase();
    if (!policy) return { what: 'DMARC', state: 'wrong', words: 'The DMARC record has no policy (p=).', record: null };
    const effect = {
      none: 'mails that fail are only reported',
      quarantine: 'mails that fail go to spam',
      reject: 'mails that fail are refused',
    }[policy as 'none' | 'quarantine' | 'reject'];
    return { what: 'DMARC', state: 'fine', words: `The policy of ${at} is ${policy}: ${effect}.`, record: null };
  }
  return {
    what: 'DMARC',
    state: 'missing',
    words:
      'Gmail, Yahoo and Outlook demand a DMARC record of everybody who sends many mails. Add one; this changes nothing else.',
    record: { name: `_dmarc.${domain}`, value: 'v=DMARC1; p=none' },
  };
}
