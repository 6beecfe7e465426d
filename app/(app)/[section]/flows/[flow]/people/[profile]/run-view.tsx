'use client';
// How somebody has gone through a flow: each step with its time, what became of them there, and why.
import type { FlowThings } from '@/components/flows/editor-context';
import { useFlowNames } from '@/components/flows/use-flow-names';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import type { InJson } from '@/components/ui/in-json';
import { Link } from '@/components/ui/link';
import { formatAttributeValue } from '@/lib/attributes/values';
import type { Given } from '@/lib/flows/given';
import { LEFT_WORDS, NOT_SENT_WORDS, type Left } from '@/lib/flows/outcomes';
import type { PersonInFlow, Visit } from '@/lib/flows/queries';
import { allSteps, type FlowDocument, type FlowSettings } from '@/lib/flows/schema';
import { waysOf, type FlowNames } from '@/lib/flows/words';
import { nameOfStep } from '../people-view';

type Props = {
  slug: string;
  flow: { name: string; href: string };
  run: InJson<PersonInFlow & { entry: number; given: Given | null; visits: Visit[] }>;
  /** Of the version that they are in, and what people come into. */
  documents: readonly FlowDocument[];
  settings: FlowSettings;
  things: FlowThings;
};

const WHAT_WORDS: Record<string, string> = {
  entered: 'Entered the flow',
  passed: 'passed',
  skipped: 'skipped',
  timed_out: 'waited in vain',
  failed: 'failed',
  left: 'left here',
};

export function RunView({ slug, flow, run, documents, settings, things }: Props) {
  const names = useFlowNames(slug, things, documents[0]!, settings);
  return (
    <>
      <header className="pb-4">
        <p className="text-muted text-[13px]">
          <Link href={`${flow.href}/people`} className="underline">
            People in “{flow.name}”
          </Link>
        </p>
        <h1 className="text-xl font-semibold wrap-anywhere">
          <Link href={`/${slug}/profiles/${run.profileId}`} className="hover:underline">
            {run.name}
          </Link>
        </h1>
        <p>
          <Now run={run} documents={documents} names={names} />
        </p>
      </header>
      {run.given && (
        <section aria-label="Data of the call" className={`${cardClass} mb-4 p-4`}>
          <h2 className="pb-2 font-semibold">Came with</h2>
          <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[12rem_1fr]">
            {Object.entries(run.given).map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted wrap-anywhere">{name}</dt>
                <dd className="wrap-anywhere">{formatAttributeValue(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <section aria-label="History" className={`${cardClass} p-4`}>
        <ol className="flex flex-col gap-2">
          {run.visits.map((visit, at) => (
            <li key={at} className="grid gap-x-4 sm:grid-cols-[12rem_1fr]">
              <span className="text-muted">
                <DateTime value={visit.at} />
              </span>
              <span className="wrap-anywhere">{visitInWords(visit, documents, names)}</span>
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

function Now({ run, documents, names }: Pick<Props, 'run' | 'documents'> & { names: FlowNames }) {
  if (run.outcome !== null)
    return (
      <span className={run.outcome === 'failed' ? 'text-danger' : 'text-muted'}>
        {capital(LEFT_WORDS[run.outcome])}
        {run.error && `: ${run.error}`}
      </span>
    );
  return (
    <span className="text-muted">
      At “{run.step === null ? 'the end' : nameOfStep(documents, run.step, names)}” in version {run.version}
      {run.dueAt && (
        <>
          . Until <DateTime exact value={run.dueAt} />
        </>
      )}
    </span>
  );
}

function visitInWords(visit: Props['run']['visits'][number], documents: readonly FlowDocument[], names: FlowNames) {
  const { step, what, note, version, entry } = visit;
  if (step === null) {
    if (what === 'entered')
      return `${WHAT_WORDS.entered} in version ${version}${entry > 1 ? `, for the ${entry}. time` : ''}`;
    return capital(LEFT_WORDS[(note ?? what) as Left] ?? note ?? what);
  }
  if (what === 'moved')
    return `${nameOfStep(documents, step, names)}: ${note === null ? 'put back here' : `moved here from version ${note}`}`;
  const more = note === null ? '' : `: ${noteInWords(note, step, documents, names)}`;
  return `${nameOfStep(documents, step, names)}: ${WHAT_WORDS[what] ?? what}${more}`;
}

/** The name of a way of the step, how they left, or a reason in words already. */
function noteInWords(note: string, at: string, documents: readonly FlowDocument[], names: FlowNames): string {
  const step = documents.flatMap(({ steps }) => allSteps(steps)).find(({ id }) => id === at);
  const ways = step && 'ways' in step ? waysOf(step, names) : [];
  const way = ways.find(({ id, isOtherwise }) => (note === 'otherwise' ? isOtherwise : id === note));
  return way ? `“${way.words}”` : (LEFT_WORDS[note as Left] ?? NOT_SENT_WORDS[note] ?? note);
}

const capital = (words: string) => words.slice(0, 1).toUpperCase() + words.slice(1);
