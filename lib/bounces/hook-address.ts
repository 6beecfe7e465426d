// Addresses that mail providers report bounces to, one for each sender. They carry a signature of the installation, so that nobody finds others by counting.
import { createHmac, hkdfSync } from 'node:crypto';
import { environment } from '@/lib/config/environment';
import { installationAddress, isOnThisMachine } from '@/lib/config/installation';
import type { SectionId, SenderId } from '@/lib/db/ids';
import { isSame } from '@/lib/sms/signature';
import type { SenderOf } from './state';

/** `bounces`: in the form that docs/operations.md describes. `ses`: Amazon SES, by SNS. */
export const BOUNCE_HOOKS = { bounces: '/hooks/bounces/', ses: '/hooks/ses/' } as const;
export type BounceHook = keyof typeof BOUNCE_HOOKS;

const NAME = /^(\d{1,10})-(\d{1,10})-([A-Za-z0-9_-]{22})$/;

/** Where a sender's provider reports to; null: this installation has no address that anybody else can reach. */
export function bounceHookAddress(hook: BounceHook, { sectionId, senderId }: SenderOf): string | null {
  const origin = installationAddress();
  return isOnThisMachine(origin) ? null : `${origin}${BOUNCE_HOOKS[hook]}${hookName(hook, { sectionId, senderId })}`;
}

/** The last part of such an address. */
export function hookName(hook: BounceHook, { sectionId, senderId }: SenderOf): string {
  const name = `${sectionId}-${senderId}`;
  return `${name}-${signed(`${hook} ${name}`, secrets()[0]!)}`;
}

/** The sender that an address names; null if it is not one of ours. */
export function readHookName(hook: BounceHook, text: string): SenderOf | null {
  const [, sectionId, senderId, signature] = NAME.exec(text) ?? [];
  if (signature === undefined) return null;
  const known = secrets().map((secret) => isSame(signature, signed(`${hook} ${sectionId}-${senderId}`, secret)));
  if (!known.includes(true)) return null;
  return { sectionId: Number(sectionId) as SectionId, senderId: Number(senderId) as SenderId };
}

const keys = new Map<string, Buffer>();

function signed(name: string, secret: string): string {
  let key = keys.get(secret);
  if (!key) keys.set(secret, (key = Buffer.from(hkdfSync('sha256', secret, '', 'tagwell: bounce hooks', 32))));
  return createHmac('sha256', key).update(name).digest().subarray(0, 16).toString('base64url');
}

/** The installation's secret, and those that it had before. */
function secrets(): string[] {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  return [secret, ...environment().TAGWELL_FORMER_SECRETS];
}
