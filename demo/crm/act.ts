// What a visitor does on the page of the made-up CRM.
import { z } from 'zod';
import { MOODS, type SectionCrm } from './sections';

const Id = z.string().regex(/^\d{1,12}$/, 'Choose one.');
const Name = z.string().trim().min(1, 'Enter a name.').max(300, 'Enter at most 300 characters.');

const Act = z.discriminatedUnion('do', [
  z.object({ do: z.literal('add'), list: Id, contact: Id }),
  z.object({ do: z.literal('remove'), list: Id, contact: Id }),
  z.object({ do: z.literal('empty'), list: Id }),
  z.object({ do: z.literal('fill'), list: Id }),
  z.object({ do: z.literal('rename'), list: Id, name: Name }),
  z.object({ do: z.literal('delete'), list: Id }),
  z.object({ do: z.literal('restore'), list: Id }),
  z.object({ do: z.literal('new-list'), name: Name }),
  z.object({ do: z.literal('mood'), mood: z.enum(MOODS) }),
]);

/** Does what a form of the page asks for. Returns what is wrong with the form, for a person, or null. */
export function act(crm: SectionCrm, form: Record<string, string>): string | null {
  const parsed = Act.safeParse(form);
  if (!parsed.success) return parsed.error.issues[0]?.message ?? 'This form cannot be read.';
  const wanted = parsed.data;
  const { records, emptied } = crm;
  if ('list' in wanted && !records.lists.has(wanted.list)) return 'There is no such list.';
  if ('contact' in wanted && !records.contacts.has(wanted.contact)) return 'There is no such contact.';
  switch (wanted.do) {
    case 'add':
      records.addMembers(wanted.list, [wanted.contact]);
      break;
    case 'remove':
      records.removeMembers(wanted.list, [wanted.contact]);
      break;
    case 'empty':
      emptied.set(wanted.list, records.membersOf(wanted.list));
      records.removeMembers(wanted.list, records.membersOf(wanted.list));
      break;
    case 'fill':
      records.addMembers(wanted.list, emptied.get(wanted.list) ?? []);
      emptied.delete(wanted.list);
      break;
    case 'rename':
      records.renameList(wanted.list, wanted.name);
      break;
    case 'delete':
      records.deleteList(wanted.list);
      break;
    case 'restore':
      records.restoreList(wanted.list);
      break;
    case 'new-list':
      records.addList(wanted.name);
      break;
    case 'mood':
      crm.mood = wanted.mood;
  }
  return null;
}
