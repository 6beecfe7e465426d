'use client';
// An uploaded file on one page: how it is read, what its columns become, its tags, the dry run, the start.
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import type { RefusalData } from '@/lib/access/refusal';
import type { Attribute } from '@/lib/attributes/schema';
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { ColumnSample, ImportView, Mapping } from '@/lib/imports/schema';
import type { Keyspace } from '@/lib/profiles/schema';
import { discardImportAction, saveMappingAction, startDryRunAction, startImportAction } from '../actions';
import { ColumnMapping } from './column-mapping';
import { DryRun } from './dry-run';
import { FileAsRead } from './file-format';
import { undecidedNames } from './name-decisions';
import { RowChoices } from './row-choices';
import { TaggingStep } from './tagging-step';
import { useCheckedFile, useConversion, useNamesInFile } from './use-import-queries';

type Props = {
  section: { id: SectionId; slug: string };
  found: ImportView;
  columns: ColumnSample[];
  preview: { line: number; cells: string[] }[];
  attributes: Attribute[];
  keyspaces: Keyspace[];
  countries: { value: string; label: string }[];
  initial: Mapping;
  /** The earlier file whose mapping came back. */
  mappedLike: string | null;
};

const SAVE_AFTER_MS = 600;

export function ImportWizard(props: Props) {
  const { section, found, columns, attributes, keyspaces, initial } = props;
  const router = useRouter();
  const toast = useToast();
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [chosen, setChosen] = useState(initial);
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState<'start' | 'dry' | null>(null);
  const [dryRun, setDryRun] = useState<OperationId | null>(found.dryOperationId);
  const mapping = settled(chosen, keyspaces);
  const save = useSavedMapping(section.id, found.id, mapping, initial);
  const checked = useCheckedFile(section.id, found);
  const conversion = useConversion(section.slug, found.id, mapping);
  const tagColumns = mapping.columns.flatMap(({ to }, index) => (to === 'tags' ? [index] : []));
  const names = useNamesInFile(section.slug, found.id, tagColumns, mapping.separator);
  const undecided = tagColumns.length > 0 ? undecidedNames(names.data, mapping) : 0;

  const set = (change: Partial<Mapping>) => {
    setRefusal(null);
    setDryRun(null);
    setChosen((all) => ({ ...all, ...change }));
  };

  async function begin(what: 'start' | 'dry') {
    setPending(what);
    const saved = await save(mapping);
    const input = { sectionId: section.id, importId: found.id };
    const begun = () => (what === 'start' ? startImportAction(input, requestId) : startDryRunAction(input));
    const result = saved.ok ? await begun() : saved;
    if (result.ok && what === 'start') return router.refresh();
    setPending(null);
    setRequestId(crypto.randomUUID());
    if (!result.ok) return setRefusal(result.refusal);
    if ('operationId' in result.value) setDryRun(result.value.operationId);
  }

  async function discard() {
    const result = await answerOf(discardImportAction({ sectionId: section.id, importId: found.id }));
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    router.push(`/${section.slug}/imports`);
  }

  const waitsFor = checked ? (undecided > 0 ? 'names' : null) : 'rows';
  return (
    <div className="flex flex-col gap-5">
      {checked?.error && <Banner tone="danger">{checked.error}</Banner>}
      {props.mappedLike && (
        <Banner tone="info">
          The columns are those of “{props.mappedLike}”, so they are mapped as they were there. Choose the tags anew.
        </Banner>
      )}
      <FileAsRead sectionId={section.id} found={found} preview={props.preview} />
      <section className={`${cardClass} p-4`} aria-labelledby="mapping">
        <h2 id="mapping" className="mb-1 font-semibold">
          2. What the columns become
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
        <RowChoices
          mapping={mapping}
          keyspaces={keyspaces}
          attributes={attributes}
          countries={props.countries}
          onChange={set}
        />
        {(conversion.data?.rejected ?? 0) > 0 && (
          <div className="mt-4">
            <Banner tone="warning">
              {conversion.data!.rejected} of the first {conversion.data!.looked} rows would be rejected for what is in
              them. The dry run tells which.
            </Banner>
          </div>
        )}
      </section>
      <TaggingStep
        slug={section.slug}
        mapping={mapping}
        names={names.data}
        readingNames={names.isFetching}
        onChange={set}
      />
      {names.error && <Banner tone="danger">{names.error.message}</Banner>}
      {dryRun !== null && (
        <DryRun
          slug={section.slug}
          operationId={dryRun}
          names={
            new Map([
              ...attributes.map(({ code, name }) => [code, name] as const),
              ...keyspaces.map(({ id, name }) => [`key:${id}`, `${name} (key)`] as const),
            ])
          }
        />
      )}
      {refusal && !refusal.field?.startsWith('column:') && <Banner tone="danger">{refusal.message}</Banner>}
      {waitsFor === 'names' && (
        <Banner tone="warning">
          Decide on the names in the tag columns first ({undecided.toLocaleString('en-GB')} left).
        </Banner>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant="primary"
          isPending={pending === 'start'}
          isDisabled={waitsFor !== null || Boolean(checked?.error)}
          onPress={() => void begin('start')}
        >
          {checked ? `Import ${checked.rows.toLocaleString('en-GB')} rows` : 'Counting the rows …'}
        </Button>
        <Button
          isPending={pending === 'dry'}
          isDisabled={waitsFor !== null || Boolean(checked?.error)}
          onPress={() => void begin('dry')}
        >
          Dry run
        </Button>
        <Button variant="quiet" onPress={() => void discard()}>
          Discard the file
        </Button>
        <span className="text-muted text-[13px]">Starts 0 flow entries. You can undo it afterwards.</span>
      </div>
    </div>
  );
}

/** The mapping with what follows from it: a match key that is mapped, and tags for rows that are imported. */
function settled(chosen: Mapping, keyspaces: readonly Keyspace[]): Mapping {
  const mapped = keyspaces.filter(({ id }) =>
    chosen.columns.some((column) => column.to === 'key' && column.keyspaceId === id),
  );
  const match = mapped.some(({ id }) => id === chosen.match) ? chosen.match : (mapped[0]?.id ?? null);
  return { ...chosen, match, tagged: chosen.rows === 'all' ? chosen.tagged : 'all' };
}

/** Saves the choices a moment after they were made, so that one can leave and come back. */
function useSavedMapping(sectionId: SectionId, importId: number, mapping: Mapping, initial: Mapping) {
  const saved = useRef(JSON.stringify(initial));
  const current = JSON.stringify(mapping);
  const save = (next: Mapping) => {
    saved.current = JSON.stringify(next);
    return saveMappingAction({ sectionId, importId, mapping: next });
  };
  useEffect(() => {
    if (saved.current === current) return undefined;
    const timer = setTimeout(() => {
      saved.current = current;
      void saveMappingAction({ sectionId, importId, mapping: JSON.parse(current) as Mapping });
    }, SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [current, sectionId, importId]);
  return save;
}
