// Addresses that mail providers report bounces to, one for each sender. They carry a signature of the installation, so that nobody finds others by counting.
import { installationAddress, isOnThisMachine } from '@/lib/config/installation';
import { isSignatureOf, signatureOf } from '@/lib/config/signature';
import type { SectionId, SenderId } from '@/lib/db/ids';
import type { SenderOf } from './state';

/** `bounces`: in the form that docs/operations.md describes. `ses`: Amazon SES, by SNS. */
export const BOUNCE_HOOKS = { bounces: '/hooks/bounces/', ses: '/hooks/ses/' } as const;
export type BounceHook = keyof typeof BOUNCE_HOOKS;

/** Of the signature. Bytes. */
const SIGNATURE = 16;
const USE = 'bounce hooks';
const NAME = /^(\d{1,10})-(\d{1,10})-([A-Za-z0-9_-]{22})$/;

/** Where a sender's provider reports to; null: this installation has no address that anybody else can reach. */
export function bounceHookAddress(hook: BounceHook, { sectionId, senderId }: SenderOf): string | null {
  const origin = installationAddress();
  return isOnThisMachine(origin) ? null : `${origin}${BOUNCE_HOOKS[hook]}${hookName(hook, { sectionId, senderId })}`;
}

/** The last part of such an address. */
export function hookName(hook: BounceHook, { sectionId, senderId }: SenderOf): string {
  const name = `${sectionId}-${senderId}`;
  return `${name}-${signatureOf(USE, `${hook} ${name}`, SIGNATURE).toString('base64url')}`;
}

/** The sender that an address names; null if it is not one of ours. */
export function readHookName(hook: BounceHook, text: string): SenderOf | null {
  const [, sectionId, senderId, signature] = NAME.exec(text) ?? [];
  if (signature === undefined) return null;
  const given = Buffer.from(signature, 'base64url');
  if (!isSignatureOf(USE, `${hook} ${sectionId}-${senderId}`, given, SIGNATURE)) return null;
  return { sectionId: Number(sectionId) as SectionId, senderId: Number(senderId) as SenderId };
}
