// Adding and changing SMS senders: the provider is asked first, outside of any transaction; what it accepted is stored, with the secrets
// sealed.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { parseInput, refused } from '@/lib/access/declared';
import { requireAllowed } from '@/lib/access/policy';
import { refuse, type Result } from '@/lib/access/refusal';
import { seal } from '@/lib/config/seal';
import { SectionIdSchema, type SenderId } from '@/lib/db/ids';
import { addressProblem } from '@/lib/outbound/request';
import { destinationOf, openProvider, SmsAccountSchema, type SmsAccount } from '@/lib/sms/account';
import { SMS_KIND_NAMES } from '@/lib/sms/kinds';
import { readMobile } from '@/lib/sms/sender-name';
import type { SmsOutcome } from '@/lib/sms/outcome';
import { HttpSmsTransport, probeProvider, type SmsOptions } from '@/lib/sms/transport';
import { lockSender, ownSender, requirePlace, requireSection } from './save';
import {
  InSender,
  NO_SECRETS,
  NO_SETTINGS,
  SettingsSchema,
  SmsIdentitySchema,
  SmsLimitsSchema,
  type SmsSettings,
  type StoredSmsSecrets,
} from './schema';

const SecretSchema = z.string().trim().max(2_000);

/** `testTo`: where a real SMS goes as the test, for a provider that cannot be asked without one. */
const NewSmsSchema = SmsIdentitySchema.extend(SmsLimitsSchema.shape).extend({
  sectionId: SectionIdSchema,
  account: SmsAccountSchema,
  secret: SecretSchema,
  hookSecret: SecretSchema.default(''),
  testTo: z.string().trim().max(40).default(''),
});

/** `secret`, `hookSecret`: empty keeps the stored one. `noHookSecret`: the stored one goes. */
const ChangedSmsSchema = NewSmsSchema.extend({
  senderId: InSender.shape.senderId,
  noHookSecret: z.boolean().default(false),
});

/** `origin`: of the provider, which tests give. `requestId`: one per intent, so that sending twice stores one sender. */
export type SaveSmsOptions = { origin?: string; sms?: Partial<SmsOptions>; requestId?: string };

/** Where secrets go is never the form's choice, but for a template, whose address is checked whenever it is called. */
function accountAt(account: SmsAccount, origin: string | undefined): SmsAccount {
  const { kind, settings } = account;
  if (kind === 'sms-http') return account;
  const usual = SmsAccountSchema.parse({ kind, settings: { ...settings, origin: undefined } });
  return origin === undefined ? usual : ({ ...usual, settings: { ...usual.settings, origin } } as SmsAccount);
}

const SECRET_WORDS = {
  'sms-46elks': 'Enter the API password.',
  'sms-twilio': 'Enter the auth token.',
  'sms-sinch': 'Enter the API token.',
  'sms-http': '',
} as const;

type Asked = { account: SmsAccount; secrets: StoredSmsSecrets; from: string; testTo: string };

/** Asks the provider. Refuses with `invalid`, at the field that the reason is about. */
async function askProvider({ account, secrets, from, testTo }: Asked, options: Partial<SmsOptions>): Promise<void> {
  const provider = openProvider(account, secrets);
  const asked = await probeProvider(provider, from, options);
  const outcome = asked ?? (await sendOne({ account, secrets, from, testTo }, options));
  if (outcome.kind === 'sent') return;
  const said = outcome.text === '' ? `It answered ${outcome.code ?? 'nothing'}.` : `It says: ${outcome.text}`;
  if (outcome.kind === 'senderFault' && outcome.why === 'credentials') {
    const words = `${SMS_KIND_NAMES[account.kind]} does not know this user name or password. ${said}`;
    refuse('invalid', words, { field: 'secret' });
  }
  if (outcome.code === null) refuse('invalid', outcome.text, { field: fieldOfAddress(account) });
  if (/\bfrom\b|sender/i.test(outcome.text)) {
    refuse('invalid', `The provider refuses this sender name or number. ${said}`, { field: 'from' });
  }
  refuse('invalid', `The provider did not accept this. ${said}`, { field: fieldOfAddress(account) });
}

