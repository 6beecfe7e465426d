// Addresses that providers report to. Each names one SMS of one sender, or the sender's answers, and carries a signature of the
// installation, so that whoever learns one can say nothing about another.
import { installationAddress, isOnThisMachine } from '@/lib/config/installation';
import { isSignatureOf, signatureOf } from '@/lib/config/signature';

export const SMS_HOOKS = '/hooks/sms/';

/** `reference`: null for answers of people. */
export type SmsHook = { sectionId: number; senderId: number; reference: string | null };

/** Of the signature. Bytes. */
const SIGNATURE = 16;
const USE = 'sms hooks';
const NAME = /^(\d{1,10})-(\d{1,10})-(\d{1,18}|in)-([A-Za-z0-9_-]{22})$/;

const named = ({ sectionId, senderId, reference }: SmsHook): string => `${sectionId}-${senderId}-${reference ?? 'in'}`;

/** The address of a hook; null: this installation has none that anybody else can reach. */
export function smsHookAddress(hook: SmsHook): string | null {
  const origin = installationAddress();
  if (isOnThisMachine(origin)) return null;
  const name = named(hook);
  return `${origin}${SMS_HOOKS}${name}-${signatureOf(USE, name, SIGNATURE).toString('base64url')}`;
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
  return isSignatureOf(USE, named(hook), Buffer.from(signature, 'base64url'), SIGNATURE) ? hook : null;
}
