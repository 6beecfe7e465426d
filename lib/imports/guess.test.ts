// Columns of the files that people have, as the tools' documents describe their exports.
import { beforeAll, describe, expect, it } from 'vitest';
import { createAttribute } from '@/lib/attributes/commands';
import { listAttributes } from '@/lib/attributes/queries';
import type { Attribute } from '@/lib/attributes/schema';
import { pool } from '@/lib/db/pool';
import { listKeyspaces } from '@/lib/profiles/queries';
import type { Keyspace } from '@/lib/profiles/schema';
import { createTestAccount } from '@/testing/fixtures';
import { guessMapping, guessNotation, guessType } from './guess';
import { readRows } from './parse';
import { sampleColumns } from './queries';
import { namesIn } from './rows';

let keyspaces: Keyspace[];
let attributes: Attribute[];
beforeAll(async () => {
  const account = await createTestAccount();
  keyspaces = await listKeyspaces(pool(), account.accountId);
  for (const [name, type] of [
    ['Since', 'date'],
    ['Sum', 'number'],
  ] as const) {
    await createAttribute(account.admin, { sectionId: account.sectionId, name, type });
  }
  attributes = await listAttributes(pool(), account.sectionId);
});

async function guess(bytes: Uint8Array) {
  async function* once() {
    yield bytes;
  }
  const { format, rows } = await readRows(once());
  const first = [];
  for await (const row of rows) first.push(row);
  const { columns, match } = guessMapping(sampleColumns(format.columns, first), keyspaces, attributes);
  const byColumn = columns.flatMap((target, index) => {
    if (target.to === 'key')
      return [[format.columns[index], keyspaces.find(({ id }) => id === target.keyspaceId)!.kind]];
    if (target.to !== 'attribute') return [];
    const { system, code, name } = attributes.find((one) => one.code === target.code)!;
    return [[format.columns[index], system ? code : name]];
  });
  return {
    format,
    columns: Object.fromEntries(byColumn) as Record<string, string>,
    match: keyspaces.find(({ id }) => id === match)?.kind,
    notation: guessNotation(columns, attributes, first),
  };
}

const text = (content: string) => new TextEncoder().encode(content);

/** As Excel saves it: Windows-1252, which has these characters where Latin-1 does. */
const windows1252 = (content: string) => Buffer.from(content, 'latin1');

describe('the export of', () => {
  it('Excel in Swedish', async () => {
    const found = await guess(
      windows1252(
        'Förnamn;Efternamn;E-post;Mobilnr;Kundnr;Födelsedatum;Sum\r\nÅsa;Öberg;asa@x.se;+46 70 123 45 67;0012;30.11.1980;1 234,50\r\n',
      ),
    );
    expect(found).toMatchObject({
      format: { delimiter: ';', encoding: 'windows-1252' },
      columns: {
        Förnamn: 'firstname',
        Efternamn: 'lastname',
        'E-post': 'email',
        Mobilnr: 'mobile',
        Kundnr: 'crm_id',
        Födelsedatum: 'birthdate',
        Sum: 'Sum',
      },
      match: 'email',
      notation: { dates: 'dmy', decimal: ',' },
    });
  });

  it('Google Contacts', async () => {
    const found = await guess(
      text(
        'First Name,Middle Name,Last Name,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\n' +
          'Ann,,Ek,1980-02-03,,Friends ::: * myContacts,* Home,ann@x.se,Mobile,+46 70-123 45 67\n',
      ),
    );
    expect(found).toMatchObject({
      columns: {
        'First Name': 'firstname',
        'Last Name': 'lastname',
        Birthday: 'birthdate',
        'E-mail 1 - Value': 'email',
        'Phone 1 - Value': 'mobile',
      },
      match: 'email',
    });
    expect(found.columns).not.toHaveProperty('E-mail 1 - Label');
    expect(namesIn('Friends ::: * myContacts', ':::')).toEqual(['Friends', 'myContacts']);
  });

  it('Outlook', async () => {
    const found = await guess(
      windows1252(
        '"First Name","Last Name","E-mail Address","Mobile Phone","Birthday","Categories"\r\n"Bo","Ås","bo@x.se","+4791234567","2/28/1985","VIP;Partner"\r\n',
      ),
    );
    expect(found).toMatchObject({
      columns: {
        'First Name': 'firstname',
        'Last Name': 'lastname',
        'E-mail Address': 'email',
        'Mobile Phone': 'mobile',
        Birthday: 'birthdate',
      },
      notation: { dates: 'mdy' },
    });
    expect(namesIn('VIP;Partner', ';')).toEqual(['VIP', 'Partner']);
  });

  it('HubSpot', async () => {
    const found = await guess(
      text(
        'Record ID,First Name,Last Name,Email,Phone Number,Create Date\n51,Ann,Ek,ann@x.se,+358401234567,2024-02-29 10:15\n',
      ),
    );
    expect(found).toMatchObject({
      columns: { 'Record ID': 'crm_id', 'First Name': 'firstname', Email: 'email', 'Phone Number': 'mobile' },
      match: 'email',
    });
  });

  it('Mailchimp', async () => {
    const found = await guess(
      text(
        'Email Address,First Name,Last Name,Phone Number,MEMBER_RATING,TAGS\nann@x.se,Ann,Ek,,2,"""VIP"",""Trade Show, Oslo"""\n',
      ),
    );
    expect(found).toMatchObject({ columns: { 'Email Address': 'email', 'First Name': 'firstname' }, match: 'email' });
    expect(namesIn('"VIP","Trade Show, Oslo"', ',')).toEqual(['VIP', 'Trade Show, Oslo']);
  });

  it.each(['Sähköpostiosoite', 'E-mailadresse', 'e-postadresse', 'E-postadress', 'EMAIL'])(
    'any tool that calls an address %s',
    async (name) => {
      expect((await guess(text(`${name}\na@x.se\n`))).columns).toEqual({ [name]: 'email' });
    },
  );
});

it('columns without a telling name are known by their values', async () => {
  expect(await guess(text('Ann;ann@x.se;+46701234567\nBo;bo@x.se;+46701234568\n'))).toMatchObject({
    columns: { 'Column 2': 'email', 'Column 3': 'mobile' },
    match: 'email',
  });
});

it('no tag column is guessed: tags come only where somebody mapped them', async () => {
  expect((await guess(text('Email,Tags\na@x.se,VIP\n'))).columns).toEqual({ Email: 'email' });
});

it('ways of writing that contradict each other are left open', async () => {
  const { notation } = await guess(text('Email,Since,Sum\na@x.se,30/11/2025,"1,5"\nb@x.se,11/30/2025,1.5\n'));
  expect(notation).toEqual({ dates: 'auto', decimal: 'auto' });
});

it.each([
  ['number', ['12', '1,5']],
  ['date', ['2024-02-29', '30/11/2025']],
  ['text', ['0123', '456']],
  ['text', ['070-1234567']],
  ['text', ['46701234567']],
  ['text', []],
])('a new attribute is %s for %j', (type, samples) => {
  expect(guessType({ name: 'New', filled: 1, samples })).toBe(type);
});
