// Finds the separator of names in a file's tag columns, from the cells of the whole file.
import { nameKey } from '@/lib/naming/names';
import { isQuotedList, namesFromText } from '@/lib/tags/name-list';
import { shortened } from '@/lib/text/shortened';
import { NAME_SEPARATORS, type NameSeparator } from './schema';

/** A cell that is, or looks like, a list of names. */
export type ListCell = { line: number; cell: string };

/**
 * How the cells are split. `assumed`: no person chose it. `plain`: no cell looks like a list. `shownBy`: a cell that is
 * split. `undivided`: a cell that looks like a list but stays one name.
 */
export type SeparatorReading = {
  separator: NameSeparator;
  why: 'chosen' | 'assumed' | 'plain';
  shownBy: ListCell | null;
  undivided: ListCell | null;
};

/** Best first, if the cells support several equally. */
const SEPARATORS: NameSeparator[] = [':::', '|', '\n', ';', ','];
/** Rarely part of a name: a cell with one is a list even if none of its parts occurs again. */
const SELDOM_IN_NAMES = SEPARATORS.filter((separator) => separator !== ',');
/** The number of different cells that are examined. */
const CELLS = 20_000;
const SHOWN = 80;

type List = { line: number; cell: string; keys: string[] };

/** What the cells show for a separator. `times`: the number of different cells with a name. */
type Found = { lists: List[]; times: Map<string, number> };

/** Collects evidence from the first different cells of tag columns. */
export class SeparatorCollector {
  /** The cells, each with its first line and the number of times it was added. */
  readonly cells = new Map<string, { line: number; times: number }>();
  private single = new Set<string>();
  private found = new Map<NameSeparator, Found>();

  /** Whether there is enough evidence to decide. */
  get isFull(): boolean {
    return this.cells.size === CELLS;
  }

  /** Not called after `isFull`. */
  add(line: number, cell: string): void {
    const earlier = this.cells.get(cell);
    if (earlier) {
      earlier.times++;
      return;
    }
    this.cells.set(cell, { line, times: 1 });
    let isList = false;
    for (const separator of NAME_SEPARATORS) {
      if (!cell.includes(separator) || isQuotedList(cell)) continue;
      const keys = [...new Set(namesFromText(cell, separator).map(nameKey))];
      if (keys.length < 2) continue;
      isList = true;
      const { lists, times } = this.of(separator);
      lists.push({ line, cell, keys });
      for (const key of keys) times.set(key, (times.get(key) ?? 0) + 1);
    }
    if (!isList) for (const name of namesFromText(cell, '|')) this.single.add(nameKey(name));
  }

  /** `known`: the keys of the names of visible tags. `chosen`: the separator that a person chose. */
  reading(known: ReadonlySet<string>, chosen?: NameSeparator): SeparatorReading {
    const found = chosen ?? this.find(known);
    const separator = found ?? '|';
    const split = found && this.listsBy(found, known)[0];
    const divided = new Set(this.of(separator).lists.map(({ cell }) => cell));
    const undivided = SEPARATORS.flatMap((other) => this.listsBy(other, known)).find(({ cell }) => !divided.has(cell));
    return {
      separator,
      why: chosen ? 'chosen' : found ? 'assumed' : 'plain',
      shownBy: split ? shown(split) : null,
      undivided: undivided ? shown(undivided) : null,
    };
  }

  private find(known: ReadonlySet<string>): NameSeparator | undefined {
    const evident = SEPARATORS.map((separator) => {
      const { times } = this.of(separator);
      const isSeenAgain = (key: string) => known.has(key) || this.single.has(key) || times.get(key)! > 1;
      const lists = this.listsBy(separator, known).filter(({ keys }) => keys.some(isSeenAgain));
      return { separator, count: lists.length };
    });
    const best = evident.reduce((one, other) => (other.count > one.count ? other : one));
    if (best.count > 0) return best.separator;
    return SELDOM_IN_NAMES.find((separator) => this.listsBy(separator, known).length > 0);
  }

  /** The cells that are lists by this separator, without those that are the name of a tag as a whole. */
  private listsBy(separator: NameSeparator, known: ReadonlySet<string>): List[] {
    return this.of(separator).lists.filter(({ cell }) => !known.has(nameKey(cell)));
  }

  private of(separator: NameSeparator): Found {
    const found = this.found.get(separator) ?? { lists: [], times: new Map<string, number>() };
    this.found.set(separator, found);
    return found;
  }
}

const shown = ({ line, cell }: List): ListCell => ({ line, cell: shortened(cell.replace(/\s+/g, ' ').trim(), SHOWN) });
