// The addresses in one recipient's mail: links that are counted, the way out, the choices, the mail as a page. answers.ts acts on them.
import { installationAddress } from '@/lib/config/installation';
import type { SectionId } from '@/lib/db/ids';
import { filledAddress, type LinkValues } from '@/lib/mail-document/link-values';
import type { RecipientLinks } from '@/lib/mail-document/render';
import { destinationOf, isWeb } from './destination';
import type { MessageSettings } from './schema';
import { messageToken, messageTokens, type TokenPurpose } from './token';

/** `number`: of the recipient; null for a test or a preview, whose links act on nobody. */
export type LinkedRecipient = { sectionId: SectionId; number: number | null };

type Tracking = Pick<MessageSettings, 'trackOpens' | 'trackClicks' | 'utm'>;

/** Paths begin with this, and end with a token. */
export const LINK_PATHS = {
  click: '/c/',
  open: '/o/',
  unsubscribe: '/u/',
  preferences: '/p/',
  view: '/v/',
} as const satisfies Record<TokenPurpose, string>;

/**
 * The addresses of one mail. `links`: those of the compiled message, of which web addresses are counted if the message counts clicks. Others have the
 * person's `values` at once; without them, nothing stands there.
 */
export function recipientLinks({
  sectionId,
  number,
  links,
  settings: { trackOpens, trackClicks, utm },
  values,
}: LinkedRecipient & {
  links: readonly { address: string }[];
  settings: Tracking;
  values?: LinkValues;
}): RecipientLinks {
  const host = hostOfLinks();
  const counted = trackClicks && number !== null ? links.map(({ address }) => isWeb(address)) : [];
  const asked = counted.flatMap((is, link) => (is ? [{ purpose: 'click' as const, link }] : []));
  const tokens = messageTokens({ sectionId, number }, [...OWN, ...asked]);
  const own = (purpose: TokenPurpose, token: string | undefined) => `${host}${LINK_PATHS[purpose]}${token}`;
  const [unsubscribe, preferences, view, open] = OWN.map(({ purpose }, index) => own(purpose, tokens[index]));
  let next = OWN.length;
  return {
    links: links.map(({ address }, place) =>
      counted[place] ? own('click', tokens[next++]) : filledAddress(destinationOf(address, utm), values),
    ),
    unsubscribe: unsubscribe!,
    preferences: preferences!,
    view: view!,
    open: trackOpens && number !== null ? `${open!}.gif` : null,
  };
}

/** What each mail has once. */
const OWN = [
  { purpose: 'unsubscribe' },
  { purpose: 'preferences' },
  { purpose: 'view' },
  { purpose: 'open' },
] as const satisfies { purpose: TokenPurpose }[];

/** The address of the List-Unsubscribe header: one press there ends it (RFC 8058). The same as of the link in the mail. */
export const unsubscribeAddress = (to: LinkedRecipient): string =>
  `${hostOfLinks()}${LINK_PATHS.unsubscribe}${messageToken('unsubscribe', { ...to, link: 0 })}`;

let newest: { of: string; host: string } | undefined;

/** The installation's address. Kept, as it is needed for each link of each mail and the environment is parsed slowly. */
function hostOfLinks(): string {
  const of = `${process.env.TAGWELL_URL}\n${process.env.NEXTAUTH_URL}`;
  if (newest?.of !== of) newest = { of, host: installationAddress() };
  return newest.host;
}
