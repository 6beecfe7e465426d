// Who can open the links of a message: each mail, and each SMS with a link of ours, leads to this installation.
import { refuse } from '@/lib/access/refusal';
import { installationAddress, isLocalOrigin, isOnThisMachine } from '@/lib/config/installation';
import type { Content, MessageSettings } from './schema';
import { hasOwnLinks } from './sms-text';

/** `machine`: nobody but people at this machine. `network`: people in its network. */
export type LinkReach = { address: string; reach: 'machine' | 'network' | 'anyone'; isSecure: boolean };

/** Where links lead, and for whom they work. */
export function linkReach(): LinkReach {
  const address = installationAddress();
  return {
    address,
    reach: isOnThisMachine(address) ? 'machine' : isLocalOrigin(address) ? 'network' : 'anyone',
    isSecure: address.startsWith('https:'),
  };
}

/** Whether a content leads to this installation, be it only to unsubscribe. */
export const leadsHere = (content: Content, settings: MessageSettings): boolean =>
  content.channel === 'email' || hasOwnLinks(content.text, settings);

/** Refuses to let something leave whose links nobody can open who gets it. What the built-in mailbox keeps is read here. */
export function requireReach({ kind }: { kind: string }, content: Content, settings: MessageSettings): void {
  const { address, reach } = linkReach();
  if (kind === 'mailbox' || reach !== 'machine' || !leadsHere(content, settings)) return;
  refuse(
    'invalid',
    `Its links lead to ${address}, which nobody else can open. The person who runs Tagwell sets the right address with TAGWELL_URL.`,
    { field: 'content' },
  );
}
