// Turns a row of a file into the wanted change of a profile, or into the reason for rejecting it. Pure functions.
import { isBlank } from '@/lib/attributes/blank';
import type { DateOrder } from '@/lib/attributes/dates';
import type { Attribute, AttributeValue } from '@/lib/attributes/schema';
import { parseAttributeValue, type Notation, type ParsedValue } from '@/lib/attributes/values';
import { KEY_ATTRIBUTES, normaliseKey, type NormalisedKey, type PhoneCountry } from '@/lib/profiles/keys';
import type { TagId } from '@/lib/db/ids';
import { enteredKeyspaces, type EnteredKeyspace, type Keyspace } from '@/lib/profiles/schema';
import { namesFromText } from '@/lib/tags/name-list';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { isRoundedNumber, ROUNDED_NUMBER } from '@/lib/text/rounded-number';
import { isPlaceholder, isSpreadsheetError, NO_RESULT, SPREADSHEET_ERROR, WITHOUT_RESULT } from '@/lib/text/no-value';
import { shortened } from '@/lib/text/shortened';
import { cellText, keysIn, mainValueIn, valuesIn } from './cells';
import { likelyOrder, notationOf, type FileEvidence } from './evidence';
import { tagMark, type ColumnTarget, type Mapping, type NameSeparator } from './schema';

/** The change that a row wants. `attributes`: null clears. `otherKeys`: by keyspace id. `apply` and `remove`: keys of tag names. */
export type ReadRow = {
  key: string | null;
  attributes: Record<string, AttributeValue | null>;
  otherKeys: Record<string, string>;
  apply: string[];
  remove: string[];
  /** Why the row is rejected: all its problems, one per line (`problemsIn`). */
  reason: string | null;
  /** Values left out of an imported row, and why. */
  leftOut: string[];
  /** A tag name without a decision. */
  undecided: string | null;
};

const oneLine = (text: string) => text.replace(/\s*[\r\n]+\s*/g, ' ');

/** A row that is rejected before its cells are read. */
export function rejectedRow(reason: string): ReadRow {
  return {
    key: null,
    attributes: {},
    otherKeys: {},
    apply: [],
    remove: [],
    reason: oneLine(reason),
    leftOut: [],
    undecided: null,
  };
}

/** A cell as it will be stored and shown, or its problem, or why it is left out. Empty cells have none of these. */
export type ReadCell = { value: string } | { problem: string } | { leftOut: string } | null;

/** Normalised names that the file's tag columns may use. */
export type UsableNames = ReadonlySet<string>;

/** What the mapping refers to. `evidence`: null if the file has not been read to its end. */
export type Lookup = {
  keyspaces: readonly Keyspace[];
  attributes: readonly Attribute[];
  evidence: FileEvidence | null;
};

type Column =
  | { to: 'key'; index: number; keyspace: EnteredKeyspace }
  | { to: 'attribute'; index: number; attribute: Attribute; notation: Notation }
  | { to: 'tags'; index: number; action: 'apply' | 'remove' }
  | { to: 'tag'; index: number; tagId: TagId };

/** The targets of each column. */
function columnsIn({ columns }: Mapping, known: Lookup): Column[][] {
  const likely = likelyOrder(columns, known);
  return columns.map((target, index) => columnsOf(target, index, known, likely));
}

/** The targets of a column that (still) exist: a key can be an attribute as well. */
function columnsOf(
  target: ColumnTarget,
  index: number,
  { keyspaces, attributes, evidence }: Lookup,
  likely: DateOrder | null,
): Column[] {
  const valueOf = (wanted: string | undefined, notation: Notation): Column[] => {
    const attribute = attributes.find(({ code }) => code === wanted);
    return attribute ? [{ to: 'attribute', index, attribute, notation }] : [];
  };
  switch (target.to) {
    case 'nothing':
      return [];
    case 'key': {
      const keyspace = enteredKeyspaces(keyspaces).find(({ id }) => id === target.keyspaceId);
      return keyspace
        ? [{ to: 'key', index, keyspace }, ...valueOf(target.code, notationOf(evidence?.[index], {}, likely))]
        : [];
    }
    case 'attribute':
      return valueOf(target.code, notationOf(evidence?.[index], target, likely));
    case 'tags':
      return [{ to: 'tags', index, action: target.action }];
    case 'tag':
      return [{ to: 'tag', index, tagId: target.tagId }];
  }
}

