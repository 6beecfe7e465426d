// Evidence of how a column writes dates and numbers: counted once, over the whole file, and then used by the preview,
// the dry run and the run.
import type { Attribute } from '@/lib/attributes/schema';
import { currencyOfColumn } from '@/lib/attributes/currencies';
import { DATE_ORDERS, readDate, YEARS_AHEAD, type DateOrder, type ShortYears } from '@/lib/attributes/dates';
import { readNumber, type NumberReadings } from '@/lib/attributes/numbers';
import { presentDay, type Notation } from '@/lib/attributes/values';
import { cellText, mainValueIn } from './cells';
import type { ColumnTarget, NotationChoice } from './schema';

/** Readings as bits, so that all possible readings of a cell are one small number. */
const ORDER_BITS: Record<DateOrder, number> = { dmy: 1, mdy: 2, ymd: 4 };
const SIGN_BITS = { '.': 1, ',': 2 } as const;

/** The number of cells with exactly these readings, by their bits or another number, and the line of the first one. */
export type Votes = Record<number, { count: number; line: number }>;

/** The evidence of a column. `numbers`: cells that read as numbers; `percent`: those of them with a percent sign. */
export type ColumnEvidence = {
  dates: Votes;
  decimals: Votes;
  numbers: number;
  percent: number;
  /** The numbers with a currency, by currency. */
  currencies?: Record<string, number>;
  /** Among the dates: 03.04.2024, which nobody writes with the month first. */
  dotted?: boolean;
  /** Among the dates: 3/4/2024 10:15 AM, as Americans write. */
  amPm?: boolean;
  /** The dates with a year of two digits, by these digits. */
  shortYears?: Votes;
};

/** By column; null for those without a number or date in them. */
export type FileEvidence = (ColumnEvidence | null)[];

/** Collects evidence row by row. */
export class EvidenceCollector {
  readonly columns: FileEvidence = [];

  add(line: number, cells: readonly string[]): void {
    for (let index = 0; index < cells.length; index++) {
      const cell = mainValueIn(cellText(cells[index]!));
      const could = whatItCouldBe(cell);
      if (could === NOTHING) continue;
      const number = could & NUMBER ? readNumber(cell) : undefined;
      if (number) this.addNumber(index, line, number);
      else if (could & DATE) this.addDate(index, line, cell);
    }
  }

  private addNumber(index: number, line: number, { point, comma, percent, currency }: NumberReadings): void {
    const column = this.at(index);
    column.numbers++;
    if (percent) column.percent++;
    if (currency !== null) {
      column.currencies ??= {};
      column.currencies[currency] = (column.currencies[currency] ?? 0) + 1;
    }
    if (point === comma) return;
    vote(
      column.decimals,
      (point === undefined ? 0 : SIGN_BITS['.']) | (comma === undefined ? 0 : SIGN_BITS[',']),
      line,
    );
  }

  private addDate(index: number, line: number, cell: string): void {
    const date = readDate(cell, ANY_DAY);
    if (date === undefined || date.kind === 'none') return;
    if (date.shortYear !== undefined) vote((this.at(index).shortYears ??= {}), date.shortYear, line);
    if (date.kind !== 'orders') return;
    let ways = 0;
    for (const order of DATE_ORDERS) if (date.days[order] !== undefined) ways |= ORDER_BITS[order];
    const column = this.at(index);
    vote(column.dates, ways, line);
    if (date.dotted) column.dotted = true;
    if (AM_PM.test(cell)) column.amPm = true;
  }

  private at(index: number): ColumnEvidence {
    while (this.columns.length <= index) this.columns.push(null);
    return (this.columns[index] ??= { dates: {}, decimals: {}, numbers: 0, percent: 0 });
  }
}

/** The evidence of the given rows. */
export function evidenceOf(rows: Iterable<{ line: number; cells: readonly string[] }>): FileEvidence {
  const collector = new EvidenceCollector();
  for (const { line, cells } of rows) collector.add(line, cells);
  return collector.columns;
}

function vote(votes: Votes, ways: number, line: number): void {
  const earlier = votes[ways];
  if (earlier) earlier.count++;
  else votes[ways] = { count: 1, line };
}

