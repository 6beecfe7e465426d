'use client';
// The section's flows: which let people in, how many are in them, and what needs somebody.
import clsx from 'clsx';
import { Ellipsis, Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Button as AriaButton } from 'react-aria-components';
import { reachedInWords } from '@/components/flows/number-words';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, ButtonLink } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { DateTime } from '@/components/ui/date-time';
import {
  Badge,
  cardClass,
  CellLabel,
  EmptyState,
  Kbd,
  PageHeader,
  stackedClass,
  TableHead,
} from '@/components/ui/display';
import { FilterForm, FilterText } from '@/components/ui/filter-form';
import { useHotkeys } from '@/components/ui/hotkeys';
import { Link } from '@/components/ui/link';
import { Menu } from '@/components/ui/menu';
import { useOpen } from '@/components/ui/when-online';
import type { SectionId } from '@/lib/db/ids';
import type { FlowRow } from '@/lib/flows/queries';
import { TEMPLATE_WORDS, TEMPLATES } from '@/lib/flows/templates';
import { FlowStatus } from './status';
import { useWholeFlow, type WholeFlow } from './use-whole-flow';
import { wholeEntries } from './whole-entries';

/** More are found by searching. */
const SHOWN = 200;

type Props = {
  section: { id: SectionId; slug: string };
  flows: FlowRow[];
  search: string;
  /** Those that were deleted are shown. */
  isDeleted: boolean;
};

export function FlowsList({ section, flows, search, isDeleted }: Props) {
  const open = useOpen();
  const whole = useWholeFlow(section);
  const here = `/${section.slug}/flows`;
  useHotkeys({ n: () => open(`${here}/new`) });
  const isEmpty = flows.length === 0 && search === '' && !isDeleted;
  return (
    <>
      <PageHeader
        title={isDeleted ? 'Deleted flows' : 'Flows'}
        actions={
          !isEmpty && (
            <ButtonLink variant="primary" href={`${here}/new`}>
              <Plus aria-hidden className="size-4" /> New flow
            </ButtonLink>
          )
        }
      >
        {isDeleted
          ? 'Nobody is in them. What happened in them is kept, and they can be brought back.'
          : 'What happens to people by itself, step by step, from the moment that something lets them in.'}
      </PageHeader>
      {isEmpty ? (
        <NoFlows here={here} />
      ) : (
        <>
          <FilterForm>
            {isDeleted && <input type="hidden" name="deleted" value="true" />}
            <FilterText label="Search" name="q" value={search} />
          </FilterForm>
          <div className={`${cardClass} relative overflow-x-auto`}>
            {flows.length === 0 ? (
              <EmptyState title={search === '' ? 'No deleted flows' : 'No matching flows'}>
                {search === ''
                  ? 'A flow that is deleted can be brought back here.'
                  : 'Check the spelling, or clear the search.'}
              </EmptyState>
            ) : (
              <table className={stackedClass.table}>
                <TableHead
                  stacked
                  titles={['Flow', 'Status', 'In it now', 'Entered', 'Goal', 'Failed', 'Changed', '']}
                />
                <ArrowRows className={stackedClass.body}>
                  {flows.slice(0, SHOWN).map((flow) => (
                    <FlowLine key={flow.id} here={here} flow={flow} isDeleted={isDeleted} whole={whole} />
                  ))}
                </ArrowRows>
              </table>
            )}
          </div>
          {flows.length > SHOWN && (
            <p className="text-muted mt-2">
              These are {SHOWN} of {flows.length.toLocaleString('en-GB')}, the last changed first. Search for the
              others.
            </p>
          )}
          <p className="mt-2 text-[13px]">
            <Link href={isDeleted ? here : `${here}?deleted=true`} className="text-accent-ink underline">
              {isDeleted ? 'All flows' : 'Deleted flows'}
            </Link>
          </p>
          <p className="text-muted mt-2 hidden text-[13px] md:block pointer-coarse:hidden">
            <Kbd>/</Kbd> search · <Kbd>n</Kbd> new · <Kbd>↑ ↓</Kbd> move · <Kbd>Enter</Kbd> open
          </p>
        </>
      )}
      {whole.dialog}
    </>
  );
}