/** A reader of rows for the mapping, which must have a match column. */
export function rowReader(mapping: Mapping, known: Lookup, usable: UsableNames): (cells: readonly string[]) => ReadRow {
  const columns = columnsIn(mapping, known).flat();
  const country = (mapping.country ?? 'unknown') as PhoneCountry;
  const keys = columns.filter((column) => column.to === 'key');
  const match = keys.find(({ keyspace }) => keyspace.id === mapping.match);
  if (!match) throw new Error('The mapping has no match column: startImport should have refused it.');
  const otherKeys = keys.filter((column) => column !== match);
  const values = columns.filter((column) => column.to === 'attribute');
  const tags = columns.filter((column) => column.to === 'tags');
  const yesOrNo = columns.filter((column) => column.to === 'tag');

  return (cells) => {
    const row: ReadRow = {
      key: null,
      attributes: {},
      otherKeys: {},
      apply: [],
      remove: [],
      reason: null,
      leftOut: [],
      undecided: null,
    };
    /** Made only if there are any, since nearly all rows have none. */
    let problems: string[] | undefined;
    const reject = (problem: string) => {
      (problems ??= []).push(oneLine(problem));
    };
    /** The first of the cell's values; the others are left out. */
    const firstOf = ([first = '', ...others]: string[], name: string): string => {
      row.leftOut.push(...others.map((other) => alsoThere(name, other)));
      return first;
    };
    const keyIn = ({ kind, name }: EnteredKeyspace, cell: string) => firstOf(keysIn(kind, cell), name);
    const matched = keyOf(match.keyspace, keyIn(match.keyspace, cellOf(cells, match.index) ?? ''), country);
    if (!matched.ok) reject(`${match.keyspace.name}: ${matched.reason}`);
    else {
      row.key = matched.key;
      row.attributes[KEY_ATTRIBUTES[match.keyspace.kind]] = matched.key;
    }
    for (const { index, keyspace } of otherKeys) {
      const cell = cellOf(cells, index) ?? '';
      if (isBlank(cell)) continue;
      const key = keyOf(keyspace, keyIn(keyspace, cell), country);
      if (!key.ok && key.empty) {
        row.leftOut.push(`${keyspace.name}: ${key.reason}`);
        continue;
      }
      if (!key.ok) {
        reject(`${keyspace.name}: ${key.reason}`);
        continue;
      }
      row.otherKeys[keyspace.id] = key.key;
      row.attributes[KEY_ATTRIBUTES[keyspace.kind]] = key.key;
    }
    for (const { index, attribute, notation } of values) {
      const cell = cellOf(cells, index);
      // A row that is too short changes nothing; an empty cell clears only if that was chosen.
      if (cell === undefined || (isBlank(cell) && !mapping.erase)) continue;
      if (isBlank(cell)) {
        row.attributes[attribute.code] = null;
        continue;
      }
      // A text keeps the whole cell.
      const text = attribute.type === 'text' ? cell : firstOf(valuesIn(cell), attribute.name);
      const value = valueOf(attribute, text, notation);
      if (value.ok) row.attributes[attribute.code] = value.value;
      else if (value.empty) row.leftOut.push(value.reason);
      else reject(value.reason);
    }
    for (const { index, action } of tags) {
      const cell = cellOf(cells, index) ?? '';
      if (isSpreadsheetError(cell)) {
        row.leftOut.push(`Tags: ${errorIn(cell)}`);
        continue;
      }
      for (const name of namesIn(cell, mapping.separator)) {
        const parsed = NameSchema.safeParse(name);
        if (!parsed.success) {
          reject(`“${shortened(name, 60)}” is not a tag: ${parsed.error.issues[0]?.message}`);
          continue;
        }
        const key = nameKey(parsed.data);
        if (usable.has(key)) row[action].push(key);
        else if (mapping.otherNames === 'ask' && mapping.names[key]?.to !== 'leave-out') row.undecided ??= parsed.data;
      }
    }
    for (const { index, tagId } of yesOrNo) {
      const cell = cellOf(cells, index);
      if (!cell) continue;
      if (isSpreadsheetError(cell)) {
        row.leftOut.push(`The tag: ${errorIn(cell)}`);
        continue;
      }
      const yes = parseAttributeValue({ name: 'The tag', type: 'boolean', choices: [] }, cell);
      if (yes.ok) row[yes.value === true ? 'apply' : 'remove'].push(tagMark(tagId));
      else if (yes.empty) row.leftOut.push(yes.reason);
      else reject(yes.reason);
    }
    const both = row.apply.find((key) => row.remove.includes(key));
    if (both !== undefined) reject(`The tag “${both}” is both to be applied and to be removed`);
    if (!problems) return row;
    row.reason = problems.join('\n');
    row.leftOut = [];
    return row;
  };
}

