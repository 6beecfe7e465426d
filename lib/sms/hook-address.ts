// Addresses that providers report to. Each names one SMS of one sender, or the sender's answers, and carries a signature of the
// installation, so that whoever learns one can say nothing about another.
import { createHmac, hkdfSync } from 'node:crypto';
import { environment } from '@/lib/config/environment';
import { installationAddress, isOnThisMachine } from '@/lib/config/installation';
import { isSame } from './signature';

export const SMS_HOOKS = '/hooks/sms/';

/** `reference`: null for answers of people. */
export type SmsHook = { sectionId: number; senderId: number; reference: string | null };

const NAME = /^(\d{1,10})-(\d{1,10})-(\d{1,18}|in)-([A-Za-z0-9_-]{22})$/;

const named = ({ sectionId, senderId, reference }: SmsHook): string => `${sectionId}-${senderId}-${reference ?? 'in'}`;

/** The address of a hook; null: this installation has none that anybody else can reach. */
export function smsHookAddress(hook: SmsHook): string | null {
  const origin = installationAddress();
  if (isOnThisMachine(origin)) return null;
  const name = named(hook);
  return `${origin}${SMS_HOOKS}${name}-${signed(name, secrets()[0]!)}`;
}

/** What a hook's name in an address names; null if it is not one of ours. */
export function readSmsHook(name: string): SmsHook | null {
  const [, sectionId, senderId, reference, signature] = NAME.exec(name) ?? [];
  if (signature === undefined) return null;
  const hook = {
    sectionId: Number(sectionId),
    senderId: Number(senderId),
    reference: reference === 'in' ? null : reference!,
  };
  const known = secrets().map((secret) => isSame(signature, signed(named(hook), secret)));
  return known.includes(true) ? hook : null;
}

const keys = new Map<string, Buffer>();

function signed(name: string, secret: string): string {
  let key = keys.get(secret);
  if (!key) keys.set(secret, (key = Buffer.from(hkdfSync('sha256', secret, '', 'tagwell: sms hooks', 32))));
  return createHmac('sha256', key).update(name).digest().subarray(0, 16).toString('base64url');
}

/** The installation's secret, and those that it had before. */
function secrets(): string[] {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  return [secret, ...environment().TAGWELL_FORMER_SECRETS];
}
