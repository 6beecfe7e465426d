// What is read out of mails that come back: the corpus of servers, and that nothing but our own signature ties one to a recipient.
import { expect, it } from 'vitest';
import type { SectionId, SendId } from '@/lib/db/ids';
import { messageIdOfFormMail, returnAddressOfFormMail } from '@/lib/forms/mail-returns';
import { messageIdOf } from '@/lib/messages/message-id';
import { readReturnTokens, returnAddressOf } from '@/lib/messages/return-address';
import { messageToken } from '@/lib/messages/token';
import { SAMPLES, type Original } from '@/testing/bounces/samples';
import { readReturnedMail } from './mail';
import { classOf } from './status';

const sectionId = 7 as SectionId;
const NUMBER = 123_456;

const mailOf = (number: number | null, form: 'plus' | 'minus' | 'domain' | 'plain' = 'plus'): Original => ({
  returnTo: returnAddressOf({ address: 'bounces@example.org', form }, { sectionId, number }),
  messageId: messageIdOf({ sectionId, sendId: 12 as SendId, number: number ?? 1 }, 'example.org'),
  to: 'nobody@example.com',
  unsubscribe: `https://tagwell.example/u/${messageToken('unsubscribe', { sectionId, number, link: 0 })}`,
});

const read = async (raw: string, section = sectionId) => (await readReturnedMail(section, Buffer.from(raw))).returned;

it.each([
  ['postfixUnknown', 'address', '5.1.1', 550],
  ['hostNotFound', 'address', '5.4.4', null],
  ['full', 'full', '5.2.2', 552],
  ['expired', 'expired', '4.4.1', null],
  ['spam', 'policy', '5.7.1', 554],
  ['tooLarge', 'message', '5.3.4', 552],
  ['vaguePolicy', 'policy', '5.0.0', 554],
  ['ours', 'ours', '5.7.26', 550],
  ['vague', 'address', '5.0.0', 550],
  ['exchange', 'address', '5.1.10', 550],
  ['noSuchDomain365', 'address', '5.4.310', 550],
  ['gmail', 'address', '5.1.1', 550],
  ['sendmail', 'address', '5.1.1', 550],
  ['haraka', 'expired', '5.4.7', null],
  ['ses', 'address', '5.1.1', 550],
  ['partly', 'other', '5.1.1', 550],
  ['exim', 'address', '5.1.1', 550],
  ['qmail', 'address', '5.1.1', null],
] as const)('K.116, K.118: %s is a bounce of class %s', async (name, why, status, code) => {
  const returned = await read(SAMPLES[name](mailOf(NUMBER)));
  expect(returned).toMatchObject({ is: 'answer', number: NUMBER, said: { kind: 'bounce', why }, status, code });
  expect('text' in returned && returned.text.length).toBeGreaterThan(5);
});

it('reports about a mail of a form name it, by the address that it came to or by what is quoted', async () => {
  const named = { sectionId, id: 4711 };
  const messageId = messageIdOfFormMail(named, 'example.org');
  const returnTo = returnAddressOfFormMail({ address: 'bounces@example.org', form: 'plus' }, named)!;
  const mail = { ...mailOf(NUMBER), returnTo, messageId, unsubscribe: '' };
  for (const name of ['postfixUnknown', 'gmail', 'exim', 'qmail'] as const)
    expect(await read(SAMPLES[name](mail))).toMatchObject({ is: 'answer', formMail: 4711, said: { kind: 'bounce' } });
  const plain = { ...mail, returnTo: 'news@example.org' };
  expect(await read(SAMPLES.postfixUnknown(plain))).toMatchObject({ is: 'answer', formMail: 4711 });
  // Of another section, or made up.
  expect(await read(SAMPLES.postfixUnknown(mail), (sectionId + 1) as typeof sectionId)).toMatchObject({ is: 'aside' });
  const forged = { ...plain, messageId: messageId.replace(/[0-9a-f]{20}@/, '00000000000000000000@') };
  expect(await read(SAMPLES.postfixUnknown(forged))).toMatchObject({ is: 'aside' });
});

it.each([
  ['outOfOffice', 'automatic'],
  ['unmarkedAway', 'automatic'],
  ['warningInWords', 'automatic'],
  ['delayed', 'delayed'],
  ['delivered', 'delivered'],
  ['notSpam', 'not a complaint'],
] as const)('K.117: %s is no bounce', async (name, what) => {
  expect(await read(SAMPLES[name](mailOf(NUMBER)))).toEqual({ is: 'passed over', what });
});

it('K.128: a complaint without any address is tied by the link to unsubscribe', async () => {
  expect(await read(SAMPLES.complaint(mailOf(NUMBER)))).toMatchObject({
    is: 'answer',
    number: NUMBER,
    said: { kind: 'complaint', why: 'abuse' },
  });
});