/** The message for a cell with a spreadsheet error, or a formula without a result. */
function errorIn(cell: string): string {
  const text = cell.trim();
  return text === NO_RESULT ? WITHOUT_RESULT : `“${shortened(text, 60)}” ${SPREADSHEET_ERROR}`;
}

/** A cell as a key. */
function keyOf({ kind }: EnteredKeyspace, text: string, country: PhoneCountry): NormalisedKey {
  if (text.trim() === NO_RESULT) return { ok: false, empty: true, reason: WITHOUT_RESULT };
  return normaliseKey(kind, text, country);
}

/** A cell as a value. A long number rounded by a spreadsheet, or a formula's error, is not accepted as text either. */
function valueOf(attribute: Attribute, text: string, notation: Notation): ParsedValue {
  const without = (why: string): ParsedValue => ({ ok: false, empty: true, reason: `${attribute.name}: ${why}` });
  if (attribute.type === 'text' && isRoundedNumber(text))
    return without(`“${shortened(text.trim(), 60)}” ${ROUNDED_NUMBER}`);
  if (isSpreadsheetError(text)) return without(errorIn(text));
  if (attribute.type === 'text' && isPlaceholder(text)) return without(`“${text.trim()}” means that there is no value`);
  return parseAttributeValue(attribute, text, notation);
}

const alsoThere = (name: string, other: string) =>
  `${name}: “${shortened(other, 60)}” is left out, since only the first of several is used`;

/** A reader of single cells, to show what they become. */
export function cellReader(mapping: Mapping, known: Lookup): (index: number, raw: string) => ReadCell {
  const columns = columnsIn(mapping, known).map(([column]) => column);
  const country = (mapping.country ?? 'unknown') as PhoneCountry;
  return (index, raw) => {
    const cell = cellText(raw);
    const column = columns[index];
    if (isBlank(cell) || !column) return null;
    if ((column.to === 'tags' || column.to === 'tag') && isSpreadsheetError(cell)) return { leftOut: errorIn(cell) };
    if (column.to === 'tags') return { value: namesIn(cell, mapping.separator).join(', ') };
    if (column.to === 'tag') return { value: cell };
    if (column.to === 'key') {
      const key = keyOf(column.keyspace, keysIn(column.keyspace.kind, cell)[0] ?? '', country);
      if (key.ok) return { value: key.key };
      return key.empty && column.keyspace.id !== mapping.match ? { leftOut: key.reason } : { problem: key.reason };
    }
    const text = column.attribute.type === 'text' ? cell : mainValueIn(cell);
    const value = valueOf(column.attribute, text, column.notation);
    if (value.ok) return { value: String(value.value) };
    return value.empty ? { leftOut: value.reason } : { problem: value.reason };
  };
}

/** The names in a cell of a tag column. */
export const namesIn = (cell: string, separator: NameSeparator): string[] => namesFromText(cell, separator);

function cellOf(cells: readonly string[], index: number): string | undefined {
  const cell = cells[index];
  return cell === undefined ? undefined : cellText(cell);
}
