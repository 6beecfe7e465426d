// The tables and columns of a made-up Dynamics 365 environment.

/** A column as the metadata describes it. */
export type ColumnDefinition = {
  name: string;
  type: string;
  label?: string | null;
  required?: boolean;
  maxLength?: number;
  behaviour?: 'UserLocal' | 'DateOnly' | 'TimeZoneIndependent';
  multiple?: boolean;
  options?: [code: number, label: string | null][];
  attributeOf?: string;
};

const text = (name: string, label: string | null, maxLength = 100): ColumnDefinition => ({
  name,
  type: 'String',
  label,
  maxLength,
});
const lookup = (name: string, label: string, type = 'Lookup'): ColumnDefinition => ({ name, type, label });
const STATE: ColumnDefinition = {
  name: 'statecode',
  type: 'State',
  label: 'Status',
  options: [
    [0, 'Active'],
    [1, 'Inactive'],
  ],
};
const PERSON = [
  text('fullname', 'Full Name', 160),
  text('firstname', 'First Name', 50),
  { ...text('lastname', 'Last Name', 50), required: true },
  text('emailaddress1', 'Email'),
  text('emailaddress2', null),
  text('emailaddress3', null),
  text('mobilephone', 'Mobile Phone', 50),
  STATE,
  { name: 'merged', type: 'Boolean', label: 'Merged' },
  lookup('masterid', 'Master'),
  lookup('owningbusinessunit', 'Owning Business Unit'),
  lookup('ownerid', 'Owner', 'Owner'),
  { name: 'createdon', type: 'DateTime', label: 'Created On', behaviour: 'UserLocal' as const },
  { name: 'modifiedon', type: 'DateTime', label: 'Modified On', behaviour: 'UserLocal' as const },
];

export type Table = { set: string; key: string; columns: ColumnDefinition[] };

export const TABLES: Record<string, Table> = {
  contact: {
    set: 'contacts',
    key: 'contactid',
    columns: [
      ...PERSON,
      { name: 'birthdate', type: 'DateTime', label: 'Birthday', behaviour: 'DateOnly' },
      { name: 'new_courseat', type: 'DateTime', label: 'Course At', behaviour: 'TimeZoneIndependent' },
      lookup('parentcustomerid', 'Company Name', 'Customer'),
      { ...text('parentcustomeridname', null), attributeOf: 'parentcustomerid' },
      { name: 'creditlimit', type: 'Money', label: 'Credit Limit' },
      { name: 'numberofchildren', type: 'Integer', label: 'No. of Children' },
      { name: 'donotbulkemail', type: 'Boolean', label: 'Do not allow Bulk Emails' },
      {
        name: 'gendercode',
        type: 'Picklist',
        label: 'Gender',
        options: [
          [1, 'Male'],
          [2, null],
        ],
      },
      {
        name: 'new_hobbies',
        type: 'Virtual',
        label: 'Hobbies',
        multiple: true,
        options: [
          [2, 'Hiking'],
          [3, 'Skiing'],
        ],
      },
      text('department', 'Department'),
    ],
  },
  lead: { set: 'leads', key: 'leadid', columns: [...PERSON, text('department', 'Department')] },
  account: {
    set: 'accounts',
    key: 'accountid',
    columns: [
      text('name', 'Account Name', 160),
      lookup('primarycontactid', 'Primary Contact'),
      lookup('owningbusinessunit', 'Owning Business Unit'),
      STATE,
    ],
  },
  opportunity: {
    set: 'opportunities',
    key: 'opportunityid',
    columns: [text('name', 'Topic'), lookup('parentcontactid', 'Contact'), STATE],
  },
  list: {
    set: 'lists',
    key: 'listid',
    columns: [
      text('listname', 'Name', 128),
      { name: 'type', type: 'Boolean', label: 'Type' },
      { name: 'createdfromcode', type: 'Picklist', label: 'Targeted At' },
      { name: 'query', type: 'Memo', label: 'Query' },
      { name: 'membercount', type: 'Integer', label: 'Members Count' },
      STATE,
      lookup('owningbusinessunit', 'Owning Business Unit'),
      { name: 'modifiedon', type: 'DateTime', label: 'Modified On', behaviour: 'UserLocal' },
    ],
  },
  listmember: {
    set: 'listmembers',
    key: 'listmemberid',
    columns: [lookup('listid', 'Marketing List'), lookup('entityid', 'Member'), text('entitytype', 'Member Type')],
  },
};
