// Nobody was left when its turn came: why, and what to do.
import { Banner } from '@/components/ui/display';
import { reasonsFor, reasonWords } from '@/components/messages/audience-words';
import { EVERYONE } from '@/lib/audience/schema';
import type { Channel } from '@/lib/consents/schema';
import type { SendView } from '@/lib/messages/sends';
import type { InJson } from '@/components/ui/in-json';

export function NobodyBanner({ send: { counts }, channel }: { send: InJson<SendView>; channel: Channel }) {
  const reasons = counts
    ? reasonsFor('marketing', EVERYONE).filter((reason) => reason !== 'gets' && counts[reason] > 0)
    : [];
  return (
    <Banner tone="warning">
      <p className="font-semibold">There was nobody to send to, so nothing was sent.</p>
      <p>
        {counts && counts.matches > 0
          ? `${counts.matches.toLocaleString('en-GB')} ${counts.matches === 1 ? 'person matched' : 'people matched'}: ${reasons
              .map(
                (reason) =>
                  `${counts[reason].toLocaleString('en-GB')} ${reasonWords(reason, channel, EVERYONE).label.toLowerCase()}`,
              )
              .join(', ')}. `
          : 'Nobody matched what was chosen in Send To. '}
        It is a draft again: change who gets it, and send it.
      </p>
    </Banner>
  );
}
