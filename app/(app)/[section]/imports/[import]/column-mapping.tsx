'use client';
// What each column becomes, beside how full it is and what is in it.
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner, tableClass, TableHead } from '@/components/ui/display';
import { Select, TextField } from '@/components/ui/field';
import type { RefusalData } from '@/lib/access/refusal';
import { TYPE_NAMES, type Attribute, type AttributeType } from '@/lib/attributes/schema';
import type { KeyspaceId, SectionId } from '@/lib/db/ids';
import type { ColumnSample, ColumnTarget } from '@/lib/imports/schema';
import type { Keyspace } from '@/lib/profiles/schema';
import { createAttributeInPlaceAction } from '../actions';

type Props = {
  sectionId: SectionId;
  columns: ColumnSample[];
  attributes: Attribute[];
  keyspaces: Keyspace[];
  targets: ColumnTarget[];
  onChange: (targets: ColumnTarget[]) => void;
  problem: RefusalData | null;
};

const NEW = 'new';
const FOLLOWS_A_KEY = ['email', 'mobile', 'crmid'];

export function ColumnMapping({ sectionId, columns, attributes, keyspaces, targets, onChange, problem }: Props) {
  const [creating, setCreating] = useState<number | null>(null);
  const set = (index: number, target: ColumnTarget) =>
    onChange(columns.map((_column, at) => (at === index ? target : (targets[at] ?? { to: 'nothing' }))));
  const options = [
    { value: 'nothing', label: 'Not imported' },
    ...keyspaces.map(({ id, name }) => ({ value: `key ${id}`, label: name, hint: 'Profile key' })),
    ...attributes
      .filter(({ code, system }) => !(system && FOLLOWS_A_KEY.includes(code)))
      .map(({ code, name, type }) => ({ value: `attribute ${code}`, label: name, hint: TYPE_NAMES[type] })),
    { value: NEW, label: 'New attribute …' },
  ];
  return (
    <div className="overflow-x-auto">
      <table className={tableClass.table}>
        <TableHead titles={['Column', 'Filled', 'Samples', 'Becomes']} />
        <tbody>
          {columns.map((column, index) => (
            <tr key={column.name} className={tableClass.row}>
              <th scope="row" className={`${tableClass.cell} font-medium`}>
                {column.name}
              </th>
              <td className={tableClass.cell}>{Math.round(column.filled * 100)} %</td>
              <td className={`${tableClass.cell} text-muted max-w-80 truncate`}>{column.samples.join(' · ')}</td>
              <td className={`${tableClass.cell} min-w-52`}>
                <Select
                  label={`${column.name} becomes`}
                  hideLabel
                  value={valueOf(targets[index])}
                  onChange={(value) => (value === NEW ? setCreating(index) : set(index, targetOf(value)))}
                  options={options}
                  error={problem?.field === `column:${index}` ? problem.message : undefined}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {creating !== null && (
        <NewAttributeDialog
          sectionId={sectionId}
          suggested={columns[creating]?.name ?? ''}
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

function valueOf(target: ColumnTarget | undefined): string {
  if (!target || target.to === 'nothing') return 'nothing';
  return target.to === 'key' ? `key ${target.keyspaceId}` : `attribute ${target.code}`;
}

function targetOf(value: string): ColumnTarget {
  const [kind, rest = ''] = value.split(' ');
  if (kind === 'key') return { to: 'key', keyspaceId: Number(rest) as KeyspaceId };
  return kind === 'attribute' ? { to: 'attribute', code: rest } : { to: 'nothing' };
}

const TYPES: AttributeType[] = ['text', 'number', 'date', 'boolean'];

type DialogProps = { sectionId: SectionId; suggested: string; onClose: () => void; onCreated: (code: string) => void };

function NewAttributeDialog({ sectionId, suggested, onClose, onCreated }: DialogProps) {
  const router = useRouter();
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [name, setName] = useState(suggested);
  const [type, setType] = useState<AttributeType>('text');
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const result = await createAttributeInPlaceAction({ sectionId, name, type }, requestId);
    if (!result.ok) {
      setRequestId(crypto.randomUUID());
      return setProblem(result.refusal.message);
    }
    router.refresh();
    onCreated(result.value.code);
  }

  return (
    <Dialog title="New attribute" isOpen onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        {problem && <Banner tone="danger">{problem}</Banner>}
        <TextField label="Name" value={name} onChange={setName} autoFocus />
        <Select
          label="Type"
          value={type}
          onChange={setType}
          options={TYPES.map((value) => ({ value, label: TYPE_NAMES[value] }))}
        />
        <p className="text-muted text-[13px]">Codes such as ZIP codes are text: they keep their leading zeros.</p>
        <FormButtons onCancel={onClose} submit="Create" />
      </form>
    </Dialog>
  );
}