const fieldOfAddress = ({ kind }: SmsAccount): string =>
  ({
    'sms-46elks': 'account.settings.user',
    'sms-twilio': 'account.settings.accountSid',
    'sms-sinch': 'account.settings.servicePlanId',
    'sms-http': 'account.settings.url',
  })[kind];

/** A real SMS, for a provider that cannot be asked without one. */
async function sendOne({ account, secrets, from, testTo }: Asked, options: Partial<SmsOptions>): Promise<SmsOutcome> {
  const to = readMobile(testTo);
  if (to === undefined) {
    const words = 'Enter your own number with + and its country code: an SMS to it is the test.';
    return refuse('invalid', words, { field: 'testTo' });
  }
  const transport = new HttpSmsTransport(openProvider(account, secrets), from, { answerMs: 15_000, ...options });
  try {
    return await transport.deliver({
      to,
      text: 'This is a test of Tagwell.',
      reference: null,
      callback: null,
      until: null,
    });
  } finally {
    await transport.close(0);
  }
}

/** Adds an SMS sender, if its provider knows the account. Refuses with `invalid` and the reason; nothing is stored then. */
export async function addSmsSender(
  actor: Actor,
  raw: unknown,
  { origin, sms = {}, requestId }: SaveSmsOptions = {},
): Promise<Result<{ id: SenderId }>> {
  try {
    requireAllowed(actor, 'admins');
    const input = parseInput(NewSmsSchema, raw);
    const { sectionId, name, from, testTo } = input;
    await requireSection(actor, sectionId);
    const account = accountAt(input.account, origin);
    requireCallable(account);
    if (input.secret === '' && account.kind !== 'sms-http') {
      refuse('invalid', SECRET_WORDS[account.kind], { field: 'secret' });
    }
    const secrets: StoredSmsSecrets = {
      secret: input.secret,
      formerSecret: null,
      hookSecret: input.hookSecret === '' ? null : input.hookSecret,
      formerHookSecret: null,
      changedAt: new Date().toISOString(),
    };
    await askProvider({ account, secrets, from, testTo }, sms);
    return await storeNew(
      actor,
      { sectionId, name, from, settings: settingsOf(input, account, new Date().toISOString()), secrets },
      { requestId },
    );
  } catch (error) {
    return refused(error);
  }
}

function requireCallable(account: SmsAccount): void {
  if (account.kind !== 'sms-http') return;
  // Placeholders are not part of where it leads.
  const problem = addressProblem(account.settings.url.replace(/\{\{.*?\}\}/g, 'x'));
  if (problem) refuse('invalid', problem, { field: 'account.settings.url' });
}

const settingsOf = (
  { hours, connections, perSecond, perHour, perDay }: z.output<typeof SmsLimitsSchema>,
  account: SmsAccount,
  gentleSince: string | null,
): SmsSettings => ({ account, hours, connections, perSecond, perHour, perDay, gentleSince });

const StoredSms = SettingsSchema.shape.sms.unwrap().unwrap();
const StoredSecrets = z.object({
  secret: z.string(),
  formerSecret: z.string().nullable(),
  hookSecret: z.string().nullable(),
  formerHookSecret: z.string().nullable(),
  changedAt: z.iso.datetime(),
});
const Stored = SmsIdentitySchema.extend({ settings: StoredSms, secrets: StoredSecrets });

const storeNew = command({
  name: 'sending.add-sms',
  scope: 'section',
  allow: 'admins',
  input: Stored.extend({ sectionId: SectionIdSchema }),
  run: async ({ tx, prisma, actor }, { sectionId, name, from, settings, secrets }) => {
    await requirePlace(tx, sectionId);
    return prisma.sender.create({
      data: {
        sectionId,
        kind: settings.account.kind,
        name,
        fromAddress: from,
        fromName: '',
        settings: { ...NO_SETTINGS, sms: settings },
        secrets: seal(JSON.stringify({ ...NO_SECRETS, sms: secrets })),
        createdBy: actorUserId(actor),
      },
      select: { id: true },
    }) as Promise<{ id: SenderId }>;
  },
  audit: ({ name, from, settings }, { id }) => ({
    summary: `Added the SMS sender “${name}”`,
    subject: `sender:${id}`,
    details: { provider: SMS_KIND_NAMES[settings.account.kind], from },
  }),
});