const ANY_DAY = { today: '2000-01-01', past: false, shortYears: 'future' } as const;
const LONGEST = 80;
const LETTERS_OF_A_CURRENCY = 4;
const AM_PM = /\d\s?[ap]\.?\s?m\b/i;
const THREE_PARTS = /\d\s?[-/. ]\s?(?:\d{1,2}|[a-z]{3,9}\.?)\s?[-/. ]\s?'?\d/i;
const [NOTHING, NUMBER, DATE] = [0, 1, 2];

/** A quick test, so that names and addresses cost nothing: it runs for every cell of the file. */
function whatItCouldBe(cell: string): number {
  if (cell.length > LONGEST) return NOTHING;
  let digits = 0;
  let letters = 0;
  let others = 0;
  for (let at = 0; at < cell.length; at++) {
    const code = cell.charCodeAt(at);
    if (code >= 48 && code <= 57) digits++;
    else if (code === 64) return NOTHING;
    else if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)) letters++;
    else if (code > 127) others++;
  }
  if (digits === 0 && others === 0) return NOTHING;
  return (
    (letters <= LETTERS_OF_A_CURRENCY ? NUMBER : NOTHING) | (THREE_PARTS.test(cell) || others > 0 ? DATE : NOTHING)
  );
}

// ── From evidence to a notation ─────────────────────────────────────────────────────────────────────────────────────

/**
 * How a column is read, and why. `chosen`: a person chose it. `told`: the cells allow no other reading. `mixed`: cells
 * contradict each other; the majority decides or, without one (`way` null), each cell must be unambiguous. `assumed`:
 * no evidence, so the usual reading is used. `unknown`: no evidence, and nothing is assumed. `plain`: nothing to
 * decide. `sure`: ambiguous cells are accepted. `line`: the line of a deciding cell. `open`: ambiguous cells.
 * `against`: cells that contradict this reading.
 */
export type Reading<Way extends string> = {
  way: Way | null;
  why: 'chosen' | 'told' | 'mixed' | 'assumed' | 'unknown' | 'plain';
  sure: boolean;
  line: number | null;
  open: number;
  against: number;
};

/** How a column's dates are read. `likely`: the order of the file's other columns, used if there is no evidence. */
export function dateReading(
  evidence: ColumnEvidence | null | undefined,
  choice: NotationChoice,
  likely: DateOrder | null = null,
): Reading<DateOrder> {
  const usual: DateOrder[] = ['dmy'];
  if (evidence?.amPm) usual.unshift('mdy');
  if (likely !== null) usual.unshift(likely);
  return readingOf(evidence?.dates ?? {}, ORDER_BITS, choice.dates, evidence?.dotted ? ['dmy'] : usual);
}

/** The order of the file's date columns with evidence or a choice; null if there is none, or several. */
export function likelyOrder(
  columns: readonly ColumnTarget[],
  { attributes, evidence }: { attributes: readonly Attribute[]; evidence: FileEvidence | null },
): DateOrder | null {
  const orders = columns.flatMap((target, index) => {
    if (target.to !== 'attribute') return [];
    if (attributes.find(({ code }) => code === target.code)?.type !== 'date') return [];
    const { way, why } = dateReading(evidence?.[index], target);
    return why === 'told' || why === 'chosen' ? [way] : [];
  });
  return new Set(orders).size === 1 ? orders[0]! : null;
}

/** Two-digit years this few years ahead are more likely deadlines than years of the last century. */
const NEAR_YEARS = 5;
/** Columns with dates this old do not contain deadlines. */
const OLD_YEARS = 25;

/**
 * How two-digit years are read if both centuries are possible: 39 as 1939 or 2039. In the future only if most such
 * years are near and no other date of the column is old.
 */
