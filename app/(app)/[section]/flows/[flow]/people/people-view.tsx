'use client';
// Who stands where in a flow, or who failed there.
import clsx from 'clsx';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import type { FlowThings } from '@/components/flows/editor-context';
import { useFlowNames } from '@/components/flows/use-flow-names';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass, CellLabel, EmptyState, stackedClass, TableHead } from '@/components/ui/display';
import { FilterTabs } from '@/components/ui/filter-tabs';
import type { InJson } from '@/components/ui/in-json';
import { Link } from '@/components/ui/link';
import type { FlowId, SectionId } from '@/lib/db/ids';
import type { PersonInFlow } from '@/lib/flows/queries';
import { allSteps, type FlowDocument, type FlowSettings } from '@/lib/flows/schema';
import { stepName, type FlowNames } from '@/lib/flows/words';
import { LetInDialog } from './let-in-dialog';
import type { Show } from './shows';
import { usePeopleActions } from './use-people-actions';

type Props = {
  section: { id: SectionId; slug: string };
  flow: { id: FlowId; isLive: boolean; href: string };
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
  const { section, flow, documents, settings, things, counts, people, show, step, isLater, next } = props;
  const { slug } = section;
  const actions = usePeopleActions({ sectionId: section.id, flowId: flow.id });
  const [isLettingIn, setLettingIn] = useState(false);
  const names = useFlowNames(slug, things, documents[0]!, settings);
  const here = `${flow.href}/people`;
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
      <div className="mb-3 flex flex-wrap gap-2 empty:hidden">
        {flow.isLive && show === 'inside' && (
          <Button size="small" onPress={() => setLettingIn(true)}>
            <UserPlus aria-hidden className="size-4" /> Let people in…
          </Button>
        )}
        {show === 'failed' && people.length > 0 && (
          <Button size="small" isPending={actions.pending} onPress={() => void actions.tryAgain(null)}>
            Try all of them again
          </Button>
        )}
      </div>
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
              : 'People who enter are listed here, with the step at which they are.'}
          </EmptyState>
        ) : (
          <table className={stackedClass.table}>
            <TableHead
              stacked
              titles={['Person', 'At', show === 'failed' ? 'Why' : 'Until', 'Entered', 'Version', '']}
            />
            <ArrowRows className={stackedClass.body}>
              {people.map((person) => (
                <tr key={person.profileId} className={stackedClass.row}>
                  <td className={clsx(stackedClass.cell, 'max-md:pr-24')}>
                    <Link href={`${here}/${person.profileId}`} className="font-medium wrap-anywhere hover:underline">
                      {person.name}
                    </Link>
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>At</CellLabel>
                    {person.step === null ? 'the end' : nameOfStep(documents, person.step, names)}
                    <span className="text-muted block text-[13px]">
                      came <DateTime value={person.arrivedAt} />
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
                  <td className={stackedClass.actions}>
                    {show === 'failed' ? (
                      <Button
                        size="small"
                        aria-label={`Try ${person.name} again`}
                        onPress={() => void actions.tryAgain(person.profileId)}
                      >
                        Try again
                      </Button>
                    ) : (
                      <Button
                        size="small"
                        aria-label={`Take ${person.name} out`}
                        onPress={() => void actions.takeOut(person)}
                      >
                        Take out
                      </Button>
                    )}
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
      {isLettingIn && <LetInDialog slug={slug} things={things} actions={actions} onClose={() => setLettingIn(false)} />}
    </>
  );
}

/** A step of an earlier version may be in none of them. */
export function nameOfStep(documents: readonly FlowDocument[], id: string, names: FlowNames): string {
  const step = documents.flatMap(({ steps }) => allSteps(steps)).find((one) => one.id === id);
  return step ? stepName(step, names) : 'a step of an earlier version';
}
