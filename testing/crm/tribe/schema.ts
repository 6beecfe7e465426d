// What the made-up Tribe site has: sets, fields and navigations, and their description (crm-apis §5.4, §5.9).

export type SetDefinition = {
  /** As `_Type` says it: 'Relation.Person'. */
  type: string;
  properties: Record<string, string>;
  navigations: Record<string, { set: string; many: boolean }>;
};

/** A custom field's name: `_` and its UUID, with each `-` written twice as `_`. */
export const SHOE_SIZE = '_9b2f3c1e__55aa__4c2d__8f00__0123456789ab';

const COMMON = {
  _Type: 'Edm.String',
  _Name: 'Edm.String',
  CreationDate: 'Edm.DateTimeOffset',
  LastMutationDate: 'Edm.DateTimeOffset',
};
const ADDRESSES = { EmailAddress: 'Edm.String', PhoneNumber: 'Edm.String', MobilePhoneNumber: 'Edm.String' };
const datastore = (type: string): SetDefinition => ({
  type,
  properties: { ...COMMON, Code: 'Edm.String', SortIndex: 'Edm.Int32' },
  navigations: {},
});
const many = (set: string) => ({ set, many: true });
const one = (set: string) => ({ set, many: false });

/** Sets. `Relation` is any relation: persons, organisations and relationships. */
export const SCHEMA: Record<string, SetDefinition> = {
  Relation_Person: {
    type: 'Relation.Person',
    properties: {
      ...COMMON,
      ...ADDRESSES,
      FirstName: 'Edm.String',
      LastName: 'Edm.String',
      BirthDate: 'Edm.DateTimeOffset',
      NoMailing: 'Edm.Boolean',
      [SHOE_SIZE]: 'Edm.Int32',
    },
    navigations: { Gender: one('Datastore_Gender'), Interests: many('Datastore_Interest'), Labels: many('Label') },
  },
  Relation_Organization: {
    type: 'Relation.Organization',
    properties: { ...COMMON, ...ADDRESSES, Name: 'Edm.String' },
    navigations: {},
  },
  Relationship_Person_Contact_Standard: {
    type: 'Relationship.Person.Contact.Standard',
    properties: { ...COMMON, ...ADDRESSES, Department: 'Edm.String' },
    navigations: { Person: one('Relation_Person'), Relation: one('Relation_Organization') },
  },
  Selection: {
    type: 'Selection',
    properties: { ...COMMON, Name: 'Edm.String' },
    navigations: { Relations: many('Relation') },
  },
  Label: { type: 'Label', properties: COMMON, navigations: { Relations: many('Relation') } },
  Activity_Campaign: { type: 'Activity.Campaign', properties: COMMON, navigations: { Participants: many('Relation') } },
  Datastore_Gender: datastore('Datastore.Gender'),
  Datastore_Interest: datastore('Datastore.Interest'),
};

/** `$metadata`, without some sets and fields. */
export function describeSchema(isHidden: (set: string, field?: string) => boolean): string {
  const sets = Object.entries(SCHEMA).filter(([set]) => !isHidden(set));
  const types = sets.map(([set, { properties, navigations }]) => {
    const plain = Object.entries(properties)
      .filter(([name]) => !isHidden(set, name) && !(name in COMMON))
      .map(([name, type]) => {
        const required = name === 'LastName' ? ' Nullable="false"' : '';
        return `<Property Name="${name}" Type="${type}"${required}${type === 'Edm.String' ? ' MaxLength="255"' : ''}/>`;
      });
    const links = Object.entries(navigations).map(
      ([name, { set: target, many: several }]) =>
        `<NavigationProperty Name="${name}" Type="${several ? `Collection(Tribe.${target})` : `Tribe.${target}`}"/>`,
    );
    return `<EntityType Name="${set}" BaseType="Tribe.Entity">${plain.join('')}${links.join('')}</EntityType>`;
  });
  const common = Object.entries(COMMON).map(([name, type]) => `<Property Name="${name}" Type="${type}"/>`);
  const containers = sets.map(([set]) => `<EntitySet Name="${set}" EntityType="Tribe.${set}"/>`);
  return `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Tribe" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="Entity" Abstract="true"><Key><PropertyRef Name="ID"/></Key><Property Name="ID" Type="Edm.Guid" Nullable="false"/>${common.join('')}</EntityType>
<EntityType Name="Relation" BaseType="Tribe.Entity" Abstract="true"/>
${types.join('\n')}
<EntityContainer Name="Container">${containers.join('')}</EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>`;
}
