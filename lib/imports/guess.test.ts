// Columns of real files, as the tools' documentation describes their exports.
import { beforeAll, describe, expect, it } from 'vitest';
import { createAttribute } from '@/lib/attributes/commands';
import { listAttributes } from '@/lib/attributes/queries';
import type { Attribute } from '@/lib/attributes/schema';
import { pool } from '@/lib/db/pool';
import { listKeyspaces } from '@/lib/profiles/queries';
import type { Keyspace } from '@/lib/profiles/schema';
import { createTestAccount } from '@/testing/fixtures';
import { dateReading, decimalReading, evidenceOf, type FileEvidence } from './evidence';
import { guessMapping, reuseMapping } from './guess';
import { guessType } from './guess-type';
import { readRows } from './parse';
import { sampleColumns } from './queries';
import { namesIn } from './rows';
import { MappingSchema, type ColumnTarget, type NotationChoice } from './schema';

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
    notation: notationsOf(columns, evidenceOf(first)),
  };
}

/** The detected notations of the date and number columns. */
function notationsOf(targets: readonly ColumnTarget[], evidence: FileEvidence) {
  const found: { dates?: string | null; decimal?: string | null } = {};
  for (const [index, target] of targets.entries()) {
    const type = target.to === 'attribute' ? attributes.find(({ code }) => code === target.code)?.type : undefined;
    if (type === 'date') found.dates = dateReading(evidence[index], {}).way;
    if (type === 'number') found.decimal = decimalReading(evidence[index], {}).way;
  }
  return found;
}

const text = (content: string) => new TextEncoder().encode(content);

/** As Excel saves it: Windows-1252, which agrees with Latin-1 for these characters. */
const windows1252 = (content: string) => Buffer.from(content, 'latin1');

it('maps the keys in an export of an API client as keys, and not the attributes that follow them', async () => {
  const file =
    'Email,Mobile,CRM ID,Email (attribute),Mobile (attribute),CRM ID (attribute),First name\r\n' +
    'a@x.se,46701234567,C-1,a@x.se,46701234567,C-1,Astrid\r\n';
  const { columns, match } = await guess(Buffer.from(file));
  expect(columns).toEqual({ Email: 'email', Mobile: 'mobile', 'CRM ID': 'crm_id', 'First name': 'firstname' });
  expect(match).toBe('email');
});

