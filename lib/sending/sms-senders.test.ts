// SMS senders: asked before they are kept, with secrets that go nowhere else; limits, tests, and the built-in mailbox.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { SenderId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { readSmsFrom, smsNameOf } from '@/lib/sms/sender-name';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { ELKS_USER, startElks } from '@/testing/sms/elks';
import { GENERIC_SECRET, genericSettings, startGeneric } from '@/testing/sms/generic';
import type { SmsSimulator } from '@/testing/sms/simulator';
import { addMailbox, chooseForSystemMail, makeKey, sendTestMail, sendTestSms } from './commands';
import { openTransport } from './open-transport';
import { openSender } from './queries';
import { readMailbox, readSender, readSenders } from './reads';
import { addSmsSender, changeSmsSender } from './save-sms';
import { openSmsTransport } from './sms-transport';
import { takeRoom } from './use';

let account: TestAccount;
let elks: SmsSimulator;
let generic: SmsSimulator;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  [elks, generic] = await Promise.all([startElks(), startGeneric()]);
});
afterAll(async () => {
  await Promise.all([elks.close(), generic.close()]);
  delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
});
beforeEach(async () => {
  elks.reset();
  generic.reset();
  account = await createTestAccount();
});

const form = (part: object = {}) => ({
  sectionId: account.sectionId,
  name: 'Texts',
  from: 'Shop',
  account: { kind: 'sms-46elks', settings: { user: ELKS_USER.user } },
  secret: ELKS_USER.password,
  connections: '2',
  perSecond: '',
  perHour: '',
  perDay: '',
  ...part,
});
const at = () => ({ origin: elks.origin });
const add = async (part: object = {}) => valueOf(await addSmsSender(account.admin, form(part), at())).id;
const inSender = (senderId: SenderId) => ({ sectionId: account.sectionId, senderId });
const open = async (senderId: SenderId) => (await openSender(pool(), account.sectionId, senderId))!;

