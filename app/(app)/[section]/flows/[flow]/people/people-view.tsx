'use client';
// Who stands where in a flow, or who failed there.
import clsx from 'clsx';
import type { FlowThings } from '@/components/flows/editor-context';
import { useFlowNames } from '@/components/flows/use-flow-names';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass, CellLabel, EmptyState, stackedClass, TableHead } from '@/components/ui/display';
import { FilterTabs } from '@/components/ui/filter-tabs';
import type { InJson } from '@/components/ui/in-json';
import { Link } from '@/components/ui/link';
import type { PersonInFlow } from '@/lib/flows/queries';
import { allSteps, type FlowDocument, type FlowSettings } from '@/lib/flows/schema';
import { stepName, type FlowNames } from '@/lib/flows/words';

export const SHOWS = ['inside', 'failed'] as const;
type Show = (typeof SHOWS)[number];

type Props = {
  slug: string;
  flowHref: string;
  /** What people come into, and the draft. */
  documents: readonly FlowDocument[];
  settings: FlowSettings;
  things: FlowThings;
  counts: Record<Show, number>;
  people: InJson<PersonInFlow>[];
  show: Show;
  /** Only those who are there. */
  step: string | null;
  isLater: boolean;
  /** The last person of this page, if there is another one. */
  next: number | null;
};

export function PeopleView(props: Props) {
  const { slug, flowHref, documents, settings, things, counts, people, show, step, isLater, next } = props;
  const names = useFlowNames(slug, things, documents[0]!, settings);
  const here = `${flowHref}/people`;
  const address = (query: Record<string, string | null>) => {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== null);
    return given.length === 0 ? here : `${here}?${new URLSearchParams(given)}`;
  };
  const shown = show === 'failed' ? 'failed' : null;
  return (
    <>
      <FilterTabs
        label="Which people"
        current={show}
        tabs={[
          { value: 'inside', href: here, label: 'In it now', count: counts.inside },
          {
            ...{ value: 'failed', href: address({ show: 'failed' }), label: 'Failed' },
            ...{ count: counts.failed, urgent: counts.failed > 0 },
          },
        ]}
      />
      {step !== null && (
        <p className="mb-3">
          Only at “{nameOfStep(documents, step, names)}”.{' '}
          <Link href={address({ show: shown })} className="text-accent-ink underline">
            At every step
          </Link>
        </p>
      )}
      <div className={`${cardClass} relative overflow-x-auto`}>
        {people.length === 0 ? (
          <EmptyState title={show === 'failed' ? 'Nobody has failed' : 'Nobody is here now'}>
            {show === 'failed'
              ? 'Whose step goes wrong three times is listed here, with the reason.'
              : 'Whoever enters is listed here, with the step at which they are.'}
          </EmptyState>
        ) : (
          <table className={stackedClass.table}>
            <TableHead stacked titles={['Person', 'At', show === 'failed' ? 'Why' : 'Until', 'Entered', 'Version']} />
            <ArrowRows className={stackedClass.body}>
              {people.map((person) => (
                <tr key={person.profileId} className={stackedClass.row}>
                  <td className={stackedClass.cell}>
                    <Link href={`${here}/${person.profileId}`} className="font-medium wrap-anywhere hover:underline">
                      {person.name}
                    </Link>
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>At</CellLabel>
                    {person.step === null ? 'the end' : nameOfStep(documents, person.step, names)}
                    <span className="text-muted block text-[13px]">
                      since <DateTime value={person.arrivedAt} />
                    </span>
                  </td>
                  <td className={clsx(stackedClass.cell, show === 'failed' && 'text-danger')}>
                    <CellLabel>{show === 'failed' ? 'Why' : 'Until'}</CellLabel>
                    {show === 'failed' ? person.error : person.dueAt && <DateTime value={person.dueAt} />}
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>Entered</CellLabel>
                    <DateTime value={person.enteredAt} />
                  </td>
                  <td className={clsx(stackedClass.cell, 'tabular-nums')}>
                    <CellLabel>Version</CellLabel>
                    {person.version}
                  </td>
                </tr>
              ))}
            </ArrowRows>
          </table>
        )}
      </div>
      {(isLater || next !== null) && (
        <nav aria-label="Pages" className="mt-3 flex justify-end gap-2">
          {isLater && (
            <ButtonLink size="small" href={address({ show: shown, step })}>
              First
            </ButtonLink>
          )}
          {next !== null && (
            <ButtonLink size="small" href={address({ show: shown, step, after: String(next) })}>
              Next
            </ButtonLink>
          )}
        </nav>
      )}
    </>
  );
}

/** A step of an earlier version may be in none of them. */
export function nameOfStep(documents: readonly FlowDocument[], id: string, names: FlowNames): string {
  const step = documents.flatMap(({ steps }) => allSteps(steps)).find((one) => one.id === id);
  return step ? stepName(step, names) : 'a step of an earlier version';
}
