// Which columns contacts have, and their values (crm-apis §4.8, §7).
import { z } from 'zod';
import type { CrmField, FieldType, FieldValue } from '../connector';
import { CrmError } from '../crm-error';
import type { Client } from './client';
import type { MemberTable } from './fetch-xml';

const Label = z.object({ UserLocalizedLabel: z.object({ Label: z.string() }).nullish() }).nullish();
const labelOf = (label: z.infer<typeof Label>) => label?.UserLocalizedLabel?.Label;

const Attributes = z.object({
  value: z.array(
    z.object({
      LogicalName: z.string(),
      AttributeType: z.string(),
      AttributeTypeName: z.object({ Value: z.string() }).nullish(),
      /** Columns that only show another one, such as the name of a lookup. They cannot be read. */
      AttributeOf: z.string().nullish(),
      DisplayName: Label,
      RequiredLevel: z.object({ Value: z.string() }).nullish(),
      IsValidForRead: z.boolean().nullish(),
      MaxLength: z.number().nullish(),
      DateTimeBehavior: z.object({ Value: z.string() }).nullish(),
    }),
  ),
});
type Attribute = z.infer<typeof Attributes>['value'][number];

const Option = z.object({ Value: z.number(), Label });
const OptionSet = z
  .object({ Options: z.array(Option).nullish(), TrueOption: Option.nullish(), FalseOption: Option.nullish() })
  .nullish();
const OptionAttributes = z.object({
  value: z.array(z.object({ LogicalName: z.string(), OptionSet, GlobalOptionSet: OptionSet })),
});

const TYPES: Record<string, FieldType> = {
  String: 'text',
  Memo: 'text',
  Integer: 'integer',
  BigInt: 'integer',
  Decimal: 'decimal',
  Double: 'decimal',
  Money: 'decimal',
  Boolean: 'boolean',
  DateTime: 'date_time',
  Picklist: 'choice',
  State: 'choice',
  Status: 'choice',
  Lookup: 'reference',
  Customer: 'reference',
  Owner: 'reference',
};

/** A field, and the column that it is read from. */
export type Column = CrmField & { column: string };

function typeOf({ AttributeType, AttributeTypeName }: Attribute, behaviour: string | undefined): FieldType | undefined {
  if (AttributeTypeName?.Value === 'MultiSelectPicklistType') return 'choices';
  if (AttributeType !== 'DateTime') return TYPES[AttributeType];
  if (behaviour === 'DateOnly') return 'date';
  // The time on a clock wherever one is, though it is written as UTC: no point in time.
  return behaviour === 'TimeZoneIndependent' ? 'text' : 'date_time';
}

/** The columns of a table that can be read, by the names of their fields. One call per kind of column: there is no other way. */
export async function readColumns(client: Client, table: MemberTable): Promise<Map<string, Column>> {
  const attributes = `EntityDefinitions(LogicalName='${table}')/Attributes`;
  const cast = (kind: string) => `${attributes}/Microsoft.Dynamics.CRM.${kind}AttributeMetadata`;
  const common = 'LogicalName,AttributeType,AttributeTypeName,AttributeOf,DisplayName,RequiredLevel,IsValidForRead';
  const [{ value: all }, { value: texts }, { value: times }, ...choices] = await Promise.all([
    client.readOne(`${attributes}?$select=${common}`, Attributes),
    client.readOne(`${cast('String')}?$select=LogicalName,AttributeType,MaxLength`, Attributes),
    client.readOne(`${cast('DateTime')}?$select=LogicalName,AttributeType,DateTimeBehavior`, Attributes),
    ...['Picklist', 'MultiSelectPicklist', 'State', 'Status'].map((kind) =>
      client.readOne(`${cast(kind)}?$select=LogicalName&$expand=OptionSet,GlobalOptionSet`, OptionAttributes),
    ),
  ]);
  const lengths = new Map(texts.map((text) => [text.LogicalName, text.MaxLength]));
  const behaviours = new Map(times.map((time) => [time.LogicalName, time.DateTimeBehavior?.Value]));
  const options = new Map(
    choices.flatMap(({ value }) =>
      value.map((choice) => [choice.LogicalName, (choice.OptionSet ?? choice.GlobalOptionSet)?.Options ?? []] as const),
    ),
  );
  const columns = all.flatMap((attribute): Column[] => {
    const name = attribute.LogicalName;
    const type = typeOf(attribute, behaviours.get(name));
    if (!type || attribute.AttributeOf || attribute.IsValidForRead === false) return [];
    const maxLength = lengths.get(name);
    return [
      {
        name,
        label: labelOf(attribute.DisplayName) ?? name,
        type,
        required: ['ApplicationRequired', 'SystemRequired'].includes(attribute.RequiredLevel?.Value ?? ''),
        ...(maxLength && { maxLength }),
        ...(['choice', 'choices'].includes(type) && {
          options: (options.get(name) ?? []).map(({ Value, Label: label }) => ({
            value: String(Value),
            label: labelOf(label) ?? String(Value),
          })),
        }),
        column: type === 'reference' ? `_${name}_value` : name,
      },
    ];
  });
  return new Map(columns.map((column) => [column.name, column]));
}

/** A column's value, normalised. */
export function valueOf(value: unknown, { type, column }: Column): FieldValue {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return type === 'choice' ? String(value) : value;
  if (typeof value !== 'string') {
    throw new CrmError('unreadable', `Dynamics sent a value of another type than agreed in “${column}”.`);
  }
  if (type === 'choices') return value.split(',').map((code) => code.trim());
  if (type === 'date') return value.slice(0, 10);
  if (type === 'date_time') {
    const time = Date.parse(value);
    return Number.isNaN(time) ? value : new Date(time).toISOString();
  }
  return value;
}
