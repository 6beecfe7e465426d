// What syncs have shown: people who come and go on a list again and again, and lists whose tag nobody uses.
import type { ReactNode } from 'react';
import { TagLink } from '@/components/tags/tag-chip';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import type { FlappingContact } from '@/lib/integrations/flapping';
import type { UnusedList } from '@/lib/integrations/unused';
import { number } from '../words';

/** Of each at most `ADVICE_SHOWN`; of `flapping` one more if there are more. */
export type AdviceFound = { flapping: FlappingContact[]; unused: { lists: UnusedList[]; total: number } };

export const ADVICE_SHOWN = 20;

export function Advice({ slug, flapping, unused }: AdviceFound & { slug: string }) {
  if (flapping.length + unused.total === 0) return null;
  return (
    <section aria-labelledby="advice" className="flex flex-col gap-2">
      <h2 id="advice" className="font-semibold">
        Worth a look
      </h2>
      {flapping.length > 0 && (
        <Fold
          title={`People who come and go: ${flapping.length > ADVICE_SHOWN ? `more than ${ADVICE_SHOWN}` : number(flapping.length)}`}
          explains="In the last 7 days these people were put on a list and taken off it again and again. Usually the list’s rules contradict each other, or two programs write the same field in the CRM. Look at the list there. Until it is in order, pause it here, or let its syncs only add the tag."
        >
          {flapping.slice(0, ADVICE_SHOWN).map(({ profileId, name, listId, listName, times, lastAt }) => (
            <li key={`${listId} ${profileId}`} className="px-3 py-2 wrap-anywhere">
              <Link href={`/${slug}/profiles/${profileId}`} className="text-accent-ink underline">
                {name}
              </Link>
              <span className="text-muted text-[13px]">
                {' '}
                · {listName} · {number(times)} changes, the last <DateTime value={lastAt} />
              </span>
            </li>
          ))}
        </Fold>
      )}
      {unused.total > 0 && (
        <Fold
          title={`Lists whose tags nothing here uses: ${number(unused.total)}`}
          explains="Their tags are in no segment and no unfinished import. Every sync reads these lists; if you do not need a tag, you can stop keeping it in the menu of its list."
        >
          {unused.lists.slice(0, ADVICE_SHOWN).map(({ id, name, tag }) => (
            <li key={id} className="flex flex-wrap items-center gap-2 px-3 py-2">
              <span className="wrap-anywhere">{name}</span> <TagLink tag={tag} size="whole" />
            </li>
          ))}
          {unused.total > ADVICE_SHOWN && (
            <li className="text-muted px-3 py-2">and {number(unused.total - ADVICE_SHOWN)} more</li>
          )}
        </Fold>
      )}
    </section>
  );
}

function Fold({ title, explains, children }: { title: string; explains: string; children: ReactNode }) {
  return (
    <details className={`${cardClass} px-3 py-2`}>
      <summary className="cursor-pointer font-medium">{title}</summary>
      <p className="text-muted mt-1 max-w-prose text-[13px]">{explains}</p>
      <ul className="divide-line mt-1 max-h-96 divide-y overflow-y-auto">{children}</ul>
    </details>
  );
}
