// Which identifiers external systems may use to read or write a tag.
import { Banner, tableClass, TableHead } from '@/components/ui/display';
import { Checkbox } from '@/components/ui/field';
import type { Keeper } from '@/lib/integrations/kept-by';
import type { Permission } from '@/lib/tags/schema';

/** `keepers`: the lists of integrations that keep the tag. */
type Props = { permissions: Permission[]; keepers: readonly Keeper[]; onChange: (permissions: Permission[]) => void };

export function AllowedOperations({ permissions, keepers, onChange }: Props) {
  const set = (index: number, change: Partial<Permission>) =>
    onChange(permissions.map((permission, at) => (at === index ? { ...permission, ...change } : permission)));
  const refused = keepers.filter(({ keyspaceId }) =>
    permissions.some((permission) => permission.keyspaceId === keyspaceId && !permission.canWrite),
  );
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-[13px] font-medium">Allowed Operations</legend>
      <p className="text-muted text-[13px]">
        This setting only applies to operations performed by the API and Integrations. It is intended to give you
        control over which identifiers can be used to read or write Profile data by external systems. It never limits
        people in the browser.
      </p>
      <table className={tableClass.table}>
        <TableHead titles={['Identifier', 'Read', 'Write']} />
        <tbody>
          {permissions.map((permission, index) => (
            <tr key={permission.keyspaceId} className={tableClass.row}>
              <th scope="row" className={`${tableClass.cell} font-normal`}>
                {permission.keyspace}
              </th>
              <td className={tableClass.cell}>
                <Checkbox
                  label={`Read by ${permission.keyspace}`}
                  isSelected={permission.canRead}
                  onChange={(canRead) => set(index, { canRead })}
                />
              </td>
              <td className={tableClass.cell}>
                <Checkbox
                  label={`Write by ${permission.keyspace}`}
                  isSelected={permission.canWrite}
                  onChange={(canWrite) => set(index, { canWrite })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {refused.length > 0 && (
        <Banner tone="warning">
          {refused.length === 1 ? 'This list keeps' : 'These lists keep'} the tag, and may not write it. Syncs change
          nothing:
          <ul className="mt-1 list-disc pl-5">
            {refused.map(({ listId, name }) => (
              <li key={listId}>{name}</li>
            ))}
          </ul>
        </Banner>
      )}
    </fieldset>
  );
}
