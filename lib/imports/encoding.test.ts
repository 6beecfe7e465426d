// Detection of encodings, and bytes that are invalid in them.
import { describe, expect, it } from 'vitest';
import { decodePart, UNREADABLE } from './decode';
import { EncodingEvidence, findEncoding } from './encoding';
import { ENCODINGS, type Encoding } from './format';
import { readRows, type FileRow } from './parse';

/** Bytes of a text, by decoding all one- and two-byte sequences once: Node can read these encodings, not write them. */
function encoded(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  if (encoding === 'iso-2022-jp') return inIso2022(text);
  const table = tableOf(encoding);
  return Buffer.concat(
    [...text].map((character) => {
      const bytes = character < '\u0080' ? Buffer.from(character) : table.get(character);
      if (!bytes) throw new Error(`${character} is not in ${encoding}`);
      return bytes;
    }),
  );
}

/** EUC-JP bytes without their highest bit, between escape sequences. */
function inIso2022(text: string): Buffer {
  return Buffer.concat(
    text
      .split(/(\P{ASCII}+)/u)
      .map((part, index) =>
        index % 2 === 0
          ? Buffer.from(part)
          : Buffer.concat([
              Buffer.from('\u001B$B'),
              encoded(part, 'euc-jp').map((byte) => byte & 0x7f),
              Buffer.from('\u001B(B'),
            ]),
      ),
  );
}

