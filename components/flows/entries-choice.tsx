'use client';
// Into which flows how many would come by a change of many people, and whether they do.
import { RadioGroup } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import type { FlowEntries } from '@/lib/flows/entries';

type Props = {
  slug: string;
  /** Without numbers while they are counted, or as long as nobody has counted them. */
  flows: readonly (Omit<FlowEntries, 'enters'> & { enters: number | null })[];
  startsFlows: boolean;
  onChange: (startsFlows: boolean) => void;
  /** What is said with the numbers. */
  note?: string;
};

export function EntriesChoice({ slug, flows, startsFlows, onChange, note }: Props) {
  if (flows.length === 0) return null;
  if (flows.every(({ enters, state }) => enters === 0 && state !== 'attention'))
    return <p className="text-muted text-[13px]">Nobody enters a flow by this.</p>;
  return (
    <div className="flex flex-col gap-2">
      <RadioGroup
        label="Flows that wait for this"
        value={startsFlows ? 'start' : 'none'}
        onChange={(choice) => onChange(choice === 'start')}
        options={[
          { value: 'start', label: 'Start them', hint: 'You can end what was started with the undo.' },
          { value: 'none', label: 'Start none', hint: 'Nobody enters a flow by this, now or later.' },
        ]}
      />
      <ul aria-label="Who would enter" aria-live="polite" className="bg-sunken rounded-md px-3 py-2 text-[13px]">
        {flows.map((flow) => (
          <li key={flow.flowId} className={startsFlows ? undefined : 'text-muted'}>
            <Link href={`/${slug}/flows/${flow.flowId}`} target="_blank" className="font-medium underline">
              {flow.name}
            </Link>
            : {inWords(flow, startsFlows)}
          </li>
        ))}
      </ul>
      {note && <p className="text-muted text-[13px]">{note}</p>}
    </div>
  );
}

function inWords({ enters, state, on }: Props['flows'][number], startsFlows: boolean): string {
  if (on !== undefined && enters !== null && state !== 'attention')
    return `${people(enters)} ${enters === 1 ? 'enters' : 'enter'} when the date comes, on ${on}, whatever you choose`;
  if (!startsFlows) return enters === null ? 'nobody enters' : `nobody enters (${people(enters)} would)`;
  if (state === 'attention') return 'needs attention: people who come are kept, and offered once it is fixed';
  if (enters === null)
    return state === 'paused' ? 'paused: people who come are kept, and offered later' : 'not counted yet';
  return state === 'paused'
    ? `paused: ${people(enters)} ${enters === 1 ? 'is' : 'are'} kept, and offered when it goes on`
    : `${people(enters)} ${enters === 1 ? 'enters' : 'enter'}`;
}

const people = (count: number) => (count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`);
