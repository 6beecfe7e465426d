// The addresses in one recipient's mail: links that are counted, the way out, the choices, the mail as a page. answers.ts acts on them.
import { installationAddress } from '@/lib/config/installation';
import type { SectionId } from '@/lib/db/ids';
import { filledAddress, type LinkValues } from '@/lib/mail-document/link-values';
import type { RecipientLinks } from '@/lib/mail-document/render';
import { destinationOf, isWeb } from './destination';
import type { MessageSettings } from './schema';
import { messageToken, tokensOf, type TokenPurpose } from './token';

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
  const tokenFor = tokensOf({ sectionId, number });
  const own = (purpose: TokenPurpose, link?: number) => `${host}${LINK_PATHS[purpose]}${tokenFor(purpose, link)}`;
  return {
    links: links.map(({ address }, place) =>
      trackClicks && number !== null && isWeb(address)
        ? own('click', place)
        : filledAddress(destinationOf(address, utm), values),
    ),
    unsubscribe: own('unsubscribe'),
    preferences: own('preferences'),
    view: own('view'),
    open: trackOpens && number !== null ? `${own('open')}.gif` : null,
  };
}

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
