'use client';
// The import wizard on one page: how the file is read, its columns, tags, the dry run, the start.
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { ReadFailed } from '@/components/ui/read-failed';
import { useSubmission } from '@/components/ui/use-submission';
import type { Attribute } from '@/lib/attributes/schema';
import type { Topic } from '@/lib/consents/schema';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { hasTagColumns } from '@/lib/imports/mapping';
import type { Conversion, NamesInFile } from '@/lib/imports/preview';
import type { ColumnSample, ImportView, Mapping } from '@/lib/imports/schema';
import type { Keyspace } from '@/lib/profiles/schema';
import { discardImportAction, startDryRunAction, startImportAction } from '../actions';
import { ColumnMapping } from './column-mapping';
import { ConsentsStep } from './consents-step';
import { DryRun } from './dry-run';
import { PrefilledBanner, changedColumnsInWords } from './prefilled-banner';
import { FileFormatStep } from './file-format';
import { FlowsStep } from './flows-step';
import { undecidedNames } from './name-decisions';
import { RowChoices } from './row-choices';
import { TaggingStep } from './tagging-step';
import { useCheckedFile, useConversion, useNamesInFile } from './use-import-queries';
import { useSavedMapping, type SavedMapping } from './use-saved-mapping';

type Props = {
  section: { id: SectionId; slug: string };
  found: ImportView;
  columns: ColumnSample[];
  /** The first rows of the file, including those above the table. */
  top: { line: number; cells: string[] }[];
  attributes: Attribute[];
  keyspaces: Keyspace[];
  /** The topics that are offered. */
  topics: Topic[];
  countries: { value: string; label: string }[];
  initial: Mapping;
  /** The mapping suggested by names and values. */
  guessed: Mapping;
  /** The earlier import whose mapping was reused, and the columns whose content has changed since. */
  filledFrom: { fileName: string; createdAt: Date; changed: string[] } | null;
  /** The earlier import to copy the set-up from, and the columns whose content has changed since. */
  setUpLike: { fileName: string; sameColumns: boolean; changed: string[] } | null;
};

