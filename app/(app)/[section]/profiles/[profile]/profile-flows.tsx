// The flows that the profile is in, and those that it has been in.
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { LEFT_WORDS } from '@/lib/flows/outcomes';
import type { FlowOfPerson } from '@/lib/flows/queries';
import type { ProfileId } from '@/lib/db/ids';

type Props = { slug: string; profileId: ProfileId; flows: readonly FlowOfPerson[] };

const SHOWN = 8;

export function FlowsCard({ slug, profileId, flows }: Props) {
  return (
    <section className={`${cardClass} h-fit p-4`} aria-labelledby="flows">
      <h2 id="flows" className="mb-2 font-semibold">
        Flows
      </h2>
      <ul className="flex flex-col gap-1">
        {flows.slice(0, SHOWN).map(({ flowId, flowName, outcome, enteredAt }) => (
          <li key={flowId} className="min-w-0">
            <Link
              href={`/${slug}/flows/${flowId}/people/${profileId}`}
              className="block truncate font-medium hover:underline"
            >
              {flowName}
            </Link>
            <span className={outcome === 'failed' ? 'text-danger text-[13px]' : 'text-muted text-[13px]'}>
              {outcome === null ? 'in it now' : LEFT_WORDS[outcome]}, entered <DateTime value={enteredAt} />
            </span>
          </li>
        ))}
      </ul>
      {flows.length > SHOWN && <p className="text-muted text-[13px]">and {flows.length - SHOWN} more</p>}
    </section>
  );
}
