// webCRM's lists: overviews where the site lists them [P], and manual lists (crm-apis §3.5).
import type { CrmList, Lists, ManualDefinition } from '../connector';
import { CrmError } from '../crm-error';
import { manualList } from '../manual-list';
import { idOf, type Client, type Row } from './client';
import { readDefinition } from './definition';
import type { Settings } from './settings';

export async function listLists(
  client: Client,
  settings: Settings,
  manual: readonly ManualDefinition[],
): Promise<Lists> {
  const lists = manual.map(manualListOf);
  if (settings.overviewsPath === '') return { lists, complete: true, notes: [] };
  const overviews = await readOverviews(client, settings);
  if (overviews) return { lists: [...lists, ...overviews], complete: true, notes: [] };
  return {
    lists,
    complete: false,
    notes: [
      'webCRM does not show its overviews under the path in the settings of the connection. Add them as manual lists, by a query or by conditions, or correct the path.',
    ],
  };
}

export async function findList(
  client: Client,
  settings: Settings,
  manual: readonly ManualDefinition[],
  externalId: string,
): Promise<CrmList | null> {
  const definition = manual.find(({ id }) => id === externalId);
  if (definition) return manualListOf(definition);
  if (!externalId.startsWith('overview:') || settings.overviewsPath === '') return null;
  const overviews = await readOverviews(client, settings);
  if (!overviews) {
    throw new CrmError(
      'missing',
      'webCRM no longer shows its overviews. Check the path of overviews in the settings, or use manual lists.',
    );
  }
  return overviews.find((list) => list.externalId === externalId) ?? null;
}

/** Null: the site does not list them. */
async function readOverviews(client: Client, settings: Settings): Promise<CrmList[] | null> {
  const path = settings.overviewsPath.replaceAll('{entityType}', settings.entity);
  const lists: CrmList[] = [];
  try {
    for await (const rows of client.all(path, settings.overviewId)) {
      lists.push(...rows.map((row) => overviewList(row, settings)));
    }
    return lists;
  } catch (error) {
    if (error instanceof CrmError && error.kind === 'missing') return null;
    throw error;
  }
}

function overviewList(row: Row, { entity, overviewId, overviewName, overviewEntity }: Settings): CrmList {
  const id = idOf(row, overviewId);
  const of = row[overviewEntity];
  const name = row[overviewName];
  const list = {
    externalId: `overview:${id}`,
    name: typeof name === 'string' && name.trim() !== '' ? name : `Overview ${id}`,
    kind: 'overview' as const,
    active: true,
  };
  if (typeof of !== 'string' || of === '' || of === entity) return { ...list, memberType: 'contact' };
  return {
    ...list,
    memberType: of === 'Organisation' ? 'organisation' : 'mixed',
    problem: `It is an overview of “${of}”, not of “${entity}”. Make one of “${entity}” in webCRM with the same conditions.`,
  };
}

function manualListOf(manual: ManualDefinition): CrmList {
  const read = readDefinition(manual.definition);
  if ('problem' in read) return manualList(manual, read);
  return manualList(manual, read.definition.kind === 'query' ? { caution: read.definition.caution } : {});
}
