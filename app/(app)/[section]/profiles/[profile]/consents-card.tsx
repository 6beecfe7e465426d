// What the person has agreed to, topic by topic.
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import type { ShownConsent } from '@/lib/consents/schema';
import { CHANNEL_NAMES, CONSENT_WORDS } from '@/lib/consents/words';

export function ConsentsCard({ consents }: { consents: readonly ShownConsent[] }) {
  if (consents.length === 0) return null;
  return (
    <section className={`${cardClass} h-fit p-4`} aria-labelledby="consents">
      <h2 id="consents" className="mb-2 font-semibold">
        Consents
      </h2>
      <ul className="flex flex-col gap-1.5">
        {consents.map(({ topic, channel, type, modifiedAt }) => (
          <li key={`${topic} ${channel}`} className="wrap-anywhere">
            {topic} · {CHANNEL_NAMES[channel]}:{' '}
            <span className={type === 'opt-out' ? 'text-danger font-medium' : 'font-medium'}>
              {CONSENT_WORDS[type]}
            </span>{' '}
            <span className="text-muted text-[13px]">
              <DateTime value={modifiedAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