describe('an SMS sender', () => {
  it('is kept once its provider knows it, with a sealed secret that no page gets; nothing is sent', async () => {
    const senderId = await add();
    expect([elks.taken.length, elks.asked.length]).toEqual([0, 1]);
    const view = valueOf(await readSender(account.admin, inSender(senderId)));
    expect(view).toMatchObject({
      kind: 'sms-46elks',
      fromAddress: 'Shop',
      needsPassword: false,
      sms: { connections: 2 },
    });
    expect(JSON.stringify(view)).not.toContain(ELKS_USER.password);
    const { secrets } = await one<{ secrets: Buffer }>(
      pool(),
      sql`select secrets from sender where section_id = ${account.sectionId} and id = ${senderId}`,
    );
    expect(secrets.includes(ELKS_USER.password)).toBe(false);
    const audit = await one<{ text: string }>(
      pool(),
      sql`select details::text as text from audit_entry where subject = ${`sender:${senderId}`}`,
    );
    expect([audit.text.includes(ELKS_USER.password), audit.text.includes('46elks')]).toEqual([false, true]);
  });

  it.each<[string, object, string, RegExp]>([
    ['a wrong password', { secret: 'wrong' }, 'secret', /does not know this user name or password.*Invalid API/],
    ['no password', { secret: '' }, 'secret', /Enter the API password/],
    ['no user', { account: { kind: 'sms-46elks', settings: { user: ' ' } } }, 'account.settings.user', /user name/],
    ['a name of twelve letters', { from: 'Twelveletter' }, 'from', /up to 11 letters/],
    ['a name with an umlaut', { from: 'Räkor' }, 'from', /up to 11 letters/],
    ['a name of digits', { from: '070123' }, 'from', /up to 11 letters/],
    ['too many at once', { connections: '51' }, 'connections', /at most 50/],
  ])('with %s is not kept, and the field says why', async (_what, part, field, message) => {
    expect(await addSmsSender(account.admin, form(part), at())).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field, message: expect.stringMatching(message) as string },
    });
    expect(valueOf(await readSenders(account.admin, { sectionId: account.sectionId }))).toEqual([]);
  });

  it('whose provider cannot be asked is tested by an SMS to the Admin', async () => {
    const settings = genericSettings(generic.origin);
    const part = { account: { kind: 'sms-http', settings }, secret: GENERIC_SECRET };
    expect(await addSmsSender(account.admin, form(part))).toMatchObject({ refusal: { field: 'testTo' } });
    const refused = await addSmsSender(account.admin, form({ ...part, testTo: '+46700000000' }));
    expect(refused).toMatchObject({ refusal: { code: 'invalid', field: 'account.settings.url' } });
    valueOf(await addSmsSender(account.admin, form({ ...part, testTo: '+46 70-123 45 67' })));
    expect(generic.taken).toMatchObject([{ to: '46701234567', from: 'Shop' }]);
    const inside = { ...settings, url: 'http://10.0.0.1/send' };
    expect(
      await addSmsSender(account.admin, form({ ...part, account: { kind: 'sms-http', settings: inside } })),
    ).toMatchObject({
      refusal: { field: 'account.settings.url', message: expect.stringMatching(/private/) as string },
    });
  });

  it('keeps its secret for its own account: elsewhere it has to be entered again', async () => {
    const senderId = await add();
    const change = (part: object) => changeSmsSender(account.admin, { ...form(part), senderId }, at());
    elks.reset();
    expect(valueOf(await change({ secret: '', name: 'Renamed', perSecond: '5' }))).toEqual({ tested: false });
    expect(elks.asked).toEqual([]);
    const other = { account: { kind: 'sms-46elks', settings: { user: 'other' } }, secret: '' };
    expect(await change(other)).toMatchObject({
      refusal: { field: 'secret', message: expect.stringMatching(/enter it again/) as string },
    });
    // An address of the form's own choice is not taken: the stored secret goes to the provider only.
    const own = {
      account: { kind: 'sms-46elks', settings: { user: ELKS_USER.user, origin: generic.origin } },
      secret: '',
    };
    valueOf(await change(own));
    expect((await open(senderId)).settings.sms!.account.settings).toMatchObject({ origin: elks.origin });
    expect(valueOf(await change({ secret: '', from: '+46701111111' }))).toEqual({ tested: true });
    expect(
      await change({ secret: '', account: { kind: 'sms-http', settings: genericSettings('https://x.example') } }),
    ).toMatchObject({
      ok: false,
    });
  });

  it('is for Admins with access to its section', async () => {
    const senderId = await add();
    const other = await createTestAccount();
    elks.reset();
    for (const [actor, code] of [
      [account.marketer, 'not_allowed'],
      [other.admin, 'not_found'],
    ] as const) {
      for (const asked of [
        addSmsSender(actor, form(), at()),
        changeSmsSender(actor, { ...form(), senderId }, at()),
        sendTestSms(actor, { ...inSender(senderId), to: '+46701234567' }),
      ]) {
        expect(await asked).toMatchObject({ ok: false, refusal: { code } });
      }
    }
    expect(elks.asked).toEqual([]);
  });

  it('sends no mail, and is not chosen for invitations', async () => {
    const senderId = await add();
    expect(await sendTestMail(account.admin, inSender(senderId))).toMatchObject({ refusal: { code: 'invalid' } });
    expect(await makeKey(account.admin, inSender(senderId))).toMatchObject({ refusal: { code: 'invalid' } });
    expect(await chooseForSystemMail(account.owner, { ...inSender(senderId), used: true })).toMatchObject({
      ok: false,
    });
    const mails = openTransport(await open(senderId));
    expect(await mails.deliver({ envelope: { from: 'a@b.se', to: 'c@d.se' }, raw: Buffer.from('') })).toMatchObject({
      kind: 'senderFault',
    });
  });

  it('keeps to its limits, and sends a test', async () => {
    const senderId = await add({ perHour: '3' });
    const tested = valueOf(await sendTestSms(account.admin, { ...inSender(senderId), to: '+46 70 123 45 67' }));
    expect(tested).toMatchObject({ to: '+46701234567', outcome: { kind: 'sent' } });
    expect(elks.taken).toMatchObject([{ from: 'Shop', to: '+46701234567', callback: null }]);
    const sender = await open(senderId);
    const room = await transaction((tx) => takeRoom(tx, sender, 10));
    expect([room.granted, room.nextAt !== null]).toEqual([2, true]);
    expect(await sendTestSms(account.admin, { ...inSender(senderId), to: '070-123' })).toMatchObject({
      refusal: { field: 'to' },
    });
  });

  it('[173] hands over no number that gets no SMS, and no empty text; texts are composed first', async () => {
    const transport = openSmsTransport(await open(await add()));
    const deliver = (to: string, text: string) => transport.deliver({ to, text, reference: null });
    expect(await deliver('4681234567', 'x')).toMatchObject({
      kind: 'refused',
      why: 'address',
      text: expect.stringMatching(/landline/) as string,
    });
    expect(await deliver('0701234567', 'x')).toMatchObject({ kind: 'refused', why: 'address' });
    expect(await deliver('46701234567', ' \n')).toMatchObject({ kind: 'refused', why: 'message' });
    expect(elks.asked).toHaveLength(1);
    await deliver('46701234567', 'Ra\u0308ka\r\n1');
    expect(elks.taken[0]!.text).toBe('Räka\n1');
    await transport.close();
  });
});

describe('the built-in mailbox', () => {
  it('keeps SMS beside mails, and sends nothing', async () => {
    const { id } = valueOf(await addMailbox(account.admin, { sectionId: account.sectionId }));
    expect(valueOf(await sendTestSms(account.admin, { ...inSender(id), to: '+46701234567' }))).toMatchObject({
      outcome: { kind: 'sent', text: expect.stringMatching(/nothing left this server/) as string },
    });
    valueOf(await sendTestMail(account.admin, inSender(id)));
    const page = { ...inSender(id), senderId: String(id), search: '', limit: 10 };
    const { mails } = valueOf(await readMailbox(account.admin, page));
    expect(mails.map(({ channel }) => channel)).toEqual(['email', 'sms']);
    const { open: opened } = valueOf(await readMailbox(account.admin, { ...page, mailId: mails[1]!.id }));
    expect(opened).toMatchObject({
      channel: 'sms',
      to: '+46701234567',
      html: null,
      text: expect.stringMatching(/^This is a test/) as string,
    });
  });
});

describe('what an SMS says it is from', () => {
  it.each([
    ['Shop', 'Shop'],
    [' My Shop 24 ', 'My Shop 24'],
    ['Elevenchars', 'Elevenchars'],
    ['+46 70-123 45 67', '+46701234567'],
    ['0046701234567', '+46701234567'],
    ['Twelvechars1', undefined],
    ['Café', undefined],
    ['0701234567', undefined],
    ['Shop!', undefined],
    ['', undefined],
    ['+0701234567', undefined],
  ])('%s', (text, from) => expect(readSmsFrom(text)).toBe(from));

  it('is made from the name of a section where there is none', () => {
    expect(['Räksmörgås & Co AB', 'Ångström', '漢字', '12345'].map(smsNameOf)).toEqual([
      'Raksmorgas',
      'Angstrom',
      'Tagwell',
      'Tagwell',
    ]);
  });
});