const tables = new Map<Encoding, Map<string, Buffer>>();
function tableOf(encoding: Encoding): Map<string, Buffer> {
  const known = tables.get(encoding);
  if (known) return known;
  const table = new Map<string, Buffer>();
  const add = (bytes: number[]) => {
    const text = decodePart(Uint8Array.from(bytes), encoding, true);
    if ([...text].length === 1 && text !== UNREADABLE && !table.has(text)) table.set(text, Buffer.from(bytes));
  };
  for (let byte = 0x80; byte < 0x100; byte++) add([byte]);
  if (['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr'].includes(encoding)) {
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
  'windows-1255': [
    ['יוסי כהן', 'תל אביב'],
    ['רחל לוי', 'ירושלים'],
    ['משה מזרחי', 'חיפה'],
  ],
  'windows-1256': [
    ['محمد علي', 'القاهرة'],
    ['فاطمة الزهراء', 'الرياض'],
    ['يوسف', 'بيروت'],
  ],
  'windows-874': [['สมชาย', 'กรุงเทพ']],
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
  'x-mac-cyrillic': [
    ['Иван Петров', 'Москва'],
    ['Наталья', 'Санкт-Петербург'],
    ['Юлия', 'Казань'],
  ],
  cp850: [
    ['Åsa Öberg', 'Malmö'],
    ['Märta Sjögren', 'Göteborg'],
    ['Jörgen', 'Ängelholm'],
  ],
  cp437: [
    ['José Núñez', '£5'],
    ['Zoë', '₧ 5'],
  ],
  cp865: [
    ['Søren', 'Ærø'],
    ['Bjørn', '₧ 5'],
  ],
  cp852: [
    ['Łukasz', 'Łódź'],
    ['Żaneta', 'Kraków'],
    ['Świątek', 'Poznań'],
  ],
  ibm866: [
    ['Иван Петров', 'Москва'],
    ['Наталья', 'Санкт-Петербург'],
    ['Юлия', 'Казань'],
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
  'euc-jp': [
    ['田中 太郎', '東京都'],
    ['さとう', '大阪'],
    ['鈴木一郎', 'カナザワ'],
  ],
  'iso-2022-jp': [
    ['田中 太郎', '東京都'],
    ['さとう', '大阪'],
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
  it.each(ENCODINGS)('%s is read if it is chosen', async (encoding) => {
    const { rows } = await read(encoded(fileOf(NAMES[encoding]), encoding), encoding);
    expect(rows.map(({ cells }) => cells.slice(1))).toEqual(NAMES[encoding]);
    expect(rows.every(({ problem }) => problem === undefined)).toBe(true);
  });

  // Thai vowels are marks on letters and carry no evidence.
  it.each(ENCODINGS.filter((encoding) => encoding !== 'windows-874'))(
    '%s is suggested if the names show it',
    (encoding) => {
      expect(findEncoding(encoded(fileOf(NAMES[encoding]), encoding)).encoding).toBe(encoding);
    },
  );

  it('shows names as each encoding reads them', () => {
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

  it('is detected from names far into a file', () => {
    const evidence = new EncodingEvidence();
    const bytes = Buffer.concat([
      Buffer.from('Ann;Oslo\n'.repeat(100_000)),
      encoded('Łukasz;Łódź\nŻaneta;Kraków\n', 'windows-1250'),
    ]);
    for (let at = 0; at < bytes.length; at += 65_536) evidence.add(bytes.subarray(at, at + 65_536));
    expect(evidence.encoding()).toEqual({ encoding: 'windows-1250', assumed: false });
  });
});

describe('letters of an encoding that cannot be read', () => {
  it.each([
    [
      'Mac Central European',
      [
        'Kov\x87cs Gy\xcez\xce',
        'Sz\xf5cs \x85d\x9an',
        'K\xcer\x9asi S\x87ndor',
        'Heged\xf5s Jen\xce',
        '\xccze Gerg\xce',
        'F\x9fl\x9ap Ben\xce',
      ],
    ],
    [
      'DOS 737',
      [
        '\x82\xa0\xe9\xa8\x9a\xa6\xaa',
        '\x8b\x98\xa8\xe5\x98',
        '\x84\xa2\xe2\xa4\x9e',
        '\x87\x9c\xa9\xa9\x98\xa2\xa6\xa4\xe5\xa1\x9e',
        '\x8c\xe5\xa1\xa6\xaa',
      ],
    ],
  ])('are of another, which is assumed: %s', (_what, names) => {
    const text = names.map((name, index) => `p${index}@example.com,${name}\r`).join('');
    expect(findEncoding(Buffer.from(text, 'latin1')).assumed).toBe(true);
  });
});

describe('a file with little evidence', () => {
  const file = (cells: string[], end = '\r\n', names = 'Email,Name') =>
    [names, ...cells.map((cell, index) => `p${index}@example.com,${cell}`), ''].join(end);
  const foundFor = (text: string, encoding: Encoding) => findEncoding(encoded(text, encoding));

  it.each([
    ['apostrophes', ['Conor O’Brien', 'it’s']],
    ['quotes, dashes and dots', ['it’s “ok” – fine…', 'also ‘ok’ — no…']],
    ['a dash', ['Kund – aktiv', 'Kund – vilande']],
    ['euros', ['Offer 300 €', '€ 1.234,50']],
    ['trademarks', ['Tagwell® AB™', 'Foo © 2024']],
    ['degrees and the like', ['25°C ± 2 §4 ½ £5', 'Room 3°', 'N° 4']],
    ['paragraphs and squares', ['§ 0 · ½ x²', '20 m²']],
    ['blanks that do not break', ['1\u00A0234,50', 'Lee\u00A0Roy']],
  ])('is Windows-1252, assumed: %s', (_what, cells) => {
    for (const end of ['\r\n', '\n']) {
      expect(foundFor(file(cells, end), 'windows-1252')).toEqual({ encoding: 'windows-1252', assumed: true });
    }
  });

  it('is Windows-1252 if it has one name among much punctuation', () => {
    const cells = Array.from({ length: 30 }, (_, index) => `Ann ${index}: it’s “ok” – fine…`);
    expect(foundFor(file([...cells, 'José']), 'windows-1252')).toEqual({ encoding: 'windows-1252', assumed: true });
  });

  it('is Mac Roman if it has only punctuation and the line ends of old Macs', () => {
    expect(foundFor(file(['O’Brien', '“ok”'], '\r'), 'macintosh')).toEqual({ encoding: 'macintosh', assumed: true });
  });

  it.each<[Encoding, string, string]>([
    ['macintosh', 'Björn', '\n'],
    ['macintosh', 'José', '\n'],
    ['windows-1250', 'Kovács Győző', '\n'],
    ['windows-1252', 'Åsa', '\r\n'],
    ['windows-1252', 'Zoë', '\n'],
    ['cp850', 'Björn', '\r\n'],
  ])('is assumed in %s by one name: %s', (encoding, name, end) => {
    expect(foundFor(file(['Ann', name, 'Bo'], end), encoding)).toEqual({ encoding, assumed: true });
  });

  it('is read by the language of its column names', () => {
    const text = file(['Åsa'], '\r\n', 'E-post;Namn');
    expect(foundFor(text, 'cp850')).toEqual({ encoding: 'cp850', assumed: true });
    expect(foundFor(text, 'windows-1252')).toEqual({ encoding: 'windows-1252', assumed: true });
  });

  it('is detected in Swedish from a DOS program', () => {
    const names = ['Björn Åkesson;Malmö', 'Åsa Öberg;Örebro', 'Märta Sjögren;Göteborg'];
    expect(foundFor(file(names, '\r\n', 'E-post;Namn;Ort'), 'cp437')).toEqual({ encoding: 'cp850', assumed: false });
  });

  it('is marked as assumed in its format', async () => {
    expect((await read(encoded(file(['O’Brien']), 'windows-1252'))).format.encodingAssumed).toBe(true);
    expect((await read(encoded(fileOf(NAMES['windows-1252']), 'windows-1252'))).format.encodingAssumed).toBeUndefined();
    expect((await read(Buffer.from(file(['Åsa'])))).format.encodingAssumed).toBeUndefined();
  });
});

describe('a file of two encodings', () => {
  it('rejects the rows in UTF-8 of a file in an older encoding, by line', async () => {
    const bytes = Buffer.concat([
      encoded('Email,Name\na@x.se,Åsa Öberg\nb@x.se,Pär Ström\n', 'windows-1252'),
      Buffer.from('c@x.se,Jörgen Åberg\nd@x.se,O’Brien\n'),
      encoded('e@x.se,Übergröße – Ö\nf@x.se,Väinö\n', 'windows-1252'),
    ]);
    const { format, rows } = await read(bytes);
    expect(format.encoding).toBe('windows-1252');
    expect(rows.map(({ line, problem }) => [line, problem?.split('”')[0]])).toEqual([
      [2, undefined],
      [3, undefined],
      [4, '“JÃ¶rgen Ã…berg'],
      [5, '“Oâ€™Brien'],
      [6, undefined],
      [7, undefined],
    ]);
    expect(rows[2]!.problem).toContain('is “Jörgen Åberg” in UTF-8, but the file is read as Windows-1252');
  });

  it.each<[Encoding, string]>([
    ['windows-1251', 'Её'],
    ['windows-1252', 'GROß’'],
    ['koi8-r', 'Её'],
    ['macintosh', 'Élan…'],
  ])('is not seen in %s: %s', async (encoding, name) => {
    const { rows } = await read(encoded(`Email,Name\na@x.se,${name}\n`, encoding), encoding);
    expect(rows).toEqual([{ line: 2, cells: ['a@x.se', name] }]);
  });
});

describe('an invalid byte', () => {
  it('in a UTF-8 file rejects its row, and leaves the others correct', async () => {
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

  it('is distinguished from a replacement character in the file itself', async () => {
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
