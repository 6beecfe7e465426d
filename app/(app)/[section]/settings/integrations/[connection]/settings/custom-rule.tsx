'use client';
// The rule “Another field”: a field of the CRM, and what it is compared with here. The CRM is asked for its fields.
import { Select, type Option } from '@/components/ui/field';
import { ReadFailed } from '@/components/ui/read-failed';
import type { ConnectionId } from '@/lib/db/ids';
import type { CrmField, FieldType } from '@/lib/integrations/connector';
import type { CustomMatch } from '@/lib/integrations/schema';
import { useCrmFields } from './use-crm-fields';

type Props = {
  slug: string;
  connectionId: ConnectionId;
  value: CustomMatch;
  /** Keys and attributes that can tell people apart, by the attribute's code. */
  targets: readonly Option<string>[];
  onChange: (value: CustomMatch) => void;
  errors: Partial<Record<keyof CustomMatch, string>>;
};

/** Types of fields that can have another value for each person. */
const TELLING: ReadonlySet<FieldType> = new Set(['text', 'integer', 'decimal', 'reference']);

export function CustomRule({ slug, connectionId, value, targets, onChange, errors }: Props) {
  const found = useCrmFields(slug, connectionId, true);
  const { field, code } = value;
  const offered = (found.data ?? []).filter(({ name, type }) => TELLING.has(type) || name === field);
  const isGone = found.isSuccess && field !== '' && !offered.some(({ name }) => name === field);
  const known = targets.some((target) => target.value === code);
  return (
    <div className="flex flex-col gap-2 pl-6.5">
      <div className="grid gap-2 sm:grid-cols-2">
        <Select
          label="Field of the CRM to find people by"
          value={field || null}
          placeholder={found.isPending ? 'Asking the CRM…' : 'Choose a field'}
          options={[
            ...(field !== '' && !offered.some(({ name }) => name === field) ? [{ value: field, label: field }] : []),
            ...offered.map(asOption),
          ]}
          onChange={(name) => onChange({ ...value, field: name })}
          error={errors.field}
        />
        <Select
          label="Compared with"
          value={(known && code) || null}
          placeholder="Choose a key or an attribute"
          options={[...targets]}
          onChange={(next) => onChange({ ...value, code: next })}
          error={errors.code}
        />
      </div>
      {isGone && (
        <p className="text-warning text-[13px]">
          {`The CRM does not have the field “${field}” now: syncs fail. Choose another one, or switch this off.`}
        </p>
      )}
      {code !== '' && !known && (
        <p className="text-warning text-[13px]">The attribute was hidden here: syncs fail. Choose another one.</p>
      )}
      {found.isError && (
        <ReadFailed onRetry={() => void found.refetch()} retrying={found.isFetching}>
          {`The fields could not be read. ${found.error.message}`}
        </ReadFailed>
      )}
      <p className="text-muted text-[13px]">
        Capital letters and blanks at the ends make no difference. If several profiles have one value, none of them is
        taken: the contact is listed as ambiguous.
      </p>
    </div>
  );
}

const asOption = ({ name, label }: CrmField): Option<string> => ({ value: name, label, hint: name });
