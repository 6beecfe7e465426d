// Replies of mailbox providers that ask for less, told from those about one recipient.
import { expect, it } from 'vitest';
import { printable as printableSms } from '@/lib/sms/provider';
import { meaningOf, printable, readReply, type Step } from './reply';

const whyOf = (response: string, step: Step = 'recipient') => {
  const outcome = meaningOf(readReply(response)!, step);
  return [outcome.kind, 'why' in outcome ? outcome.why : null];
};

it.each([
  '421 4.3.0 Try again',
  '432 4.7.12 A password transition is needed',
  '454 Throttling failure: Maximum sending rate exceeded.',
  '454 4.7.0 Temporary authentication failure',
  '450 4.3.2 Service not available',
  '450 4.7.28 Unusual rate',
  '451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)',
  '451 4.7.650 The mail server has been temporarily rate limited due to IP reputation',
  '450 too many messages',
  '452 4.5.3 Too many recipients',
])('%s asks for less, which uses up no attempt', (response) => {
  for (const step of ['sender', 'recipient', 'data', 'body'] as const) {
    expect(whyOf(response, step)).toEqual(['deferred', 'pace']);
  }
});

it.each(['450 4.2.0 Greylisted', '451 4.7.1 Greylisting in action, please come back later', '450 Mailbox busy'])(
  '%s is about the recipient',
  (response) => expect(whyOf(response)).toEqual(['deferred', 'recipient']),
);

it.each([
  ['550 No such user here', 'address'],
  ['550 Requested action not taken: mailbox unavailable', 'address'],
  ['550 <a@example.com>: Recipient address rejected: User unknown in local recipient table', 'address'],
  ['550 Unknown user; blocked accounts are listed elsewhere', 'address'],
  ['550 Rejected because 192.0.2.1 is in a black list at zen.spamhaus.org', 'policy'],
  ['550 Administrative prohibition', 'policy'],
  ['550 <a@example.com>: Recipient address rejected: Access denied', 'policy'],
  ['553 Message refused: your reputation is too poor', 'policy'],
])('%s says %s, so that nobody is suppressed for what others do', (response, why) => {
  expect(whyOf(response)).toEqual(['refused', why]);
});

it('a server that does not take mails for others is the sender’s fault, in qmail’s words too', () => {
  const said = "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)";
  expect(whyOf(said)).toEqual(['senderFault', 'permission']);
});

it('what somebody says is cut between characters', () => {
  for (const cut of [printable, printableSms]) expect(cut(`${'x'.repeat(499)}😀😀`)).toBe('x'.repeat(499));
});
