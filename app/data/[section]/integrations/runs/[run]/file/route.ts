import { readRoute } from '@/app/read-route';
import { valueOf } from '@/lib/access/refusal';
import { csvLine } from '@/lib/export/csv';
import { csvResponse } from '@/lib/export/csv-response';
import { readRunLists, readRunPeople, readSyncRun } from '@/lib/integrations/reads';
import { CHANGE_GROUPS, CONTACT_GROUPS, type PeopleGroup } from '@/lib/integrations/run-people';

const PAGE = 5_000;
const LISTS = 1_000;

const WORDS: Record<PeopleGroup, string> = {
  adds: 'Gets the tag',
  removes: 'Loses the tag',
  joins: 'Came to the list, had the tag already',
  leaves: 'Left the list, keeps the tag',
  left: 'Left as it is',
  refused: 'Not permitted by Allowed Operations',
  create: 'New profile',
  unmatched: 'Not found',
  noAddress: 'No email, mobile or CRM ID',
  ambiguous: 'Several profiles match',
  inactive: 'Inactive in the CRM',
};

/** Everyone whom a run changes or leaves out, as CSV. */
export const GET = readRoute<'run'>(async ({ actor, section, params }) => {
  const sectionId = section.id;
  const { run } = valueOf(await readSyncRun(actor, { sectionId, runId: params.run }));
  async function* lists() {
    for (let offset = 0, more = true; more; offset += LISTS) {
      const page = valueOf(await readRunLists(actor, { sectionId, runId: run.id, offset, limit: LISTS }));
      yield* page.lists;
      more = page.lists.length === LISTS;
    }
  }
  async function* lines() {
    yield `\uFEFF${csvLine(['List', 'Tag', 'What happens', 'Name', 'Email, mobile, CRM ID', 'Profile'])}`;
    for await (const { listId, name, tag } of lists()) {
      for (const group of [...CHANGE_GROUPS, ...CONTACT_GROUPS]) {
        for (let after: string | undefined, more = true; more;) {
          const asked = { sectionId, runId: run.id, listId, group, after, limit: PAGE };
          const page = valueOf(await readRunPeople(actor, asked));
          for (const person of page) {
            yield csvLine([name, tag.name, WORDS[group], person.name, person.keys.join('; '), person.profileId]);
          }
          after = page.at(-1)?.place;
          more = page.length === PAGE;
        }
      }
    }
  }
  return csvResponse(lines(), `${run.dry ? 'dry run' : 'sync'} ${run.id}.csv`);
});
