'use client';
// The result of a dry run: the counts of each outcome, its first rows with their changes, and the tags.
import { useEffect, useRef, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { OperationProgress } from '@/components/operations/operation-progress';
import { hasEnded, useOperation } from '@/components/operations/use-operation';
import { Banner, cardClass, CellLabel, stackedClass, TableHead } from '@/components/ui/display';
import type { AttributeValue } from '@/lib/attributes/schema';
import { displayAnyValue } from '@/lib/attributes/display';
import type { OperationId } from '@/lib/db/ids';
import { EXAMPLES, OUTCOMES, type DryRunResult, type Example, type Outcome } from '@/lib/imports/schema';
import { DryRunTags } from './dry-run-tags';
import { noneInWords } from './none-in-words';

const NAMES: Record<Outcome, string> = {
  created: 'New',
  updated: 'Updated',
  unchanged: 'Already up to date',
  skipped: 'Left out',
  repeated: 'Repeated in the file',
  rejected: 'Rejected',
  left_out: 'Values left out',
  applied: 'Tags applied',
  already: 'Tags already there',
  removed: 'Tags removed',
};

type Props = {
  slug: string;
  operationId: OperationId;
  /** Just started: scrolls into view and takes the focus, and so does its result. */
  isNew: boolean;
  /** Names of attributes by code, and of keyspaces by `key:id`. */
  names: ReadonlyMap<string, string>;
};

export function DryRun({ slug, operationId, isNew, names }: Props) {
  const { data: operation } = useOperation(slug, operationId);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const counted = (item: Outcome) => (operation?.counts[item] ?? 0) > 0;
  const found = OUTCOMES.filter(counted);
  const shown = found.length > 0 ? found : [OUTCOMES[0]];
  const others = OUTCOMES.filter((item) => !shown.includes(item));
  const first = counted('rejected') ? 'rejected' : (OUTCOMES.find(counted) ?? 'created');
  const done = operation?.status === 'done';
  const result = (operation?.result ?? {}) as DryRunResult;
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isNew) return;
    section.current?.focus({ preventScroll: true });
    section.current?.scrollIntoView({ block: 'start' });
  }, [isNew, done]);
  return (
    <section
      ref={section}
      tabIndex={-1}
      className={`${cardClass} flex scroll-mt-4 flex-col gap-3 p-4`}
      aria-labelledby="dry-run"
    >
      <h2 id="dry-run" className="font-semibold">
        Dry run
      </h2>
      {done ? (
        <Banner tone="info">
          Nothing has been changed. With the file and the profiles as they are, the import would do this:
        </Banner>
      ) : (
        <OperationProgress slug={slug} operationId={operationId} />
      )}
      {operation && hasEnded(operation) && done && (
        <Tabs selectedKey={outcome ?? first} onSelectionChange={(key) => setOutcome(key as Outcome)}>
          <TabList aria-label="Outcomes" className="border-line flex flex-wrap gap-x-1 border-b">
            {shown.map((item) => (
              <Tab
                key={item}
                id={item}
                className="hover:bg-hover data-[selected]:border-accent data-[selected]:bg-accent-soft -mb-px cursor-default rounded-t-md border-b-2 border-transparent px-3 py-1.5"
              >
                <span className="text-muted block text-[13px]">{NAMES[item]}</span>
                <span className="font-semibold">{(operation.counts[item] ?? 0).toLocaleString('en-GB')}</span>
              </Tab>
            ))}
          </TabList>
          {shown.map((item) => (
            <TabPanel key={item} id={item} className="pt-3">
              <Examples
                outcome={item}
                total={operation.counts[item] ?? 0}
                examples={result[item] ?? []}
                names={names}
              />
            </TabPanel>
          ))}
        </Tabs>
      )}
      {done && others.length > 0 && <p className="text-muted text-[13px]">{noneInWords(others)}</p>}
      {done && <DryRunTags tags={result.tags ?? []} />}
      {done && (result.flows ?? []).some(({ enters }) => enters > 0) && (
        <p>
          If it may start flows:{' '}
          {result
            .flows!.filter(({ enters }) => enters > 0)
            .map(({ name, enters }) => `${enters.toLocaleString('en-GB')} would enter “${name}”`)
            .join(', ')}
          .
        </p>
      )}
      {done && operation.counts.consents !== undefined && (
        <p>
          <strong>{(operation.counts.consents ?? 0).toLocaleString('en-GB')}</strong> consents to set
          {(operation.counts.opted_out ?? 0) > 0 &&
            `; ${operation.counts.opted_out!.toLocaleString('en-GB')} stay opted out`}
          .
        </p>
      )}
    </section>
  );
}

function Examples({
  outcome,
  total,
  examples,
  names,
}: {
  outcome: Outcome;
  total: number;
  examples: Example[];
  names: Props['names'];
}) {
  if (examples.length === 0) return <p className="text-muted">None.</p>;
  const changes = outcome === 'created' || outcome === 'updated';
  const last =
    outcome === 'rejected' || outcome === 'left_out' || outcome === 'repeated'
      ? ['Reason']
      : outcome in TAG_OUTCOMES
        ? ['Tag']
        : changes
          ? ['What changes']
          : [];
  return (
    <>
      <div className="relative overflow-x-auto">
        <table className={stackedClass.table}>
          <TableHead stacked titles={['Line', 'Profile', ...last]} />
          <tbody className={stackedClass.body}>
            {examples.map((example, index) => (
              <tr key={index} className={stackedClass.row}>
                <td className={`${stackedClass.cell} text-muted`}>
                  <CellLabel>Line</CellLabel>
                  {example.line}
                </td>
                <td className={stackedClass.cell}>{example.key ?? '–'}</td>
                {last.length > 0 && (
                  <td className={`${stackedClass.cell} whitespace-pre-line md:min-w-60`}>
                    {changes ? <Changes example={example} names={names} /> : (example.reason ?? example.tag)}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > EXAMPLES && (
        <p className="text-muted mt-2 text-[13px]">
          The first {examples.length} of {total.toLocaleString('en-GB')}, by line.
        </p>
      )}
    </>
  );
}

const TAG_OUTCOMES = { applied: true, already: true, removed: true };

function Changes({ example, names }: { example: Example; names: Props['names'] }) {
  const shown = (value: AttributeValue | null | undefined) => displayAnyValue(value) || '(empty)';
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1">
      {Object.entries(example.after ?? {}).map(([code, after]) => (
        <li key={code}>
          <span className="text-muted">{names.get(code) ?? code}:</span>{' '}
          {example.before && (
            <>
              <del className="text-muted">{shown(example.before[code])}</del> →{' '}
            </>
          )}
          {shown(after)}
        </li>
      ))}
    </ul>
  );
}
