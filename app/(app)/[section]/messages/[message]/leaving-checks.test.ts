import { expect, it } from 'vitest';
import { EVERYONE } from '@/lib/audience/schema';
import type { SenderChoice } from '@/lib/messages/queries';
import { DraftSchema } from './draft';
import { leavingChecks, type Leaving } from './leaving-checks';

const draft = DraftSchema.parse({
  name: 'News',
  kind: 'marketing',
  topicIds: [],
  senderId: 1,
  content: { channel: 'email', document: { subject: [], blocks: [] } },
  audience: EVERYONE,
  settings: {},
});
const server = { id: 1, isMailbox: false, domainFaults: [] as string[] } as unknown as SenderChoice;
const public_ = { address: 'https://tags.example.org', reach: 'anyone', isSecure: true } as const;
const fine: Leaving = { slug: 's', isAdmin: true, links: public_, sentBy: 'Shop, Street 1, Town' };
const found = (sender: SenderChoice, leaving: Partial<Leaving>) =>
  leavingChecks(draft, sender, { ...fine, ...leaving }).map(({ id, state }) => `${id} ${state}`);

it('has nothing to say where everything is in order', () => expect(found(server, {})).toEqual([]));

it('stops what leads to this machine, and only advises where a network or no https is in the way', () => {
  const at = (reach: Leaving['links']['reach']) => ({
    links: { address: 'http://localhost:1', reach, isSecure: false },
  });
  expect(found(server, at('machine'))).toEqual(['links missing']);
  expect(found(server, at('network'))).toEqual(['links advice']);
  expect(found(server, at('anyone'))).toEqual(['links advice']);
  expect(found({ ...server, isMailbox: true }, at('machine'))).toEqual([]);
});

it('names what is missing of the domain, and a mail that does not say who sends it', () => {
  const [domain] = leavingChecks(draft, { ...server, domainFaults: ['SPF', 'DMARC'] }, fine);
  expect(domain).toMatchObject({ state: 'advice', href: '/s/settings/sending/1' });
  expect(domain?.words[0]).toContain('SPF and DMARC are missing or wrong');
  expect(found({ ...server, domainFaults: null }, {})).toEqual(['domain advice']);
  expect(found(server, { sentBy: '' })).toEqual(['sent-by advice']);
  const footer = {
    id: 'f',
    kind: 'footer' as const,
    onlyFor: null,
    lines: [[{ type: 'text', text: 'Shop', marks: [], link: null }]],
  };
  const own = DraftSchema.parse({
    ...draft,
    content: { channel: 'email', document: { subject: [], blocks: [footer] } },
  });
  expect(leavingChecks(own, server, { ...fine, sentBy: '' })).toEqual([]);
});
