'use client';
// Unknown names in tag columns: nothing is created without approval here.
import { Button } from '@/components/ui/button';
import { Banner, tableClass, TableHead } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import type { TagId } from '@/lib/db/ids';
import type { FreshName, NamesInFile } from '@/lib/imports/preview';
import type { Mapping, NameDecision } from '@/lib/imports/schema';

type Props = {
  names: NamesInFile | undefined;
  reading: boolean;
  mapping: Pick<Mapping, 'names' | 'otherNames'>;
  onChange: (change: Partial<Mapping>) => void;
};

const SHOWN = 100;

/** The number of undecided names. */
export function undecidedNames(names: NamesInFile | undefined, mapping: Props['mapping']): number {
  if (!names || mapping.otherNames === 'leave-out') return 0;
  return names.freshCount - names.fresh.filter(({ key }) => mapping.names[key]).length;
}

export function NameDecisions({ names, reading, mapping, onChange }: Props) {
  if (reading || !names) return <p className="text-muted">Reading the names in the tag columns…</p>;
  const { fresh, freshCount, known } = names;
  const tooMany = freshCount > fresh.length;
  const decideAll = (decide: (name: FreshName) => NameDecision | undefined) => {
    const decided = fresh.flatMap((name) => {
      const decision = decide(name);
      return decision ? [[name.key, decision] as const] : [];
    });
    onChange({ names: { ...mapping.names, ...Object.fromEntries(decided) }, otherNames: 'ask' });
  };
  if (freshCount === 0) {
    return (
      <Banner tone="success">
        All {known.toLocaleString('en-GB')} names in the tag columns are tags of this section.
      </Banner>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <h3 className="text-[13px] font-medium">
        {freshCount === 1 ? '1 name is not a tag yet' : `${freshCount.toLocaleString('en-GB')} names are not tags yet`}
      </h3>
      {tooMany ? (
        <Banner tone="warning">
          The column has {freshCount.toLocaleString('en-GB')} different names that are not tags. An import can create at
          most {fresh.length.toLocaleString('en-GB')}. Is it really a column of tags? If not, import it as something
          else, or leave out all names that are not tags.
        </Banner>
      ) : (
        <div className="flex flex-wrap gap-2">
          <Button size="small" onPress={() => decideAll((name) => ({ to: 'create', name: name.name }))}>
            Create all
          </Button>
          <Button
            size="small"
            onPress={() =>
              decideAll(({ near, name }) => (near[0] ? { to: 'tag', tagId: near[0].id } : { to: 'create', name }))
            }
          >
            Use similar tags, create the rest
          </Button>
          <Button size="small" onPress={() => decideAll(() => ({ to: 'leave-out' }))}>
            Leave all out
          </Button>
        </div>
      )}
      {tooMany && (
        <Button
          size="small"
          onPress={() => onChange({ names: {}, otherNames: mapping.otherNames === 'ask' ? 'leave-out' : 'ask' })}
        >
          {mapping.otherNames === 'ask' ? 'Leave out all names that are not tags' : 'Decide on the names'}
        </Button>
      )}
      {mapping.otherNames === 'leave-out' ? (
        <p>Names that are not tags are left out.</p>
      ) : (
        !tooMany && (
          <div
            className="border-line max-h-80 relative overflow-auto rounded-md border"
            tabIndex={0}
            role="region"
            aria-label="New names"
          >
            <table className={tableClass.table}>
              <TableHead titles={['Name', 'Rows', 'First on line', 'Import as']} />
              <tbody>
                {fresh.slice(0, SHOWN).map((name) => (
                  <tr key={name.key} className={tableClass.row}>
                    <th scope="row" className={`${tableClass.cell} font-medium`}>
                      {name.name}
                    </th>
                    <td className={tableClass.cell}>{name.rows.toLocaleString('en-GB')}</td>
                    <td className={tableClass.cell}>{name.line.toLocaleString('en-GB')}</td>
                    <td className={`${tableClass.cell} min-w-52`}>
                      <Decision
                        name={name}
                        decision={mapping.names[name.key]}
                        onChange={(decision) => onChange({ names: { ...mapping.names, [name.key]: decision } })}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      )}
      {!tooMany && fresh.length > SHOWN && (
        <p className="text-muted text-[13px]">
          The {SHOWN} most frequent names are shown; the buttons above apply to all{' '}
          {fresh.length.toLocaleString('en-GB')}.
        </p>
      )}
    </div>
  );
}

function Decision({
  name,
  decision,
  onChange,
}: {
  name: FreshName;
  decision: NameDecision | undefined;
  onChange: (decision: NameDecision) => void;
}) {
  const value = !decision ? null : decision.to === 'tag' ? `tag ${decision.tagId}` : decision.to;
  const choose = (chosen: string) => {
    if (chosen === 'create') return onChange({ to: 'create', name: name.name });
    if (chosen === 'leave-out') return onChange({ to: 'leave-out' });
    onChange({ to: 'tag', tagId: Number(chosen.slice(4)) as TagId });
  };
  return (
    <Select
      label={`Import ${name.name} as`}
      hideLabel
      value={value}
      placeholder="Choose"
      onChange={choose}
      options={[
        { value: 'create', label: `Create “${name.name}”` },
        ...name.near.map(({ id, name: near }) => ({ value: `tag ${id}`, label: near, hint: 'Did you mean this tag?' })),
        { value: 'leave-out', label: 'Left out' },
      ]}
    />
  );
}
