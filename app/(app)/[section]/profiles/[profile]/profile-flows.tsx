// The flows that the profile is in, and those that it has been in.
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { LEFT_WORDS } from '@/lib/flows/outcomes';
import type { FlowOfPerson } from '@/lib/flows/queries';
import type { FlowId, ProfileId, SectionId } from '@/lib/db/ids';
import { LetIntoFlow } from './let-into-flow';

type Props = {
  section: { id: SectionId; slug: string };
  profile: { id: ProfileId; name: string };
  flows: readonly FlowOfPerson[];
  /** Into which they could be let. */
  live: readonly { id: FlowId; name: string }[];
};

const SHOWN = 8;

export function FlowsCard({ section, profile, flows, live }: Props) {
  return (
    <section className={`${cardClass} h-fit p-4`} aria-labelledby="flows">
      <div className="mb-2 flex items-center justify-between gap-2">
        <h2 id="flows" className="font-semibold">
          Flows
        </h2>
        {live.length > 0 && <LetIntoFlow sectionId={section.id} profile={profile} flows={live} />}
      </div>
      {flows.length === 0 && <p className="text-muted">Has been in no flow yet.</p>}
      <ul className="flex flex-col gap-1">
        {flows.slice(0, SHOWN).map(({ flowId, flowName, outcome, enteredAt }) => (
          <li key={flowId} className="min-w-0">
            <Link
              href={`/${section.slug}/flows/${flowId}/people/${profile.id}`}
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