const MOVED = 'This leads somewhere else than before. The stored secret is not sent there: enter it again.';

/**
 * Changes an SMS sender. Its provider is asked before anything is stored, unless only names or limits change. The secret that was there before goes
 * on proving reports for a week. Refuses with `invalid` and field `secret` if the secret would go elsewhere than before.
 */
export async function changeSmsSender(
  actor: Actor,
  raw: unknown,
  { origin, sms = {}, requestId }: SaveSmsOptions = {},
): Promise<Result<{ tested: boolean }>> {
  try {
    requireAllowed(actor, 'admins');
    const input = parseInput(ChangedSmsSchema, raw);
    const { sectionId, senderId, name, from, testTo } = input;
    const known = await ownSender(actor, sectionId, senderId);
    const was = known.settings.sms;
    if (!was) return refuse('invalid', 'This sender sends no SMS.');
    if (was.account.kind !== input.account.kind) {
      return refuse('invalid', 'A sender stays with its provider. Add another sender for another one.');
    }
    const account = accountAt(input.account, origin);
    requireCallable(account);
    const stored = known.secrets.sms;
    const moved = destinationOf(account) !== destinationOf(was.account);
    if (input.secret === '' && (stored === null || (moved && stored.secret !== ''))) {
      return refuse('invalid', moved ? MOVED : SECRET_WORDS[account.kind] || 'Enter the secret again.', {
        field: 'secret',
      });
    }
    const secrets = secretsAfter(input, stored, moved, new Date());
    // What a template's answers and reports mean can be changed without another SMS.
    const isSame = account.kind === 'sms-http' ? !moved : JSON.stringify(account) === JSON.stringify(was.account);
    const tested = !isSame || from !== known.fromAddress || input.secret !== '';
    if (tested) await askProvider({ account, secrets, from, testTo }, sms);
    const settings = settingsOf(input, account, moved ? new Date().toISOString() : was.gentleSince);
    const kept = await storeChange(actor, { sectionId, senderId, name, from, settings, secrets }, { requestId });
    return kept.ok ? { ok: true, value: { tested } } : kept;
  } catch (error) {
    return refused(error);
  }
}

/** What is stored after a change. What it replaces is kept beside it, unless it was for another account. */
function secretsAfter(
  { secret, hookSecret, noHookSecret }: z.output<typeof ChangedSmsSchema>,
  stored: StoredSmsSecrets | null,
  moved: boolean,
  at: Date,
): StoredSmsSecrets {
  const after = {
    secret: secret === '' ? (stored?.secret ?? '') : secret,
    hookSecret: noHookSecret ? null : hookSecret === '' ? (stored?.hookSecret ?? null) : hookSecret,
  };
  if (stored === null || moved) {
    return { ...after, formerSecret: null, formerHookSecret: null, changedAt: at.toISOString() };
  }
  const [isOther, isOtherHook] = [after.secret !== stored.secret, after.hookSecret !== stored.hookSecret];
  if (!isOther && !isOtherHook) return stored;
  return {
    ...after,
    formerSecret: isOther ? stored.secret : stored.formerSecret,
    formerHookSecret: isOtherHook ? stored.hookSecret : stored.formerHookSecret,
    changedAt: at.toISOString(),
  };
}

const storeChange = command({
  name: 'sending.change-sms',
  scope: 'section',
  allow: 'admins',
  input: Stored.extend(InSender.shape),
  run: async ({ tx, prisma }, { sectionId, senderId, name, from, settings, secrets }) => {
    const known = await lockSender(tx, sectionId, senderId);
    await prisma.sender.update({
      where: { sectionId_id: { sectionId, id: senderId } },
      data: {
        name,
        fromAddress: from,
        settings: { ...NO_SETTINGS, sms: settings },
        secrets: seal(JSON.stringify({ ...NO_SECRETS, sms: secrets })),
      },
      select: { id: true },
    });
    return { was: known.name };
  },
  audit: ({ senderId, name, from, settings }, { was }) => ({
    summary: was === name ? `Changed the SMS sender “${name}”` : `Renamed the SMS sender “${was}” to “${name}”`,
    subject: `sender:${senderId}`,
    details: { provider: SMS_KIND_NAMES[settings.account.kind], from },
  }),
});
