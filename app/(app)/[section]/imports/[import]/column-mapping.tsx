'use client';
// What each column becomes, with how full it is and some of its values.
import clsx from 'clsx';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner, CellLabel, stackedClass, TableHead } from '@/components/ui/display';
import { Select, TextField } from '@/components/ui/field';
import { useSubmission } from '@/components/ui/use-submission';
import type { RefusalData } from '@/lib/access/refusal';
import { TYPE_NAMES, type Attribute, type AttributeType } from '@/lib/attributes/schema';
import type { KeyspaceId, SectionId } from '@/lib/db/ids';
import type { Conversion } from '@/lib/imports/preview';
import { guessType } from '@/lib/imports/guess-type';
import type { ColumnSample, ColumnTarget } from '@/lib/imports/schema';
import type { Keyspace } from '@/lib/profiles/schema';
import { ColumnNotation } from './column-notation';
import { createAttributeInPlaceAction } from '../actions';

type Props = {
  sectionId: SectionId;
  columns: ColumnSample[];
  attributes: Attribute[];
  keyspaces: Keyspace[];
  targets: ColumnTarget[];
  conversion: Conversion | undefined;
  onChange: (targets: ColumnTarget[]) => void;
  problem: RefusalData | null;
};

const NEW = 'new';
const FOLLOWS_A_KEY = ['email', 'mobile', 'crmid'];

export function ColumnMapping(props: Props) {
  const { sectionId, columns, attributes, keyspaces, targets, conversion, onChange, problem } = props;
  const [creating, setCreating] = useState<number | null>(null);
  const set = (index: number, target: ColumnTarget) =>
    onChange(columns.map((_column, at) => (at === index ? target : (targets[at] ?? { to: 'nothing' }))));
  const options = [
    { value: 'nothing', label: 'Not imported' },
    ...keyspaces.map(({ id, name }) => ({ value: `key ${id}`, label: name, hint: 'Profile key' })),
    { value: 'tags apply', label: 'Tags to add', hint: 'VIP|Partner' },
    { value: 'tags remove', label: 'Tags to remove', hint: 'VIP|Partner' },
    { value: NEW, label: 'New attribute…' },
    ...attributes
      .filter(({ code, system }) => !(system && FOLLOWS_A_KEY.includes(code)))
      .map(({ code, name, type }) => ({ value: `attribute ${code}`, label: name, hint: TYPE_NAMES[type] })),
  ];
  return (
    <div className="relative overflow-x-auto">
      <table className={stackedClass.table}>
        <TableHead stacked titles={['Column', 'Filled', 'Samples', 'Import as', 'Read as']} />
        <tbody className={stackedClass.body}>
          {columns.map((column, index) => (
            <tr key={column.name} className={stackedClass.row}>
              <th scope="row" className={`${stackedClass.cell} font-medium`}>
                {column.name}
              </th>
              <td className={`${stackedClass.cell} whitespace-nowrap`}>
                <CellLabel>Filled</CellLabel>
                {Math.round(column.filled * 100)}%
              </td>
              <td className={`${stackedClass.cell} text-muted truncate md:max-w-80`}>{column.samples.join(' · ')}</td>
              <td className={`${stackedClass.cell} min-w-52`}>
                <CellLabel>Import as</CellLabel>
                <Select
                  label={`Import ${column.name} as`}
                  hideLabel
                  value={valueOf(targets[index])}
                  onChange={(value) => (value === NEW ? setCreating(index) : set(index, targetOf(value)))}
                  options={options}
                  error={problem?.field === `column:${index}` ? problem.message : undefined}
                />
              </td>
              <td className={`${stackedClass.cell} min-w-52`}>
                {(targets[index]?.to ?? 'nothing') !== 'nothing' && (
                  <>
                    <ReadAs found={conversion?.columns[index]} checkedRows={conversion?.checkedRows ?? 0} />
                    <ColumnNotation
                      name={column.name}
                      found={conversion?.columns[index]}
                      whole={conversion?.whole ?? true}
                      onChange={(choice) => set(index, { ...targets[index]!, ...choice })}
                    />
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {creating !== null && (
        <NewAttributeDialog
          sectionId={sectionId}
          column={columns[creating]!}
          onClose={() => setCreating(null)}
          onCreated={(code) => {
            set(creating, { to: 'attribute', code });
            setCreating(null);
          }}
        />
      )}
    </div>
  );
}

/** What the first cells become; unreadable ones first. */
function ReadAs({ found, checkedRows }: { found: Conversion['columns'][number] | undefined; checkedRows: number }) {
  if (!found || found.cells.length === 0) return null;
  return (
    <div className="text-[13px]">
      {found.problems > 0 && (
        <p className="text-danger font-medium">
          {found.problems} of {checkedRows} rows cannot be read
        </p>
      )}
      {found.cells.map(({ raw, value, problem, leftOut }) => (
        <p
          key={raw}
          className={clsx('max-w-72', problem === null ? 'text-muted' : 'text-danger', value !== null && 'truncate')}
        >
          {problem ?? (leftOut === null ? (value === raw ? value : `${raw} → ${value}`) : `Left out: ${leftOut}`)}
        </p>
      ))}
    </div>
  );
}

function valueOf(target: ColumnTarget | undefined): string {
  switch (target?.to) {
    case 'key':
      return `key ${target.keyspaceId}`;
    case 'attribute':
      return `attribute ${target.code}`;
    case 'tags':
      return `tags ${target.action}`;
    default:
      return 'nothing';
  }
}

function targetOf(value: string): ColumnTarget {
  const [kind, rest = ''] = value.split(' ');
  if (kind === 'key') return { to: 'key', keyspaceId: Number(rest) as KeyspaceId };
  if (kind === 'tags') return { to: 'tags', action: rest === 'remove' ? 'remove' : 'apply' };
  return kind === 'attribute' ? { to: 'attribute', code: rest } : { to: 'nothing' };
}

const TYPES: AttributeType[] = ['text', 'number', 'date', 'boolean'];

type DialogProps = {
  sectionId: SectionId;
  column: ColumnSample;
  onClose: () => void;
  onCreated: (code: string) => void;
};

function NewAttributeDialog({ sectionId, column, onClose, onCreated }: DialogProps) {
  const router = useRouter();
  const [name, setName] = useState(column.name);
  const [type, setType] = useState<AttributeType>(() => guessType(column));
  const { refusal, pending, submit } = useSubmission();
  const save = submit(createAttributeInPlaceAction, { sectionId, name, type }, ({ code }) => {
    router.refresh();
    onCreated(code);
  });

  return (
    <Dialog title="New attribute" isOpen onClose={onClose}>
      <form onSubmit={save} className="flex flex-col gap-4">
        {refusal && <Banner tone="danger">{refusal.message}</Banner>}
        <TextField label="Name" value={name} onChange={setName} autoFocus />
        <Select
          label="Type"
          value={type}
          onChange={setType}
          options={TYPES.map((value) => ({ value, label: TYPE_NAMES[value] }))}
        />
        <p className="text-muted text-[13px]">
          Use Text for codes such as postcodes, so that they keep their leading zeros.
        </p>
        <FormButtons onCancel={onClose} submit="Create" isPending={pending} />
      </form>
    </Dialog>
  );
}
