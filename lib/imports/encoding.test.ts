// Which encoding a file has, and what a byte does that does not belong.
import { describe, expect, it } from 'vitest';
import { EncodingEvidence, findEncoding } from './encoding';
import { ENCODINGS, type Encoding } from './format';
import { readRows, type FileRow } from './parse';

/** Bytes of a text, by decoding all one- and two-byte sequences once: Node can read these encodings, not write them. */
function encoded(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  const table = tableOf(encoding);
  return Buffer.concat(
    [...text].map((character) => {
      const bytes = character < '\u0080' ? Buffer.from(character) : table.get(character);
      if (!bytes) throw new Error(`${character} is not in ${encoding}`);
      return bytes;
    }),
  );
}

const tables = new Map<Encoding, Map<string, Buffer>>();
function tableOf(encoding: Encoding): Map<string, Buffer> {
  const known = tables.get(encoding);
  if (known) return known;
  const decoder = new TextDecoder(encoding);
  const table = new Map<string, Buffer>();
  const add = (bytes: number[]) => {
    const text = decoder.decode(Uint8Array.from(bytes), { stream: true }) + decoder.decode();
    if ([...text].length === 1 && text !== '\uFFFD' && !table.has(text)) table.set(text, Buffer.from(bytes));
  };
  for (let byte = 0x80; byte < 0x100; byte++) add([byte]);
  if (['shift_jis', 'gb18030', 'big5', 'euc-kr'].includes(encoding)) {
    for (let lead = 0x81; lead < 0xff; lead++) for (let trail = 0x40; trail < 0xff; trail++) add([lead, trail]);
  }
  tables.set(encoding, table);
  return table;
}

const NAMES: Record<Encoding, string[][]> = {
  'utf-8': [
    ['Åsa', 'Malmö'],
    ['Łukasz', '東京'],
  ],
  'windows-1252': [
    ['Åsa Öberg', 'Malmö'],
    ['Zoë', 'Besançon'],
    ['José Núñez', 'Málaga'],
    ['Jürgen Groß', 'Köln'],
    ['Søren', 'Ærø'],
  ],
  'windows-1250': [
    ['Łukasz', 'Łódź'],
    ['Żaneta', 'Kraków'],
    ['Świątek', 'Poznań'],
  ],
  'windows-1251': [
    ['Иван Петров', 'Москва'],
    ['Наталья', 'Санкт-Петербург'],
    ['Юлия', 'Казань'],
  ],
  'windows-1253': [
    ['Γιώργος', 'Αθήνα'],
    ['Μαρία', 'Θεσσαλονίκη'],
    ['Ελένη', 'Πάτρα'],
  ],
  'windows-1254': [
    ['Ayşe Yılmaz', 'İstanbul'],
    ['Çağlar', 'Muğla'],
    ['Gülşen', 'Eskişehir'],
  ],
  'windows-1257': [
    ['Šarūnas', 'Klaipėda'],
    ['Žydrūnas', 'Šiauliai'],
    ['Jūratė', 'Panevėžys'],
  ],
  'iso-8859-2': [
    ['Łukasz', 'Łódź'],
    ['Świętosław', 'Gdańsk'],
    ['Grażyna', 'Częstochowa'],
    ['Šárka', 'Plzeň'],
    ['Żądło', 'Śląsk'],
  ],
  'iso-8859-15': [
    ['Œuvre', 'Š'],
    ['Zoë Lefœuvre', 'Marseille'],
  ],
  macintosh: [
    ['Åsa Öberg', 'Malmö'],
    ['Zoë', 'Besançon'],
    ['André', 'Genève'],
  ],
  'koi8-r': [
    ['Иван Петров', 'Москва'],
    ['Наталья', 'Санкт-Петербург'],
    ['Юлия', 'Казань'],
  ],
  'koi8-u': [
    ['Іван Шевченко', 'Київ'],
    ['Їжакевич', 'Чернігів'],
    ['Євген', 'Житомир'],
  ],
  shift_jis: [
    ['田中 太郎', '東京都'],
    ['さとう', '大阪'],
    ['鈴木一郎', 'カナザワ'],
  ],
  gb18030: [
    ['王伟', '北京'],
    ['李娜', '上海'],
    ['张敏', '广州'],
  ],
  big5: [
    ['王志明', '台北市'],
    ['陳淑芬', '高雄'],
    ['林怡君', '台中'],
  ],
  'euc-kr': [
    ['김민수', '서울'],
    ['이영희', '부산'],
    ['박지현', '대구'],
  ],
  'utf-16le': [['Åsa', 'Malmö']],
  'utf-16be': [['Åsa', 'Malmö']],
};

