// `EntityDefinitions` of the made-up Dynamics 365 environment.
import type { ColumnDefinition } from './schema';
import { type Site, SiteError } from './site';

const labelled = (label: string | null | undefined) => ({ UserLocalizedLabel: label ? { Label: label } : null });

const typeName = ({ type, multiple }: ColumnDefinition) => ({
  Value: multiple ? 'MultiSelectPicklistType' : `${type}Type`,
});

const attribute = (column: ColumnDefinition, selected: readonly string[]) => {
  const all: Record<string, unknown> = {
    LogicalName: column.name,
    SchemaName: column.name,
    AttributeType: column.type,
    AttributeTypeName: typeName(column),
    AttributeOf: column.attributeOf ?? null,
    DisplayName: labelled(column.label),
    RequiredLevel: { Value: column.required ? 'ApplicationRequired' : 'None' },
    IsValidForRead: true,
    MaxLength: column.maxLength,
    DateTimeBehavior: { Value: column.behaviour },
  };
  return Object.fromEntries(selected.map((name) => [name, all[name]]));
};

const optionsOf = ({ name, options = [] }: ColumnDefinition) => ({
  LogicalName: name,
  OptionSet: { Options: options.map(([code, label]) => ({ Value: code, Label: labelled(label) })) },
  GlobalOptionSet: null,
});

const CASTS: Record<string, (column: ColumnDefinition) => boolean> = {
  String: ({ type }) => type === 'String',
  DateTime: ({ type }) => type === 'DateTime',
  Picklist: ({ type }) => type === 'Picklist',
  MultiSelectPicklist: ({ multiple }) => multiple === true,
  State: ({ type }) => type === 'State',
  Status: ({ type }) => type === 'Status',
};

/** The answer to a path below `EntityDefinitions`. Throws `SiteError`. */
export function metadataOf(site: Site, path: string, select: readonly string[]): Record<string, unknown> {
  const match =
    /^EntityDefinitions\(LogicalName='(\w+)'\)(\/Attributes(?:\/Microsoft\.Dynamics\.CRM\.(\w+)AttributeMetadata)?)?$/.exec(
      path,
    );
  if (!match) throw new SiteError(404, '0x8006088a', `Resource not found for the segment '${path}'.`);
  const [, table = '', attributes, cast] = match;
  const columns = site.columnsOf(table);
  if (!attributes) {
    const { set, key } = site.tableOf(table);
    return {
      LogicalName: table,
      EntitySetName: set,
      PrimaryIdAttribute: key,
      ChangeTrackingEnabled: site.options.changeTracking,
    };
  }
  if (!cast) {
    const id: ColumnDefinition = { name: site.tableOf(table).key, type: 'Uniqueidentifier' };
    return { value: [id, ...columns].map((column) => attribute(column, select)) };
  }
  const fits = CASTS[cast];
  if (!fits) throw new SiteError(400, '0x8006088a', `Cannot cast to '${cast}AttributeMetadata'.`);
  const chosen = columns.filter(fits);
  return {
    value: ['String', 'DateTime'].includes(cast)
      ? chosen.map((column) => attribute(column, select))
      : chosen.map(optionsOf),
  };
}
