// What a column probably is, from its name (English, Swedish, Norwegian, Danish, Finnish) and its values.
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import { parseDate } from '@/lib/attributes/values';
import { nameKey } from '@/lib/tags/names';
import { enteredKeyspaces, type Keyspace } from '@/lib/profiles/schema';
import { normaliseKey, type EnteredKind, type KeyspaceKind } from '@/lib/profiles/keys';
import type { ColumnSample, ColumnTarget, Mapping } from './schema';

// Names as the exports of Excel, Google Contacts, Outlook, HubSpot and Mailchimp have them, in five languages.
const KEY_NAMES: Record<EnteredKind, RegExp> = {
  email: /^(e ?mail( ?(address|adress[ae]))?|mail|e ?post(adresse?)?|s(ä|a)hk(ö|o)posti(osoite)?)( 1)?( value)?$/,
  mobile:
    /^(mobile( ?phone)?( ?number)?|cell( ?phone)?|mobil(telefon|nummer|tlf|nr)?|sms( ?phone)?( ?number)?|(matka)?puhelin(numero)?|(tele)?phone( ?number)?|telefon(nummer)?)( ?1)?( value)?$/,
  crm_id:
    /^(crm ?id|customer ?(id|no|number)|kund ?(nummer|nr|id)|kunde ?(nr|nummer|id)|asiakas(numero|tunnus)|(contact|record) ?id)$/,
};

const ATTRIBUTE_NAMES: Record<string, RegExp> = {
  firstname: /^(first ?name|given ?name|fname|f(ö|o)rnamn|fornavn|etunimi)$/,
  lastname: /^(last ?name|family ?name|surname|lname|efternamn|etternavn|efternavn|sukunimi)$/,
  birthdate:
    /^(birth ?(date|day)|date of birth|dob|f(ö|o)delse(dag|datum)|f(ø|o)dsels(dag|dato)|syntym(ä|a)(aika|p(ä|a)iv(ä|a)))$/,
};

/** A first mapping for the person to mend. Each keyspace and attribute is used once; phones are not keys by themselves. */
export function guessMapping(
  columns: readonly ColumnSample[],
  all: readonly Keyspace[],
  attributes: readonly Attribute[],
): Pick<Mapping, 'match' | 'columns'> {
  const keyspaces = enteredKeyspaces(all);
  const taken = new Set<string>();
  const take = (name: string, target: ColumnTarget): ColumnTarget | undefined => {
    if (taken.has(name)) return undefined;
    taken.add(name);
    return target;
  };
  const byName = columns.map((column): ColumnTarget => {
    const name = nameKey(column.name.replace(/[_.:-]+/g, ' '));
    for (const keyspace of keyspaces) {
      if (!KEY_NAMES[keyspace.kind].test(name) || !valuesFit(keyspace.kind, column)) continue;
      const target = take(`key:${keyspace.id}`, { to: 'key', keyspaceId: keyspace.id });
      if (target) return target;
    }
    for (const attribute of attributes) {
      if (nameKey(attribute.name) !== nameKey(column.name) && !ATTRIBUTE_NAMES[attribute.code]?.test(name)) continue;
      if (isKeyAttribute(attribute)) continue;
      const target = take(`attribute:${attribute.code}`, { to: 'attribute', code: attribute.code });
      if (target) return target;
    }
    return { to: 'nothing' };
  });
  const targets = byName.map((target, index): ColumnTarget => {
    const keyspace = keyspaces.find(({ kind }) => target.to === 'nothing' && looksLike(kind, columns[index]!));
    return (keyspace && take(`key:${keyspace.id}`, { to: 'key', keyspaceId: keyspace.id })) ?? target;
  });
  const byKind = (kind: KeyspaceKind) => {
    const keyspace = keyspaces.find((one) => one.kind === kind);
    return targets.some((target) => target.to === 'key' && target.keyspaceId === keyspace?.id)
      ? keyspace?.id
      : undefined;
  };
  return { columns: targets, match: byKind('email') ?? byKind('mobile') ?? byKind('crm_id') ?? null };
}

/** The type of an attribute that is made for the column. Digits that may be a code (0123, phone numbers) are text. */
export function guessType({ samples }: ColumnSample): AttributeType {
  if (samples.length === 0) return 'text';
  if (samples.every((sample) => /^\d{1,8}([.,]\d+)?$/.test(sample) && !/^0\d/.test(sample))) return 'number';
  return samples.every((sample) => /\d[./-]\d/.test(sample) && parseDate(sample) !== undefined) ? 'date' : 'text';
}

/** How dates and decimals are written, as far as the first rows tell. */
export function guessNotation(
  targets: readonly ColumnTarget[],
  attributes: readonly Attribute[],
  first: readonly { cells: readonly string[] }[],
): Pick<Mapping, 'dates' | 'decimal'> {
  const valuesOf = (type: Attribute['type']) =>
    targets.flatMap((target, index) =>
      target.to === 'attribute' && attributes.some(({ code, type: own }) => code === target.code && own === type)
        ? first.map(({ cells }) => cells[index]?.trim() ?? '')
        : [],
    );
  const only = <T>(one: T, hasOne: boolean, other: T, hasOther: boolean): T | 'auto' =>
    hasOne === hasOther ? 'auto' : hasOne ? one : other;
  const dates = valuesOf('date').map((value) => /^(\d{1,2})[./-](\d{1,2})[./-]\d{4}/.exec(value));
  const numbers = valuesOf('number');
  return {
    dates: only(
      'mdy',
      dates.some((date) => Number(date?.[2]) > 12),
      'dmy',
      dates.some((date) => Number(date?.[1]) > 12),
    ),
    decimal: only(
      ',',
      numbers.some((number) => /,\d{1,2}$|\.\d{3},/.test(number)),
      '.',
      numbers.some((number) => /\.\d{1,2}$|,\d{3}\./.test(number)),
    ),
  };
}

/** An earlier mapping for another file of the same columns: what is no longer there is not imported. */
export function mappingAgain(
  earlier: Mapping,
  keyspaces: readonly Keyspace[],
  attributes: readonly Attribute[],
): Mapping {
  const columns = earlier.columns.map((target): ColumnTarget => {
    const there =
      target.to === 'key'
        ? keyspaces.some(({ id }) => id === target.keyspaceId)
        : target.to !== 'attribute' || attributes.some(({ code }) => code === target.code);
    return there ? target : { to: 'nothing' };
  });
  return { ...earlier, columns };
}

/** Attributes that follow a key are set by it, never by a column of their own. */
export function isKeyAttribute(attribute: Pick<Attribute, 'code' | 'system'>): boolean {
  return attribute.system && ['email', 'mobile', 'crmid'].includes(attribute.code);
}

/** Whether the values alone tell what they are. */
function looksLike(kind: KeyspaceKind, { samples }: ColumnSample): boolean {
  if (kind === 'crm_id' || samples.length === 0) return false;
  return samples.every((sample) => (kind === 'email' || sample.startsWith('+')) && normaliseKey(kind, sample).ok);
}

/** Whether the values do not speak against the name. Numbers without a country code need the person to say which. */
function valuesFit(kind: KeyspaceKind, { samples }: ColumnSample): boolean {
  if (kind !== 'mobile') return true;
  return samples.filter((sample) => normaliseKey(kind, sample).ok).length * 2 > samples.length;
}