it('K.125: a forged report is tied to nobody, whichever part of it is made up', async () => {
  const genuine = mailOf(NUMBER);
  const other = mailOf(NUMBER + 1);
  const forged: Original = {
    ...genuine,
    returnTo: genuine.returnTo
      .replace(/\+.{8}/, (token) => other.returnTo.slice(7, 7 + token.length))
      .replace(/.@/, (last) => (last[0] === 'a' ? 'b@' : 'a@')),
    messageId: genuine.messageId.replace(/\.(\d+)\./, `.${NUMBER + 1}.`),
    unsubscribe: 'https://tagwell.example/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  };
  for (const name of ['postfixUnknown', 'exim', 'qmail', 'complaint', 'gmail'] as const) {
    expect({ name, ...(await read(SAMPLES[name](forged))) }).toMatchObject({ name, is: 'aside' });
    // That of another section changes nothing here.
    expect(await read(SAMPLES[name](genuine), 8 as SectionId)).toMatchObject({ is: 'aside' });
  }
});

it('K.121: every form of return address names its recipient, also when a server has changed the case', () => {
  for (const form of ['plus', 'minus', 'domain'] as const) {
    const { returnTo } = mailOf(NUMBER, form);
    expect(returnTo.split('@')[0]!.length).toBeLessThanOrEqual(64);
    expect(readReturnTokens(sectionId, `<${returnTo}>`)).toEqual([NUMBER]);
    expect(readReturnTokens(sectionId, returnTo.toUpperCase())).toEqual([NUMBER]);
  }
  expect(mailOf(NUMBER, 'plain').returnTo).toBe('bounces@example.org');
});

it('former secrets of the installation go on proving what was sent under them', async () => {
  const now = process.env.NEXTAUTH_SECRET;
  process.env.NEXTAUTH_SECRET = 'a former secret of at least 32 characters';
  const old = mailOf(NUMBER, 'plain');
  const address = mailOf(NUMBER).returnTo;
  process.env.NEXTAUTH_SECRET = now;
  expect(await read(SAMPLES.qmail(old))).toMatchObject({ is: 'aside' });
  process.env.TAGWELL_FORMER_SECRETS = 'a former secret of at least 32 characters';
  try {
    expect(await read(SAMPLES.qmail(old))).toMatchObject({ is: 'answer', number: NUMBER });
    expect(readReturnTokens(sectionId, address)).toEqual([NUMBER]);
  } finally {
    delete process.env.TAGWELL_FORMER_SECRETS;
  }
});

it('tells letters and the test of the return address from reports', async () => {
  expect(await read(SAMPLES.letter(mailOf(NUMBER)))).toMatchObject({
    is: 'aside',
    why: expect.stringMatching(/no report/) as string,
  });
  expect(await read(SAMPLES.letter(mailOf(null)))).toEqual({ is: 'probe' });
  // A bounce of a test is nobody's.
  expect(await read(SAMPLES.postfixUnknown(mailOf(null)))).toMatchObject({ is: 'passed over' });
});

it('reads what is cut off, and throws for what cannot be taken apart', async () => {
  const whole = SAMPLES.postfixUnknown(mailOf(NUMBER)).replace('News for you.', 'x'.repeat(1_000_000));
  expect(await read(whole.slice(0, 200_000))).toMatchObject({ is: 'answer', number: NUMBER });
  const deep = Array.from(
    { length: 40 },
    (_, nth) => `Content-Type: multipart/mixed; boundary=b${nth}\r\n\r\n--b${nth}\r\n`,
  );
  await expect(read(deep.join(''))).rejects.toThrow();
});

it.each([
  [null, 'Sorry, no mailbox here by that name', 'address'],
  [null, 'mailbox full', 'full'],
  [null, 'retry timeout exceeded', 'expired'],
  [null, 'something odd', 'other'],
  ['5.2.1', 'The user you are trying to contact is receiving mail at a rate that', 'other'],
  ['5.2.1', 'Mailbox disabled', 'address'],
  ['5.1.8', 'Sender address rejected', 'policy'],
  ['5.6.7', 'SMTPUTF8 is required', 'unreachable'],
  ['4.2.2', 'over quota', 'full'],
  ['4.4.7', 'Message expired', 'expired'],
  ['5.7.515', 'Access denied, sending domain does not meet the required authentication level', 'ours'],
] as const)('the class of %s %s is %s', (status, text, why) => {
  expect(classOf(status, text)).toBe(why);
});

it.each([
  ['line ends', '\r\n'],
  ['short lines', 'a\n'],
  ['parts', '--b\r\n\r\n'],
  ['blank lines in a report', '\n'],
])('takes no time over a mail of nothing but %s', async (what, piece) => {
  const type = what === 'parts' ? 'multipart/mixed; boundary=b' : `text/${what === 'short lines' ? 'plain' : 'html'}`;
  const head = `From: a@example.com\r\nContent-Type: ${type}\r\n\r\n`;
  const report = `From: a@example.com\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n`;
  const start = what.endsWith('report') ? report : head;
  const raw = Buffer.from(start + piece.repeat(256_000 / piece.length));
  const began = performance.now();
  await readReturnedMail(sectionId, raw);
  expect(performance.now() - began).toBeLessThan(700);
});

it('takes no time over a mail that is made to take long', async () => {
  const raw = `From: mailer-daemon@example.com\r\nSubject: ${'message'.repeat(10_000)}\r\nContent-Type: text/html\r\n\r\n${'<'.repeat(250_000)}`;
  await expect(readReturnedMail(sectionId, Buffer.from(raw))).resolves.toBeDefined();
});
