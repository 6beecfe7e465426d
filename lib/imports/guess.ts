// Suggests what a column is, from its name and values.
import type { Attribute } from '@/lib/attributes/schema';
import { nameKey } from '@/lib/naming/names';
import { enteredKeyspaces, type Keyspace } from '@/lib/profiles/schema';
import { normaliseKey, type EnteredKind, type PhoneCountry } from '@/lib/profiles/keys';
import { cellText, keysIn } from './cells';
import { ATTRIBUTE_NAMES, columnKey, KEY_NAMES } from './column-names';
import { dateReading, decimalReading, type ColumnEvidence, type FileEvidence } from './evidence';
import { NO_CONSENTS, type ColumnSample, type ColumnTarget, type Mapping } from './schema';

type Guess = Pick<Mapping, 'match' | 'columns'>;

/** A first mapping, which the person can change. Each keyspace and attribute is used once. */
export function guessMapping(
  columns: readonly ColumnSample[],
  keyspaces: readonly Keyspace[],
  attributes: readonly Attribute[],
): Guess {
  const entered = enteredKeyspaces(keyspaces);
  const targets: ColumnTarget[] = columns.map(() => ({ to: 'nothing' }));
  const taken = new Set<string>();
  const take = (index: number, name: string, target: ColumnTarget) => {
    if (targets[index]!.to !== 'nothing' || taken.has(name)) return;
    taken.add(name);
    targets[index] = target;
  };
  const takeKeys = (is: (kind: EnteredKind, column: ColumnSample) => boolean) => {
    for (const [index, column] of columns.entries()) {
      for (const { id, kind } of entered) {
        if (is(kind, column)) take(index, `key:${id}`, { to: 'key', keyspaceId: id });
      }
    }
  };
  // First certain names, then possible names, then values.
  takeKeys((kind, column) => KEY_NAMES[kind].sure.has(columnKey(column.name)) && valuesFit(kind, column));
  takeKeys((kind, column) => KEY_NAMES[kind].perhaps.has(columnKey(column.name)) && valuesFit(kind, column));
  for (const [index, column] of columns.entries()) {
    for (const attribute of attributes) {
      const named = ATTRIBUTE_NAMES[attribute.code]?.has(columnKey(column.name)) && attribute.system;
      if (isKeyAttribute(attribute) || (!named && nameKey(attribute.name) !== nameKey(column.name))) continue;
      take(index, `attribute:${attribute.code}`, { to: 'attribute', code: attribute.code });
    }
  }
  takeKeys(looksLike);
  const mapped = (kind: EnteredKind) => keyspaces.find((one) => one.kind === kind && taken.has(`key:${one.id}`))?.id;
  return { columns: targets, match: mapped('email') ?? mapped('mobile') ?? mapped('crm_id') ?? null };
}

/** An earlier mapping, for a file of the same columns. `changed`: names of columns whose cells now show something else. */
export type ReusedMapping = { mapping: Mapping; changed: string[] };

/**
 * An earlier mapping for another file with the same columns. Targets that no longer exist are not imported. What the
 * cells of this file show takes precedence: kinds of keys, and notations of dates and numbers.
 */
export function reuseMapping(
  earlier: Mapping,
  columns: readonly ColumnSample[],
  guess: Guess,
  known: { keyspaces: readonly Keyspace[]; attributes: readonly Attribute[]; evidence: FileEvidence | null },
): ReusedMapping {
  const changed: number[] = [];
  const targets = columns.map((column, index): ColumnTarget => {
    const target = earlier.columns[index] ?? { to: 'nothing' };
    switch (target.to) {
      case 'key': {
        const keyspace = enteredKeyspaces(known.keyspaces).find(({ id }) => id === target.keyspaceId);
        if (keyspace && !valuesContradict(keyspace.kind, column, earlier.country)) return target;
        if (keyspace) changed.push(index);
        return { to: 'nothing' };
      }
      case 'attribute':
        if (!known.attributes.some(({ code }) => code === target.code)) return { to: 'nothing' };
        return withoutDetectedNotation(target, known.evidence?.[index]);
      default:
        return target;
    }
  });
  for (const index of changed) {
    const guessed = guess.columns[index]!;
    if (!targets.some((target) => isSame(target, guessed))) targets[index] = guessed;
  }
  const isMapped = (id: Mapping['match']) => targets.some((target) => target.to === 'key' && target.keyspaceId === id);
  const match = [earlier.match, guess.match].find(isMapped) ?? null;
  // What other people agreed to is not copied.
  const mapping = { ...earlier, columns: targets, match, consents: NO_CONSENTS };
  return { mapping, changed: changed.map((index) => columns[index]!.name) };
}

function isSame(one: ColumnTarget, other: ColumnTarget): boolean {
  if (one.to === 'key' && other.to === 'key') return one.keyspaceId === other.keyspaceId;
  return one.to === 'attribute' && other.to === 'attribute' && one.code === other.code;
}

/** Drops the notation chosen for an earlier file if the cells of this one have evidence. */
function withoutDetectedNotation(
  { dates, decimal, ...target }: Extract<ColumnTarget, { to: 'attribute' }>,
  evidence: ColumnEvidence | null | undefined,
): ColumnTarget {
  const isDetected = (why: string) => why === 'told' || why === 'mixed';
  return {
    ...target,
    ...(dates && !isDetected(dateReading(evidence, {}).why) && { dates }),
    ...(decimal && !isDetected(decimalReading(evidence, {}).why) && { decimal }),
  };
}

/** Attributes that mirror a key are set by the key, never by a column of their own. */
export function isKeyAttribute(attribute: Pick<Attribute, 'code' | 'system'>): boolean {
  return attribute.system && ['email', 'mobile', 'crmid'].includes(attribute.code);
}

const isKey = (kind: EnteredKind, sample: string, country: string | null = null) =>
  normaliseKey(kind, keysIn(kind, cellText(sample))[0] ?? '', (country ?? 'unknown') as PhoneCountry).ok;

/** Whether the values alone identify the column. */
function looksLike(kind: EnteredKind, { samples }: ColumnSample): boolean {
  if (kind === 'crm_id' || samples.length === 0) return false;
  return samples.every((sample) => (kind === 'email' || cellText(sample).startsWith('+')) && isKey(kind, sample));
}

/** Whether the values do not contradict the name. For numbers without a country code the person must choose the country. */
function valuesFit(kind: EnteredKind, column: ColumnSample, country: string | null = null): boolean {
  const { samples } = column;
  if (kind === 'mobile') return samples.filter((sample) => isKey(kind, sample, country)).length * 2 > samples.length;
  return kind === 'email' || !looksLike('email', column);
}

/** Whether the values rule out the kind of key that an earlier file had. */
function valuesContradict(kind: EnteredKind, column: ColumnSample, country: string | null): boolean {
  if (column.samples.length === 0) return false;
  return kind === 'email' ? !column.samples.some((sample) => isKey(kind, sample)) : !valuesFit(kind, column, country);
}