function NoFlows({ here }: { here: string }) {
  return (
    <div className={`${cardClass} px-4 pb-6`}>
      <EmptyState title="No flows yet">
        A flow begins when something happens to somebody, such as a tag, a form or a birthday. Then it sends, waits,
        decides and tags, one step after the other, for each person at their own time. Start from one of these:
      </EmptyState>
      <ul className="mx-auto grid max-w-3xl gap-2 sm:grid-cols-2">
        {TEMPLATES.map((template) => (
          <li key={template} className="contents">
            <Link
              href={`${here}/new?template=${template}`}
              className="border-line hover:bg-hover rounded-lg border px-4 py-3"
            >
              <span className="block font-semibold">{TEMPLATE_WORDS[template].name}</span>
              <span className="text-muted block text-[13px]">{TEMPLATE_WORDS[template].hint}</span>
            </Link>
          </li>
        ))}
      </ul>
      <p className="mx-auto mt-4 max-w-3xl text-[13px]">
        <Link href={`${here}?deleted=true`} className="text-accent-ink underline">
          Deleted flows
        </Link>
      </p>
    </div>
  );
}

type LineProps = { here: string; flow: FlowRow; isDeleted: boolean; whole: WholeFlow };

function FlowLine({ here, flow, isDeleted, whole }: LineProps) {
  const { inside, entered, reached, failed, changedAt, changedBy } = flow;
  return (
    <tr className={stackedClass.row}>
      <td className={clsx(stackedClass.cell, 'max-md:pr-12')}>
        {isDeleted ? (
          <span className="font-medium wrap-anywhere">{flow.name}</span>
        ) : (
          <Link href={`${here}/${flow.id}`} className="font-medium wrap-anywhere hover:underline">
            {flow.name}
          </Link>
        )}
      </td>
      <td className={stackedClass.cell}>
        <span className="flex flex-wrap items-center gap-1">
          {isDeleted ? <Badge>Deleted</Badge> : <FlowStatus flow={flow} />}
        </span>
      </td>
      <td className={clsx(stackedClass.cell, 'tabular-nums')}>
        <CellLabel>In it now</CellLabel>
        {inside > 0 && !isDeleted ? (
          <Link href={`${here}/${flow.id}/people`} className="hover:underline">
            {inside.toLocaleString('en-GB')}
          </Link>
        ) : (
          inside.toLocaleString('en-GB')
        )}
      </td>
      <td className={clsx(stackedClass.cell, 'tabular-nums')}>
        <CellLabel>Entered</CellLabel>
        {entered.toLocaleString('en-GB')}
      </td>
      <td className={clsx(stackedClass.cell, 'tabular-nums', reached === null && 'max-md:hidden')}>
        <CellLabel>Goal</CellLabel>
        {reached === null ? <span className="text-muted">–</span> : reachedInWords(reached, entered)}
      </td>
      <td className={clsx(stackedClass.cell, 'tabular-nums', failed === 0 && 'max-md:hidden')}>
        <CellLabel>Failed</CellLabel>
        {failed > 0 && !isDeleted ? (
          <Link href={`${here}/${flow.id}/people?show=failed`} className="text-danger font-medium underline">
            {failed.toLocaleString('en-GB')}
          </Link>
        ) : (
          <span className="text-muted">{failed.toLocaleString('en-GB')}</span>
        )}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Changed</CellLabel>
        <DateTime value={changedAt} />
        {changedBy && <span className="text-muted block text-[13px]">{changedBy}</span>}
      </td>
      <td className={stackedClass.actions}>
        {isDeleted ? (
          <Button size="small" aria-label={`Bring back ${flow.name}`} onPress={() => void whole.bringBack(flow)}>
            Bring back
          </Button>
        ) : (
          <RowMenu flow={flow} whole={whole} />
        )}
      </td>
    </tr>
  );
}

function RowMenu({ flow, whole }: { flow: FlowRow; whole: WholeFlow }) {
  const router = useRouter();
  return (
    <Menu
      label={`More: ${flow.name}`}
      trigger={
        <AriaButton aria-label={`More: ${flow.name}`} className={buttonClass({ variant: 'quiet', size: 'small' })}>
          <Ellipsis aria-hidden className="size-4" />
        </AriaButton>
      }
      entries={wholeEntries(flow, whole, { onDeleted: () => router.refresh() })}
    />
  );
}