export function shortYearReading(
  evidence: ColumnEvidence | null | undefined,
  choice: NotationChoice,
  today = presentDay(),
): Reading<ShortYears> {
  const thisYear = Number(today.slice(0, 4));
  const votes = Object.entries(evidence?.shortYears ?? {}).map(([digits, vote]) => ({
    ...vote,
    ahead: (((Number(digits) - thisYear) % 100) + 100) % 100,
  }));
  const open = votes.filter(({ ahead }) => ahead > 0 && ahead <= YEARS_AHEAD);
  const sum = (some: typeof votes) => some.reduce((total, { count }) => total + count, 0);
  const reading = { sure: true, line: null, open: sum(open), against: 0 };
  if (choice.shortYears !== undefined) return { ...reading, way: choice.shortYears, why: 'chosen' };
  if (open.length === 0) return { ...reading, way: 'future', why: 'plain' };
  const near = open.filter(({ ahead }) => ahead <= NEAR_YEARS);
  const isOld = votes.some(({ ahead }) => ahead > YEARS_AHEAD && 100 - ahead > OLD_YEARS);
  const way = !isOld && sum(near) * 2 > reading.open ? 'future' : 'past';
  return { ...reading, way, why: 'assumed' };
}

/** How a column's numbers are read. */
export function decimalReading(
  evidence: ColumnEvidence | null | undefined,
  choice: NotationChoice,
): Reading<'.' | ','> {
  return readingOf(evidence?.decimals ?? {}, SIGN_BITS, choice.decimal, []);
}

/** The notation by which the values of a column are read. */
export function notationOf(
  evidence: ColumnEvidence | null | undefined,
  choice: NotationChoice,
  likely: DateOrder | null = null,
): Notation {
  const dates = dateReading(evidence, choice, likely);
  const decimals = decimalReading(evidence, choice);
  return {
    dates: dates.way,
    datesSure: dates.sure,
    shortYears: shortYearReading(evidence, choice).way ?? 'future',
    decimal: decimals.way,
    decimalSure: decimals.sure,
    percent: evidence !== null && evidence !== undefined && evidence.percent === evidence.numbers,
    currency: currencyOfColumn(evidence?.currencies ?? {}),
  };
}

/** The ratio of cells for a reading to cells against it from which it decides ambiguous cells. */
const CLEAR = 10;

function readingOf<Way extends string>(
  votes: Votes,
  bits: Record<Way, number>,
  chosen: Way | undefined,
  /** The readings to assume, best first. */
  usual: readonly Way[],
): Reading<Way> {
  const cast = Object.entries(votes).map(([key, vote]) => ({ ...vote, ways: Number(key) }));
  const count = (which: (ways: number) => boolean) =>
    cast.reduce((sum, vote) => (which(vote.ways) ? sum + vote.count : sum), 0);
  const open = count((ways) => bitsOf(ways) > 1);
  const read = (way: Way, why: Reading<Way>['why']): Reading<Way> => {
    const against = count((ways) => (ways & bits[way]) === 0);
    const sure = why !== 'mixed' || count((ways) => ways === bits[way]) >= against * CLEAR;
    return { way, why, sure, line: null, open, against };
  };
  if (chosen !== undefined) return read(chosen, 'chosen');
  if (cast.length === 0) return { way: usual[0] ?? null, why: 'plain', sure: true, line: null, open, against: 0 };
  const scores = (Object.keys(bits) as Way[]).map((way) => ({ way, score: count((ways) => (ways & bits[way]) !== 0) }));
  const most = Math.max(...scores.map(({ score }) => score));
  const best = scores.filter(({ score }) => score === most).map(({ way }) => way);
  const contradicting = most < count(() => true);
  if (best.length === 1) {
    const way = best[0]!;
    const telling = cast.filter(({ ways }) => ways & bits[way]).sort((a, b) => bitsOf(a.ways) - bitsOf(b.ways));
    return { ...read(way, contradicting ? 'mixed' : 'told'), line: telling[0]!.line };
  }
  if (contradicting) return { way: null, why: 'mixed', sure: false, line: null, open, against: 0 };
  if (usual.length === 0) return { way: null, why: 'unknown', sure: true, line: null, open, against: 0 };
  return read(usual.find((way) => best.includes(way)) ?? best[0]!, 'assumed');
}

const bitsOf = (ways: number) => (ways & 1) + ((ways >> 1) & 1) + ((ways >> 2) & 1);