const fileOf = (names: string[][]) =>
  `Email;Name;City\n${names.map(([name, city], index) => `p${index}@example.com;${name};${city}\n`).join('')}`;

async function read(bytes: Uint8Array, encoding?: Encoding) {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  }
  const { format, rows } = await readRows(pieces(), { encoding });
  const all: FileRow[] = [];
  for await (const row of rows) all.push(row);
  return { format, rows: all };
}

describe('every encoding', () => {
  it.each(ENCODINGS)('%s is read where it is chosen', async (encoding) => {
    const { rows } = await read(encoded(fileOf(NAMES[encoding]), encoding), encoding);
    expect(rows.map(({ cells }) => cells.slice(1))).toEqual(NAMES[encoding]);
    expect(rows.every(({ problem }) => problem === undefined)).toBe(true);
  });

  it.each(ENCODINGS)('%s is suggested where the names tell', (encoding) => {
    expect(findEncoding(encoded(fileOf(NAMES[encoding]), encoding))).toBe(encoding);
  });

  it('shows names as each reads them', () => {
    const evidence = new EncodingEvidence();
    evidence.add(encoded(fileOf(NAMES['windows-1250']), 'windows-1250'));
    expect(evidence.names()).toMatchObject({
      'windows-1250': 'Łukasz · Łódź · Żaneta · Kraków',
      'windows-1252': '£ukasz · £ódŸ · ¯aneta · Kraków',
    });
    const ascii = new EncodingEvidence();
    ascii.add(Buffer.from('Name\nAnn\n'));
    expect(ascii.names()).toBeUndefined();
  });

  it('is told from names far into a file', () => {
    const evidence = new EncodingEvidence();
    const bytes = Buffer.concat([
      Buffer.from('Ann;Oslo\n'.repeat(100_000)),
      encoded('Łukasz;Łódź\nŻaneta;Kraków\n', 'windows-1250'),
    ]);
    for (let at = 0; at < bytes.length; at += 65_536) evidence.add(bytes.subarray(at, at + 65_536));
    expect(evidence.encoding()).toBe('windows-1250');
  });
});

describe('a byte that does not belong', () => {
  it('in a UTF-8 file rejects its row, and the others are right', async () => {
    const bytes = Buffer.concat([
      Buffer.from('First name,Email\nÅsa,a@x.se\nZoë,b@x.se\nRen'),
      Buffer.from([0xe9]),
      Buffer.from(',c@x.se\nBo,d@x.se\n'),
    ]);
    const { format, rows } = await read(bytes);
    expect(format.encoding).toBe('utf-8');
    expect(rows.map(({ cells }) => cells[0])).toEqual(['Åsa', 'Zoë', 'Ren\uFFFD', 'Bo']);
    expect(rows.filter(({ problem }) => problem !== undefined)).toMatchObject([
      { line: 4, problem: expect.stringContaining('A byte in “Ren\uFFFD” is not UTF-8') as string },
    ]);
  });

  it('is not the replacement character that a file has itself', async () => {
    const { rows } = await read(Buffer.from('Name,Email\nRen\uFFFD,a@x.se\n'));
    expect(rows).toEqual([{ line: 2, cells: ['Ren\uFFFD', 'a@x.se'] }]);
  });

  it('in an older encoding rejects its row', async () => {
    const bytes = Buffer.concat([
      Buffer.from('Name,Email\nA'),
      Buffer.from([0x81]),
      Buffer.from(',a@x.se\nBo,b@x.se\n'),
    ]);
    const { rows } = await read(bytes, 'windows-1252');
    expect(rows.map(({ problem }) => problem !== undefined)).toEqual([true, false]);
  });

  it('cut off at the end of a file rejects the last row', async () => {
    const { rows } = await read(Buffer.from('Name,Email\nÅsa,a@x.se\nb@x.se,Å').subarray(0, -1));
    expect(rows.map(({ problem }) => problem !== undefined)).toEqual([false, true]);
  });
});
