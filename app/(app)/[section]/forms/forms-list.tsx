'use client';
// The section's forms: which take submissions, what came in, and what waits for somebody.
import clsx from 'clsx';
import { Copy, DoorClosed, DoorOpen, Ellipsis, Plus, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Suspense, use, type ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { Deferred } from '@/app/deferred';
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
import type { FormRow, FormTotal } from '@/lib/forms/queries';
import { TEMPLATE_WORDS, TEMPLATES } from '@/lib/forms/templates';
import { FormStatus } from './status';
import { useWholeForm } from './use-whole-form';

/** More are found by searching. */
const SHOWN = 200;

type Props = {
  section: { id: SectionId; slug: string };
  forms: FormRow[];
  totals: Deferred<FormTotal[]>;
  search: string;
  /** Those that were deleted are shown. */
  isDeleted: boolean;
  /** How many submissions wait there. */
  waitingInDeleted: number;
};

export function FormsList({ section, forms, totals, search, isDeleted, waitingInDeleted }: Props) {
  const open = useOpen();
  const here = `/${section.slug}/forms`;
  useHotkeys({ n: () => open(`${here}/new`) });
  const isEmpty = forms.length === 0 && search === '' && !isDeleted;
  return (
    <>
      <PageHeader
        title={isDeleted ? 'Deleted forms' : 'Forms'}
        actions={
          !isEmpty && (
            <ButtonLink variant="primary" href={`${here}/new`}>
              <Plus aria-hidden className="size-4" /> New form
            </ButtonLink>
          )
        }
      >
        {isDeleted
          ? 'Their pages say that they are closed. What people submitted is kept, and links in mails go on working.'
          : 'Pages on which people tell you who they are, and which tag them.'}
      </PageHeader>
      {isEmpty ? (
        <NoForms here={here} waitingInDeleted={waitingInDeleted} />
      ) : (
        <>
          <FilterForm>
            {isDeleted && <input type="hidden" name="deleted" value="true" />}
            <FilterText label="Search" name="q" value={search} />
          </FilterForm>
          <div className={`${cardClass} relative overflow-x-auto`}>
            {forms.length === 0 ? (
              <EmptyState title={search === '' ? 'No deleted forms' : 'No matching forms'}>
                {search === ''
                  ? 'A form that is deleted can be brought back here.'
                  : 'Check the spelling, or clear the search.'}
              </EmptyState>
            ) : (
              <table className={stackedClass.table}>
                <TableHead
                  stacked
                  titles={['Form', 'Status', 'Submissions', 'Last 7 days', 'In quarantine', 'Last submission', '']}
                />
                <ArrowRows className={stackedClass.body}>
                  {forms.slice(0, SHOWN).map((form) => (
                    <FormLine key={form.id} section={section} form={form} totals={totals} isDeleted={isDeleted} />
                  ))}
                </ArrowRows>
              </table>
            )}
          </div>
          {forms.length > SHOWN && (
            <p className="text-muted mt-2">
              These are {SHOWN} of {forms.length.toLocaleString('en-GB')}, the last changed first. Search for the
              others.
            </p>
          )}
          <p className="mt-2 text-[13px]">
            <Link href={isDeleted ? here : `${here}?deleted=true`} className="text-accent-ink underline">
              {isDeleted ? 'All forms' : 'Deleted forms'}
            </Link>
            <WaitingInDeleted number={waitingInDeleted} />
          </p>
          <p className="text-muted mt-2 hidden text-[13px] md:block pointer-coarse:hidden">
            <Kbd>/</Kbd> search · <Kbd>n</Kbd> new · <Kbd>↑ ↓</Kbd> move · <Kbd>Enter</Kbd> open
          </p>
        </>
      )}
    </>
  );
}

/** Nobody looks there unasked. */
function WaitingInDeleted({ number }: { number: number }) {
  if (number === 0) return null;
  return (
    <span className="text-warning">
      {' '}
      · {number === 1 ? '1 submission waits' : `${number.toLocaleString('en-GB')} submissions wait`} there for something
      hidden: bring the form back, and publish it without that
    </span>
  );
}

function NoForms({ here, waitingInDeleted }: { here: string; waitingInDeleted: number }) {
  return (
    <div className={`${cardClass} px-4 pb-6`}>
      <EmptyState title="No forms yet">
        A form has an address of its own, a QR code and a snippet for your website. Everyone who sends it gets the tags
        that you choose, with the form as the source. Start from one of these:
      </EmptyState>
      <ul className="mx-auto grid max-w-3xl gap-2 sm:grid-cols-2 lg:grid-cols-3">
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
          Deleted forms
        </Link>
        <WaitingInDeleted number={waitingInDeleted} />
      </p>
    </div>
  );
}

type LineProps = Pick<Props, 'section' | 'totals' | 'isDeleted'> & { form: FormRow };

function FormLine({ section, form, totals, isDeleted }: LineProps) {
  const href = `/${section.slug}/forms/${form.id}`;
  const { lastWeek, quarantined, lastAt, pending, waiting, failed } = form;
  const more = [
    pending > 0 && `${pending.toLocaleString('en-GB')} to be confirmed`,
    waiting > 0 && `${waiting.toLocaleString('en-GB')} waiting`,
    failed > 0 && `${failed.toLocaleString('en-GB')} failed`,
  ].filter((words) => words !== false);
  return (
    <tr className={stackedClass.row}>
      <td className={clsx(stackedClass.cell, 'max-md:pr-12')}>
        {isDeleted ? (
          <span className="font-medium wrap-anywhere">{form.name}</span>
        ) : (
          <Link href={href} className="font-medium wrap-anywhere hover:underline">
            {form.name}
          </Link>
        )}
      </td>
      <td className={stackedClass.cell}>
        <span className="flex flex-wrap items-center gap-1">
          {isDeleted ? <Badge>Deleted</Badge> : <FormStatus form={form} />}
        </span>
      </td>
      <td className={clsx(stackedClass.cell, 'tabular-nums')}>
        <CellLabel>Submissions</CellLabel>
        <MaybeLink href={isDeleted ? null : `${href}/submissions`}>
          <Suspense fallback="…">
            <Total totals={totals} form={form} />
          </Suspense>
        </MaybeLink>
        {more.length > 0 && <span className="text-muted block text-[13px]">{more.join(' · ')}</span>}
      </td>
      <td className={clsx(stackedClass.cell, 'tabular-nums')}>
        <CellLabel>Last 7 days</CellLabel>
        {lastWeek.toLocaleString('en-GB')}
      </td>
      <td className={clsx(stackedClass.cell, 'tabular-nums', quarantined === 0 && 'max-md:hidden')}>
        <CellLabel>In quarantine</CellLabel>
        {quarantined > 0 && !isDeleted ? (
          <Link href={`${href}/submissions?show=quarantined`} className="text-warning font-medium underline">
            {quarantined.toLocaleString('en-GB')}
          </Link>
        ) : (
          <span className="text-muted">{quarantined.toLocaleString('en-GB')}</span>
        )}
      </td>
      <td className={clsx(stackedClass.cell, lastAt === null && 'max-md:hidden')}>
        <CellLabel>Last submission</CellLabel>
        {lastAt ? <DateTime value={lastAt} /> : <span className="text-muted">none yet</span>}
      </td>
      <td className={stackedClass.actions}>
        {isDeleted ? <BringBack section={section} form={form} /> : <RowMenu section={section} form={form} />}
      </td>
    </tr>
  );
}

function MaybeLink({ href, children }: { href: string | null; children: ReactNode }) {
  return href === null ? (
    children
  ) : (
    <Link href={href} className="hover:underline">
      {children}
    </Link>
  );
}

function BringBack({ section, form }: { section: Props['section']; form: FormRow }) {
  const { bringBack } = useWholeForm(section);
  return (
    <Button size="small" aria-label={`Bring back ${form.name}`} onPress={() => void bringBack(form)}>
      Bring back
    </Button>
  );
}

function Total({ totals, form }: { totals: Deferred<FormTotal[]>; form: FormRow }) {
  const counted = use(totals);
  if (!counted.ok) return <span title={counted.message}>?</span>;
  const total = counted.value.find(({ formId }) => formId === form.id)?.submissions ?? 0;
  return total.toLocaleString('en-GB');
}

function RowMenu({ section, form }: { section: Props['section']; form: FormRow }) {
  const router = useRouter();
  const { copy, remove, setOpen } = useWholeForm(section);
  const { id, name, open } = form;
  return (
    <Menu
      label={`More: ${name}`}
      trigger={
        <AriaButton aria-label={`More: ${name}`} className={buttonClass({ variant: 'quiet', size: 'small' })}>
          <Ellipsis aria-hidden className="size-4" />
        </AriaButton>
      }
      entries={[
        ...(form.version === null
          ? []
          : [
              {
                id: 'open',
                text: open ? 'Close' : 'Open again',
                onAction: () => void setOpen(form, !open),
                label: (
                  <>
                    {open ? (
                      <DoorClosed aria-hidden className="text-muted size-4" />
                    ) : (
                      <DoorOpen aria-hidden className="text-muted size-4" />
                    )}{' '}
                    {open ? 'Close' : 'Open again'}
                  </>
                ),
              },
            ]),
        {
          id: 'copy',
          text: 'Make a copy',
          onAction: () => void copy(id),
          label: (
            <>
              <Copy aria-hidden className="text-muted size-4" /> Make a copy
            </>
          ),
        },
        'line' as const,
        {
          id: 'delete',
          text: 'Delete',
          danger: true,
          onAction: () => void remove(form, () => router.refresh()),
          label: (
            <>
              <Trash2 aria-hidden className="size-4" /> Delete
            </>
          ),
        },
      ]}
    />
  );
}
