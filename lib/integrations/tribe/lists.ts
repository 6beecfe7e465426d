// The lists of a Tribe site: selections, labels, campaigns and manual lists. Their sets are not published (crm-apis §5.5 [P], [I]).
import { z } from 'zod';
import type { CrmList, ListKind, Lists, ManualDefinition } from '../connector';
import { CrmError } from '../crm-error';
import { readJson } from '../json';
import { manualList } from '../manual-list';
import { idOf, type Client, type Row } from './client';
import { PERSONS } from './fields';
import { candidatesIn, type Metadata } from './metadata';
import type { Settings } from './settings';

/** Where lists of a kind are, and how their members are reached. */
export type ListSource = {
  kind: ListKind;
  set: string;
  nameField: string;
  navigation: string;
  /** Instead of the navigation: a filter on persons, with {id}. */
  memberFilter?: string;
  filter?: string;
};

/** The sources that the settings name. */
export function listSources(settings: Settings): ListSource[] {
  const { listSet, listNameField, listFilter, memberNavigation, memberFilter } = settings;
  const { labelSet, labelNavigation, campaignNavigation } = settings;
  const sources: ListSource[] = [
    {
      kind: 'selection',
      set: listSet,
      nameField: listNameField,
      navigation: memberNavigation,
      memberFilter,
      filter: listFilter,
    },
    { kind: 'label', set: labelSet, nameField: '_Name', navigation: labelNavigation },
    {
      kind: 'campaign',
      set: campaignNavigation && 'Activity_Campaign',
      nameField: '_Name',
      navigation: campaignNavigation,
    },
  ];
  return sources.filter(({ set }) => set !== '');
}

const isThere = ({ set, navigation, memberFilter }: ListSource, metadata: Metadata) =>
  metadata.has(set) && (memberFilter !== undefined || metadata.get(set)!.navigations.has(navigation));

const listOf = (row: Row, { kind, nameField }: ListSource): CrmList => {
  const name = row[nameField] ?? row._Name;
  return {
    externalId: `${kind}:${idOf(row)}`,
    name: typeof name === 'string' ? name : '',
    kind,
    memberType: 'mixed',
    active: true,
  };
};

/** A manual definition: an entity set and a filter, such as `Relation_Person?$filter=contains(LastName,'son')`. */
export type ManualQuery = { set: string; filter?: string };

const DEFINITION = /^\s*(?<set>\w+)\s*(?:\?\s*\$filter=(?<filter>.+))?$/s;
const QUOTED = /'(?:[^']|'')*'/g;

export function readManual(definition: string): ManualQuery | { problem: string } {
  const { set, filter } = DEFINITION.exec(definition)?.groups ?? {};
  if (!set) {
    return { problem: "Write an entity set and a filter, such as Relation_Person?$filter=contains(LastName,'son')" };
  }
  if (set !== PERSONS && !set.startsWith('Relationship_Person_')) {
    return {
      problem: `“${set}” does not hold persons. Use ${PERSONS} or a set that begins with Relationship_Person_.`,
    };
  }
  const unsupported = /\b(in|has)\b(?=\s*[('\w-])/i.exec(filter?.replace(QUOTED, "''") ?? '')?.[1];
  if (unsupported) return { problem: `Tribe does not support “${unsupported}” in filters. Join conditions with “or”.` };
  return { set, ...(filter && { filter: filter.trim() }) };
}

function manualListOf(manual: ManualDefinition): CrmList {
  const read = readManual(manual.definition);
  return manualList(manual, 'problem' in read ? read : {});
}

const selectOf = ({ nameField }: ListSource) => [...new Set(['ID', nameField, '_Name'])];

/** All lists. What a site does not have is noted; the read is complete only if it has all that the settings name. */
export async function listLists(
  client: Client,
  settings: Settings,
  manual: readonly ManualDefinition[],
  metadata: Metadata,
): Promise<Lists> {
  const lists: CrmList[] = [];
  const notes: string[] = [];
  for (const source of listSources(settings)) {
    if (!isThere(source, metadata)) {
      if (source.kind === 'selection') notes.push(noteOn(source, metadata));
      continue;
    }
    for await (const rows of client.readRows(source.set, { select: selectOf(source), filter: source.filter })) {
      lists.push(...rows.map((row) => listOf(row, source)));
    }
  }
  return { lists: [...lists, ...manual.map(manualListOf)], complete: notes.length === 0, notes };
}

function noteOn({ set, navigation }: ListSource, metadata: Metadata): string {
  const missing = metadata.has(set)
    ? `This site’s “${set}” has no navigation property “${navigation}”.`
    : `This site has no entity set “${set}”, so its selections cannot be read.`;
  const candidates = candidatesIn(metadata);
  const found = candidates.length > 0 ? ` Sets that may hold lists: ${candidates.join('; ')}.` : '';
  return `${missing}${found} Name the entity set and the navigation property in the settings of the connection, or add a manual list.`;
}

/** A list as it is now, or null if it is gone. */
export async function findList(
  client: Client,
  settings: Settings,
  manual: readonly ManualDefinition[],
  externalId: string,
): Promise<CrmList | null> {
  const definition = manual.find(({ id }) => id === externalId);
  if (definition) return manualListOf(definition);
  const { kind, id } = partsOf(externalId);
  const source = sourceOf(settings, kind);
  const select = `$select=${selectOf(source).join(',')}`;
  try {
    const answer = await client.send(`odata/${source.set}(${id})?${select}`);
    return listOf(readJson(answer, z.record(z.string(), z.unknown())), source);
  } catch (error) {
    if (!(error instanceof CrmError) || error.kind !== 'missing') throw error;
    // Without its set every list would be missing: then this fails too.
    await client.send(`odata/${source.set}?${select}&$top=1`);
    return null;
  }
}

export const partsOf = (externalId: string) => {
  const [kind = '', ...rest] = externalId.split(':');
  return { kind, id: rest.join(':') };
};

/** Where lists of a kind are. Throws `missing` if the settings no longer say. */
export function sourceOf(settings: Settings, kind: string): ListSource {
  const source = listSources(settings).find((one) => one.kind === kind);
  if (source) return source;
  throw new CrmError(
    'missing',
    `The settings of the connection no longer say where its lists of the kind “${kind}” are.`,
  );
}