describe('recognises the export of', () => {
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

it('recognises columns without a clear name by their values', async () => {
  expect(await guess(text('Ann;ann@x.se;+46701234567\nBo;bo@x.se;+46701234568\n'))).toMatchObject({
    columns: { 'Column 2': 'email', 'Column 3': 'mobile' },
    match: 'email',
  });
});

it('never guesses a tag column: tags are applied only if somebody mapped them', async () => {
  expect((await guess(text('Email,Tags\na@x.se,VIP\n'))).columns).toEqual({ Email: 'email' });
});

it('leaves contradicting notations open', async () => {
  const { notation } = await guess(text('Email,Since,Sum\na@x.se,30/11/2025,"1,5"\nb@x.se,11/30/2025,1.5\n'));
  expect(notation).toEqual({ dates: null, decimal: null });
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

describe('columns of tools in other languages', () => {
  it.each<[string, string, string]>([
    ['email', 'Adres e-mail', 'a@x.se'],
    ['email', 'E-Mail-Adresse', 'a@x.se'],
    ['email', 'Adresse e-mail', 'a@x.se'],
    ['email', 'メール アドレス', 'a@x.se'],
    ['email', '電子メールアドレス', 'a@x.se'],
    ['email', 'User Email', 'a@x.se'],
    ['email', 'e_mail', 'a@x.se ::: b@x.se'],
    ['mobile', 'Telefon komórkowy', '+48 501 234 567'],
    ['mobile', 'Mobile Phone Number', '+46 70 123 45 67'],
    ['mobile', '携帯電話', '+81 90 1234 5678'],
    ['crm_id', '顧客番号', '0012'],
    ['crm_id', 'Kundennummer', "'0012"],
    ['firstname', 'Imię', 'Ada'],
    ['firstname', 'Vorname', 'Ada'],
    ['firstname', '名', '愛'],
    ['lastname', 'Nazwisko', 'Nowak'],
    ['lastname', '姓', '佐藤'],
    ['birthdate', '生年月日', '1985年2月28日'],
    ['birthdate', 'Data urodzenia', '28.02.1985'],
    ['birthdate', 'Geburtsdatum', '28.02.1985'],
  ])('%s: %s', async (becomes, name, value) => {
    const { columns } = await guess(text(`"${name}",Whatever\n"${value}",x\n`));
    expect(columns).toEqual({ [name]: becomes });
  });

  it('a telephone counts as mobile only if no column is named so', async () => {
    const found = await guess(text('Phone,Mobile Phone,Email\n+46812345678,+46701234567,a@x.se\n'));
    expect(found.columns).toMatchObject({ 'Mobile Phone': 'mobile' });
    expect(found.columns).not.toHaveProperty('Phone');
  });

  it('a name of any length is examined quickly', () => {
    for (const name of ['@.'.repeat(50_000), 'e mail '.repeat(20_000), ' '.repeat(100_000), '1value'.repeat(20_000)])
      expect(guessMapping([{ name, filled: 1, samples: ['x'] }], keyspaces, attributes).match).toBeNull();
  });
});

describe('a remembered mapping', () => {
  const again = (earlier: ColumnTarget[], columns: [string, string[]][]) => {
    const samples = columns.map(([name, values]) => ({ name, filled: 1, samples: values }));
    const evidence = evidenceOf(
      Array.from({ length: 3 }, (_, row) => ({ line: row + 2, cells: columns.map(([, values]) => values[row] ?? '') })),
    );
    const mapping = MappingSchema.parse({ match: (earlier[0] as { keyspaceId: number }).keyspaceId, columns: earlier });
    const known = { keyspaces, attributes, evidence };
    return reuseMapping(mapping, samples, guessMapping(samples, keyspaces, attributes), known);
  };
  const key = (kind: string): ColumnTarget => ({
    to: 'key',
    keyspaceId: keyspaces.find((one) => one.kind === kind)!.id,
  });
  const attribute = (name: string, choice: NotationChoice = {}): ColumnTarget => ({
    to: 'attribute',
    code: attributes.find((one) => one.name === name)!.code,
    ...choice,
  });

  it('yields to the kind of key that the cells show', () => {
    const { mapping, changed } = again(
      [key('crm_id'), attribute('First name')],
      [
        ['Id', ['a@x.se', 'b@x.se']],
        ['Who', ['Ann', 'Bo']],
      ],
    );
    expect(mapping).toMatchObject({ columns: [key('email'), attribute('First name')] });
    expect(keyspaces.find(({ id }) => id === mapping.match)?.kind).toBe('email');
    expect(changed).toEqual(['Id']);
  });

  it('yields to the dates and numbers that the cells show, and applies if they show nothing', () => {
    const earlier = [key('email'), attribute('Since', { dates: 'mdy' }), attribute('Sum', { decimal: '.' })];
    const reused = again(earlier, [
      ['Email', ['a@x.se']],
      ['Since', ['31/12/2020']],
      ['Sum', ['0,5']],
    ]);
    expect(reused).toMatchObject({
      changed: [],
      mapping: { columns: [key('email'), attribute('Since'), attribute('Sum')] },
    });
    expect(reused.mapping.columns[1]).not.toHaveProperty('dates');
    expect(reused.mapping.columns[2]).not.toHaveProperty('decimal');
    const open = again(earlier, [
      ['Email', ['a@x.se']],
      ['Since', ['03/04/2020']],
      ['Sum', ['1,234']],
    ]);
    expect(open.mapping.columns).toEqual(earlier);
  });

  it('applies if the cells do not contradict it', () => {
    const earlier = [key('email'), key('mobile')];
    for (const mobiles of [['+46701234567'], []]) {
      const { mapping, changed } = again(earlier, [
        ['Email', ['a@x.se']],
        ['Nr', mobiles],
      ]);
      expect([mapping.columns, changed]).toEqual([earlier, []]);
    }
  });
});
