'use client';
// Preview, mapping and tagging of an uploaded file, on one page in that order. Choices are kept as they are made.
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { TagPicker } from '@/components/tags/tag-picker';
import { useTags } from '@/components/tags/use-tags';
import { Button } from '@/components/ui/button';
import { Banner, cardClass, tableClass, TableHead } from '@/components/ui/display';
import { RadioGroup, Select } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import type { RefusalData } from '@/lib/access/refusal';
import type { Attribute } from '@/lib/attributes/schema';
import type { KeyspaceId, SectionId, TagId } from '@/lib/db/ids';
import type { ColumnSample, ImportView, Mapping } from '@/lib/imports/schema';
import type { Keyspace } from '@/lib/profiles/schema';
import { discardImportAction, saveMappingAction, startImportAction } from '../actions';
import { ColumnMapping } from './column-mapping';

type Props = {
  section: { id: SectionId; slug: string };
  found: ImportView;
  columns: ColumnSample[];
  preview: { line: number; cells: string[] }[];
  attributes: Attribute[];
  keyspaces: Keyspace[];
  initial: Mapping;
  /** The earlier file whose mapping came back. */
  mappedLike: string | null;
};

const SAVE_AFTER_MS = 600;
const COUNTRIES = [
  { value: 'none', label: 'None: numbers have their country code' },
  { value: 'SE', label: 'Sweden (+46)' },
  { value: 'NO', label: 'Norway (+47)' },
  { value: 'DK', label: 'Denmark (+45)' },
  { value: 'FI', label: 'Finland (+358)' },
  { value: 'GB', label: 'United Kingdom (+44)' },
  { value: 'DE', label: 'Germany (+49)' },
  { value: 'NL', label: 'Netherlands (+31)' },
  { value: 'US', label: 'United States (+1)' },
] as const;

export function ImportWizard({ section, found, columns, preview, attributes, keyspaces, initial, mappedLike }: Props) {
  const router = useRouter();
  const toast = useToast();
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [mapping, setMapping] = useState(initial);
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);
  const save = useSavedMapping(section.id, found.id, mapping, initial);

  const set = (change: Partial<Mapping>) => {
    setRefusal(null);
    setMapping((all) => ({ ...all, ...change }));
  };
  const mappedKeys = keyspaces.filter(({ id }) =>
    mapping.columns.some((column) => column.to === 'key' && column.keyspaceId === id),
  );
  const match = mappedKeys.some(({ id }) => id === mapping.match) ? mapping.match : (mappedKeys[0]?.id ?? null);
  const hasMobile = mappedKeys.some(({ kind }) => kind === 'mobile');

  async function start() {
    setPending(true);
    const tagged = mapping.rows === 'all' ? mapping.tagged : 'all';
    const saved = await save({ ...mapping, match, tagged });
    const result = saved.ok ? await startImportAction({ sectionId: section.id, importId: found.id }, requestId) : saved;
    if (result.ok) return router.refresh();
    setPending(false);
    setRefusal(result.refusal);
    setRequestId(crypto.randomUUID());
  }

  async function discard() {
    const result = await discardImportAction({ sectionId: section.id, importId: found.id });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    router.push(`/${section.slug}/imports`);
  }

  return (
    <div className="flex flex-col gap-5">
      {!found.format.header && (
        <Banner tone="warning">
          The first row looks like data, so the file is read as having no header. Its columns are named by number.
        </Banner>
      )}
      {columns.length === 1 && (
        <Banner tone="info">
          The file has one column. That is enough when it is an email address, mobile number or CRM ID.
        </Banner>
      )}
      {mappedLike && (
        <Banner tone="info">
          The columns are those of “{mappedLike}”, so they are mapped as they were there. Choose the tags anew.
        </Banner>
      )}
      <Preview found={found} preview={preview} />
      <section className={`${cardClass} p-4`} aria-labelledby="mapping">
        <h2 id="mapping" className="mb-1 font-semibold">
          1. What the columns become
        </h2>
        <ColumnMapping
          sectionId={section.id}
          columns={columns}
          attributes={attributes}
          keyspaces={keyspaces}
          targets={mapping.columns}
          onChange={(targets) => set({ columns: targets })}
          problem={refusal}
        />
        <div className="mt-4 flex flex-wrap gap-8">
          {mappedKeys.length > 0 && (
            <RadioGroup
              label="Rows find their profile by"
              value={String(match)}
              onChange={(value) => set({ match: Number(value) as KeyspaceId })}
              options={mappedKeys.map(({ id, name }) => ({ value: String(id), label: name }))}
            />
          )}
          {hasMobile && (
            <Select
              label="Country of numbers without a country code"
              value={mapping.country ?? 'none'}
              onChange={(country) => set({ country: country === 'none' ? null : country })}
              options={COUNTRIES}
            />
          )}
          <RadioGroup
            label="Rows to import"
            value={mapping.rows}
            onChange={(rows) => set({ rows })}
            options={[
              { value: 'all', label: 'All' },
              { value: 'new', label: 'Only of new profiles' },
              { value: 'existing', label: 'Only of profiles that are there' },
            ]}
          />
          {mapping.rows !== 'new' && (
            <RadioGroup
              label="Where a profile has another value"
              value={mapping.existing}
              onChange={(existing) => set({ existing })}
              options={[
                { value: 'overwrite', label: 'The file’s value comes', hint: 'Empty cells never erase.' },
                { value: 'fill', label: 'Only what is empty is filled' },
                { value: 'keep', label: 'What is there stays' },
              ]}
            />
          )}
        </div>
      </section>
      <TaggingStep slug={section.slug} mapping={mapping} onChange={set} />
      {refusal && !refusal.field?.startsWith('column:') && <Banner tone="danger">{refusal.message}</Banner>}
      <div className="flex flex-wrap items-center gap-2">
        <Button variant="primary" isPending={pending} onPress={() => void start()}>
          Import {found.rows.toLocaleString('en-GB')} rows
        </Button>
        <Button variant="quiet" onPress={() => void discard()}>
          Discard the file
        </Button>
        <span className="text-muted text-[13px]">Starts 0 flow entries. You can undo it afterwards.</span>
      </div>
    </div>
  );
}