export function ImportWizard(props: Props) {
  const { section, found, columns, attributes, keyspaces, initial } = props;
  const router = useRouter();
  const [refreshing, startRefresh] = useTransition();
  const { refusal, setRefusal, send, form } = useSubmission();
  const [checkingName, setCheckingName] = useState(false);
  const [chosen, setChosen] = useState(initial);
  const [filledFrom, setFilledFrom] = useState(props.filledFrom);
  const [pending, setPending] = useState<'start' | 'dry' | 'discard' | null>(null);
  const [dryRun, setDryRun] = useState<{ id: OperationId; isNew: boolean } | null>(
    found.dryOperationId === null ? null : { id: found.dryOperationId, isNew: false },
  );
  const tagColumns = chosen.columns.flatMap(({ to }, index) => (to === 'tags' ? [index] : []));
  const names = useNamesInFile(section.slug, found, tagColumns, chosen.separatorChosen ? chosen.separator : null);
  const mapping = settled(chosen, keyspaces, names.data);
  // Settings copied from another import are not saved yet, so a reload would lose them.
  const kept = props.setUpLike?.sameColumns ? found.mapping : initial;
  const saving = useSavedMapping(section.id, found.id, mapping, kept);
  const { checked, ...check } = useCheckedFile(section.id, found);
  const conversion = useConversion(section.slug, found, mapping, checked !== undefined);
  const undecided = tagColumns.length > 0 ? undecidedNames(names.data, mapping) : 0;

  const input = { sectionId: section.id, importId: found.id };
  const set = (change: Partial<Mapping>) => {
    setRefusal(null);
    setDryRun(null);
    setChosen((all) => ({ ...all, ...change }));
  };

  async function begin(what: 'start' | 'dry') {
    setPending(what);
    const saved = await saving.save();
    if (!saved.ok) setRefusal(saved.refusal);
    else if (what === 'start') {
      const result = await send(startImportAction, input, mapping);
      if (result.ok) startRefresh(() => router.refresh());
    } else {
      const result = await send(startDryRunAction, input, mapping);
      if (result.ok) setDryRun({ id: result.value.operationId, isNew: true });
    }
    setPending(null);
  }

  async function discard() {
    setPending('discard');
    const result = await send(discardImportAction, input);
    if (result.ok) return router.push(`/${section.slug}/imports`);
    setPending(null);
  }

  const busy = pending !== null || refreshing;
  // What is found in the values appears above the buttons: they wait for it, so that they do not move under the mouse.
  const isReading =
    !checked || (tagColumns.length > 0 && !names.data) || conversion.isLoading || conversion.isPlaceholderData;
  const waitsFor = isReading || checkingName ? 'reading' : undecided > 0 ? 'decisions' : null;
  return (
    <div ref={form} className="flex flex-col gap-5">
      {checked?.error && <Banner tone="danger">{checked.error}</Banner>}
      {check.failed && (
        <ReadFailed onRetry={check.retry} retrying={check.retrying}>
          The rows could not be counted, so the import cannot start yet.
        </ReadFailed>
      )}
      {props.setUpLike && (
        <Banner tone={props.setUpLike.sameColumns ? 'info' : 'warning'}>
          {props.setUpLike.sameColumns
            ? `Settings and tags copied from the import of “${props.setUpLike.fileName}”.${changedColumnsInWords(props.setUpLike.changed)}`
            : `The columns of this file are not those of “${props.setUpLike.fileName}”, so its settings were not copied.`}
        </Banner>
      )}
      {filledFrom && (
        <PrefilledBanner
          {...filledFrom}
          onGuess={() => {
            setFilledFrom(null);
            set(props.guessed);
          }}
        />
      )}
      <FileFormatStep slug={section.slug} found={found} top={props.top} />
      <section className={`${cardClass} p-4`} aria-labelledby="mapping">
        <h2 id="mapping" className="mb-1 font-semibold">
          2. Map the columns
        </h2>
        <ColumnMapping
          sectionId={section.id}
          columns={columns}
          attributes={attributes}
          keyspaces={keyspaces}
          targets={mapping.columns}
          conversion={conversion.data}
          onChange={(targets) => set({ columns: targets })}
          problem={refusal}
        />
        <RowChoices mapping={mapping} keyspaces={keyspaces} countries={props.countries} onChange={set} />
        {conversion.isError && (
          <div className="mt-4">
            <ReadFailed onRetry={() => void conversion.refetch()} retrying={conversion.isFetching}>
              The values could not be checked.
            </ReadFailed>
          </div>
        )}
        {conversion.data && <RowsToReject conversion={conversion.data} />}
      </section>
      <TaggingStep
        slug={section.slug}
        mapping={mapping}
        names={names.data}
        readingNames={names.isFetching}
        onChange={set}
        onChecking={setCheckingName}
      />
      <ConsentsStep topics={props.topics} mapping={mapping} problem={refusal} onChange={set} />
      <FlowsStep
        slug={section.slug}
        mapping={mapping}
        dryRunId={dryRun?.id ?? null}
        onChange={(startsFlows) => {
          setRefusal(null);
          // What the dry run has found stays true.
          setChosen((all) => ({ ...all, startsFlows }));
        }}
      />
      {names.error && (
        <ReadFailed onRetry={() => void names.refetch()} retrying={names.isFetching}>
          {names.error.message}
        </ReadFailed>
      )}
      {dryRun !== null && (
        <DryRun
          key={dryRun.id}
          slug={section.slug}
          operationId={dryRun.id}
          isNew={dryRun.isNew}
          names={
            new Map([
              ...attributes.map(({ code, name }) => [code, name] as const),
              ...keyspaces.map(({ id, name }) => [`key:${id}`, `${name} (key)`] as const),
            ])
          }
        />
      )}
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {waitsFor === 'decisions' && (
        <Banner tone="warning">
          Decide on the names in the tag columns first ({undecided.toLocaleString('en-GB')} left).
        </Banner>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant="primary"
          isPending={pending === 'start' || refreshing}
          isDisabled={(busy && pending !== 'start' && !refreshing) || waitsFor !== null || Boolean(checked?.error)}
          onPress={() => void begin('start')}
        >
          {checked
            ? `Import ${checked.rows.toLocaleString('en-GB')} ${checked.rows === 1 ? 'row' : 'rows'}`
            : 'Counting the rows…'}
        </Button>
        <Button
          isPending={pending === 'dry'}
          isDisabled={(busy && pending !== 'dry') || waitsFor !== null || Boolean(checked?.error)}
          onPress={() => void begin('dry')}
        >
          Dry run
        </Button>
        <Button
          variant="quiet"
          isPending={pending === 'discard'}
          isDisabled={busy && pending !== 'discard'}
          onPress={() => void discard()}
        >
          Discard the file
        </Button>
        <SaveState saving={saving} />
        <span className="text-muted text-[13px]">You can undo the import afterwards.</span>
      </div>
    </div>
  );
}

/**
 * Completes the mapping: a match key that is mapped, tags for imported rows, the separator that the cells show, and decisions only on
 * names that the tag columns have.
 */
function settled(chosen: Mapping, keyspaces: readonly Keyspace[], found: NamesInFile | undefined): Mapping {
  const mapped = keyspaces.filter(({ id }) =>
    chosen.columns.some((column) => column.to === 'key' && column.keyspaceId === id),
  );
  const match = mapped.some(({ id }) => id === chosen.match) ? chosen.match : (mapped[0]?.id ?? null);
  const tagged = chosen.rows === 'all' ? chosen.tagged : 'all';
  if (!hasTagColumns(chosen)) return { ...chosen, match, tagged, names: {} };
  if (!found) return { ...chosen, match, tagged };
  const fresh = new Set(found.fresh.map(({ key }) => key));
  const names = Object.fromEntries(Object.entries(chosen.names).filter(([key]) => fresh.has(key)));
  return { ...chosen, match, tagged, separator: found.separator.separator, names };
}

function RowsToReject({ conversion: { rejected, checkedRows, mostly } }: { conversion: Conversion }) {
  if (!rejected || !mostly) return null;
  return (
    <div className="mt-4">
      <Banner tone="warning">
        {rejected} of the first {checkedRows} rows would be rejected because of their values
        {mostly.rows === rejected ? ': ' : mostly.rows * 2 > rejected ? ', most of them: ' : ', for example: '}
        {mostly.problem}. The dry run shows which.
      </Banner>
    </div>
  );
}

/** Whether the choices are saved. A failure is shown at once, not only when the import is started. */
function SaveState({ saving }: { saving: SavedMapping }) {
  if (saving.state === 'refused') {
    return (
      <span role="alert" className="text-danger flex flex-wrap items-center gap-2">
        Your choices have not been saved. {saving.message}
        <Button size="small" onPress={() => void saving.save()}>
          Try again
        </Button>
      </span>
    );
  }
  return (
    <span role="status" className="text-muted text-[13px]">
      {saving.state === 'saved' ? 'All choices saved.' : 'Saving…'}
    </span>
  );
}
