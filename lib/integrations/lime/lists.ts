// Lime's lists: campaigns by the query API [C], filters where the site lists them [P], and manual filters (crm-apis §2.5).
import { z } from 'zod';
import type { CrmList, Lists, ManualDefinition } from '../connector';
import { CrmError } from '../crm-error';
import { readJson } from '../json';
import { manualList } from '../manual-list';
import type { Client, Row } from './client';
import { readExpression } from './expression';
import type { Settings } from './settings';

/** [P] Where filters are in the answer, and what they are called, can only be seen on a real site: three places are looked at. */
const Filter = z.object({
  id: z.union([z.string().min(1), z.number().int()]),
  name: z.union([z.string(), z.record(z.string(), z.string())]).nullish(),
  limetype: z.string().nullish(),
  filter: z.unknown(),
});
const Filters = z.array(Filter);
const NextLink = z.object({ _links: z.object({ next: z.object({ href: z.string() }).nullish() }).nullish() });
const FilterPage = z.union([
  z.object({ _embedded: z.object({ filters: Filters }) }).transform(({ _embedded }) => _embedded.filters),
  Filters,
  z.object({ filters: Filters }).transform(({ filters }) => filters),
]);

const OF_CONTACTS = 'filter:';
const OF_ORGANISATIONS = 'organisation_filter:';

/** Whether a list is a filter of organisations: its members are their contacts. */
export const isOfOrganisations = ({ externalId }: CrmList) => externalId.startsWith(OF_ORGANISATIONS);

/** Links from page to page that are followed. */
const MOST_PAGES = 1_000;

export async function listLists(
  client: Client,
  settings: Settings,
  manual: readonly ManualDefinition[],
): Promise<Lists> {
  const lists = manual.map(manualListOf);
  const notes: string[] = [];
  const campaigns = await readCampaigns(client, settings);
  if (campaigns) lists.push(...campaigns);
  else {
    notes.push(
      `The API user cannot read “${settings.campaignType}”, so there are no campaigns here. Ask for the right in Lime, or correct the object type of campaigns in the settings of the connection.`,
    );
  }
  const filters = settings.filtersPath === '' ? [] : await readFilters(client, settings);
  if (filters) lists.push(...filters);
  else {
    notes.push(
      'Lime does not show its filters under the path in the settings of the connection. Add a filter as a manual list, by pasting its JSON, or correct the path.',
    );
  }
  return { lists, complete: campaigns !== null && filters !== null, notes };
}

/** Null: there is no such type, or the API user may not read it. */
async function readCampaigns(client: Client, settings: Settings): Promise<CrmList[] | null> {
  const lists: CrmList[] = [];
  try {
    for await (const rows of client.query(settings.campaignType, { [settings.campaignName]: '' })) {
      lists.push(...rows.map((row) => campaignList(row, settings)));
    }
    return lists;
  } catch (error) {
    if (error instanceof CrmError && (error.kind === 'missing' || error.kind === 'permission')) return null;
    throw error;
  }
}

export async function findList(
  client: Client,
  settings: Settings,
  manual: readonly ManualDefinition[],
  externalId: string,
): Promise<CrmList | null> {
  const definition = manual.find(({ id }) => id === externalId);
  if (definition) return manualListOf(definition);
  const [kind, id = ''] = externalId.split(/:(.*)/s);
  if (kind === 'campaign') {
    const row = await client.one(settings.campaignType, Number(id), { [settings.campaignName]: '' });
    return row && campaignList(row, settings);
  }
  if (![OF_CONTACTS, OF_ORGANISATIONS].includes(`${kind}:`)) return null;
  const filters = await readFilters(client, settings);
  if (!filters) {
    throw new CrmError(
      'missing',
      'Lime no longer shows its filters. Check the path of saved filters in the settings of the connection, or use manual lists.',
    );
  }
  return filters.find((list) => list.externalId === externalId) ?? null;
}

/** Filters of contacts, and of organisations if the settings say so. Null: the site does not list them. */
async function readFilters(client: Client, settings: Settings): Promise<CrmList[] | null> {
  const types = [settings.memberType, ...(settings.organisations === 'contacts' ? [settings.organisationType] : [])];
  const lists = new Map<string, CrmList>();
  for (const type of types) {
    const seen = new Set<string>();
    let path: string | undefined = settings.filtersPath.replaceAll('{limetype}', encodeURIComponent(type));
    while (path !== undefined) {
      const answer = await client.send({ method: 'GET', path }, [404, 405]);
      if (answer.status >= 400) return null;
      if (seen.has(path) || seen.size > MOST_PAGES) {
        throw new CrmError('incomplete', 'The pages of filters lead in a circle.');
      }
      seen.add(path);
      // A site may give all of them, whatever the type that was asked for.
      for (const filter of readJson(answer, FilterPage)) lists.set(String(filter.id), filterList(filter, settings));
      path = readJson(answer, NextLink.catch({}))._links?.next?.href;
    }
  }
  return [...lists.values()];
}

const campaignList = (row: Row, { campaignName }: Settings): CrmList => ({
  externalId: `campaign:${row._id}`,
  name: typeof row[campaignName] === 'string' ? row[campaignName] : '',
  kind: 'campaign',
  memberType: 'contact',
  active: true,
});

function filterList({ id, name, limetype, filter }: z.infer<typeof Filter>, settings: Settings): CrmList {
  const { memberType, organisationType, organisations } = settings;
  const list = {
    externalId: `${limetype === organisationType ? OF_ORGANISATIONS : OF_CONTACTS}${id}`,
    name: nameOf(name) || `Filter ${id}`,
    kind: 'filter' as const,
    active: true,
    definition: typeof filter === 'string' ? filter : JSON.stringify(filter ?? null),
  };
  if (!limetype || limetype === memberType) return { ...list, memberType: 'contact', ...remarks(filter) };
  if (limetype !== organisationType) {
    return { ...list, memberType: 'mixed', problem: `It is a filter of “${limetype}”, not of “${memberType}”.` };
  }
  if (organisations === 'contacts') return { ...list, memberType: 'contact', ...remarks(filter) };
  const problem = `It is a filter of “${limetype}”, so it finds companies. To read their contacts, change “Filters of companies” in the settings of the connection.`;
  return { ...list, memberType: 'organisation', problem };
}

const manualListOf = (manual: ManualDefinition): CrmList => manualList(manual, remarks(manual.definition));

function remarks(filter: unknown): Pick<CrmList, 'problem' | 'caution'> {
  const read = readExpression(filter);
  if ('problem' in read) return { problem: read.problem };
  return read.caution ? { caution: read.caution } : {};
}

/** Names are texts, or texts by language. */
const nameOf = (name: z.infer<typeof Filter>['name']) =>
  typeof name === 'string' ? name : (name?.en ?? Object.values(name ?? {})[0] ?? '');