/** Saves the choices a moment after they were made, so that one can leave and come back. */
function useSavedMapping(sectionId: SectionId, importId: number, mapping: Mapping, initial: Mapping) {
  const saved = useRef(initial);
  const save = (next: Mapping) => {
    saved.current = next;
    return saveMappingAction({ sectionId, importId, mapping: next });
  };
  useEffect(() => {
    if (saved.current === mapping) return undefined;
    const timer = setTimeout(() => {
      saved.current = mapping;
      void saveMappingAction({ sectionId, importId, mapping });
    }, SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [mapping, sectionId, importId]);
  return save;
}

const DELIMITER_NAMES = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' } as const;

function Preview({ found, preview }: Pick<Props, 'found' | 'preview'>) {
  return (
    <section aria-labelledby="preview">
      <h2 id="preview" className="mb-2 font-semibold">
        The file{' '}
        <span className="text-muted text-[13px] font-normal">
          {DELIMITER_NAMES[found.format.delimiter]}, {found.format.encoding.toUpperCase()}
        </span>
      </h2>
      <div className={`${cardClass} overflow-x-auto`} tabIndex={0} role="region" aria-label="First rows of the file">
        <table className={tableClass.table}>
          <TableHead titles={['Line', ...found.format.columns]} />
          <tbody>
            {preview.map(({ line, cells }) => (
              <tr key={line} className={tableClass.row}>
                <td className={`${tableClass.cell} text-muted`}>{line}</td>
                {found.format.columns.map((name, index) => (
                  <td key={name} className={`${tableClass.cell} max-w-52 truncate whitespace-nowrap`}>
                    {cells[index]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function TaggingStep({
  slug,
  mapping,
  onChange,
}: {
  slug: string;
  mapping: Mapping;
  onChange: (change: Partial<Mapping>) => void;
}) {
  const tags = useTags(slug);
  const names = (ids: readonly TagId[]) =>
    ids.map((id) => tags.data?.find((tag) => tag.id === id)?.name ?? '…').join(', ');
  const toggled = (list: TagId[], id: TagId, next: boolean) =>
    next ? [...list, id] : list.filter((one) => one !== id);
  const picker = (key: 'apply' | 'remove', label: string, other: 'apply' | 'remove') => (
    <div className="min-w-0 flex-1 basis-72">
      <p className="mb-1 text-[13px] font-medium">{label}</p>
      <TagPicker
        slug={slug}
        label={label}
        canCreate={key === 'apply'}
        selection={new Map(mapping[key].map((id) => [id, 'all' as const]))}
        onToggle={(tag, next) =>
          onChange({
            [key]: toggled(mapping[key], tag.id, next),
            [other]: mapping[other].filter((id) => id !== tag.id),
          })
        }
      />
    </div>
  );
  return (
    <section className={`${cardClass} flex flex-col gap-3 p-4`} aria-labelledby="tagging">
      <h2 id="tagging" className="font-semibold">
        2. Tags
      </h2>
      <div className="flex flex-wrap gap-6">
        {picker('apply', 'Tags to apply', 'remove')}
        {picker('remove', 'Tags to remove', 'apply')}
      </div>
      {mapping.rows === 'all' && (
        <RadioGroup
          label="The tags are for"
          value={mapping.tagged}
          onChange={(tagged) => onChange({ tagged })}
          options={[
            { value: 'all', label: 'All profiles of the file' },
            { value: 'new', label: 'Only new ones' },
            { value: 'existing', label: 'Only those that were there' },
          ]}
        />
      )}
      {mapping.apply.length === 0 && mapping.remove.length === 0 ? (
        <Banner tone="warning">
          No tag is chosen, so no tag will be applied: tags are never applied by what is in a file alone.
        </Banner>
      ) : (
        <p aria-live="polite">
          {mapping.apply.length > 0 && (
            <>
              Apply <strong>{names(mapping.apply)}</strong>.{' '}
            </>
          )}
          {mapping.remove.length > 0 && (
            <>
              Remove <strong>{names(mapping.remove)}</strong>.
            </>
          )}
        </p>
      )}
    </section>
  );
}
