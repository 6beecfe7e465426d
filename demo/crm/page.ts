// The page of the made-up CRM: plain HTML with forms, so that it looks like the other system that it stands for.
import type { Contact, List } from './records';
import type { Mood, SectionCrm } from './sections';

/** Members that are shown of a list. */
const SHOWN = 20;

const MOOD_WORDS: Record<Mood, string> = {
  well: 'Answer at once',
  slow: 'Answer after three seconds',
  failing: 'Fail (status 500)',
  locked: 'Refuse the API key (status 401)',
};

const STYLE = `
  :root { color-scheme: light dark; --line: light-dark(#d6d3d1, #44403c); --muted: light-dark(#57534e, #b5b0ac); --ink: light-dark(#1c1917, #f5f5f4); --paper: light-dark(#fff, #1c1917); --ground: light-dark(#f5f0e8, #0c0a09); --band: light-dark(#7c2d12, #431407); }
  body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
  header { background: var(--band); color: #fff; padding: 16px; }
  header h1 { margin: 0; font-size: 20px; }
  header p { margin: 4px 0 0; max-width: 70ch; }
  main { max-width: 860px; margin: 0 auto; padding: 16px; display: grid; gap: 16px; }
  section { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 16px; display: grid; gap: 12px; }
  h2 { margin: 0; font-size: 17px; overflow-wrap: anywhere; }
  form { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; margin: 0; }
  label { display: grid; gap: 2px; font-size: 13px; color: var(--muted); flex: 1 1 180px; }
  input, select, button { font: inherit; padding: 6px 10px; min-height: 36px; border-radius: 6px; border: 1px solid light-dark(#78716c, #a8a29e); background: var(--paper); color: inherit; max-width: 100%; box-sizing: border-box; }
  input, select { color: var(--ink); width: 100%; font-size: 15px; }
  button { cursor: pointer; }
  .row { display: flex; flex-wrap: wrap; gap: 8px; }
  .problem { border-color: light-dark(#b91c1c, #fca5a5); }
  .muted { color: var(--muted); margin: 0; }
  table { width: 100%; border-collapse: collapse; }
  td { padding: 4px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
  td:last-child { text-align: right; width: 1%; white-space: nowrap; }
  summary { cursor: pointer; }
`;

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The policy that fits the page: its own style, and forms to itself. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

/** `problem`: what was wrong with the last form. */
export function pageOf({ records, mood, emptied }: SectionCrm, problem: string | null = null): string {
  const lists = [...records.lists.values()];
  const contacts = [...records.contacts.values()].filter(({ deleted }) => !deleted);
  return `<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Made-up CRM</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Made-up CRM</h1>
<p>Not a real CRM: it stands in for yours while you try Tagwell out. Change a list here, then press “Sync now” in Tagwell and see what happens to its tag.</p>
</header>
<main>
${problem === null ? '' : `<section class="problem" role="alert">${escaped(problem)}</section>`}
${lists.map((list) => sectionOf(list, { members: records.membersOf(list.id).map((id) => records.contact(id)), contacts, left: emptied.get(list.id)?.length ?? 0 })).join('\n')}
<section>
<h2>New list</h2>
${form('new-list', {}, 'Add', `<label>Name of the list<input name="name" required maxlength="300"></label>`)}
</section>
<section>
<h2>When Tagwell asks</h2>
${form(
  'mood',
  {},
  'Save',
  `<label>The CRM should<select name="mood">${Object.entries(MOOD_WORDS)
    .map(([value, words]) => `<option value="${value}"${value === mood ? ' selected' : ''}>${words}</option>`)
    .join('')}</select></label>`,
)}
</section>
</main>
</body>
</html>`;
}

type Shown = { members: Contact[]; contacts: Contact[]; left: number };

function sectionOf(list: List, { members, contacts, left }: Shown): string {
  const name = escaped(list.name);
  const own = { list: list.id };
  if (list.deleted) {
    return `<section><h2>${name}</h2><p class="muted">Deleted</p><div class="row">${form('restore', own, 'Restore')}</div></section>`;
  }
  const on = new Set(members.map(({ id }) => id));
  const others = contacts.filter(({ id }) => !on.has(id));
  return `<section aria-label="${name}">
<h2>${name}</h2>
<p class="muted">${members.length} ${members.length === 1 ? 'member' : 'members'}</p>
${form('rename', own, 'Rename', `<label>Name of the list<input name="name" value="${name}" required maxlength="300"></label>`)}
${form(
  'add',
  own,
  'Add to the list',
  `<label>Contact who is not on it<select name="contact">${others.map((contact) => `<option value="${contact.id}">${escaped(titleOf(contact))}</option>`).join('')}</select></label>`,
)}
<div class="row">
${members.length > 0 ? form('empty', own, 'Empty the list') : ''}
${left > 0 ? form('fill', own, `Put ${left} back`) : ''}
${form('delete', own, 'Delete the list')}
</div>
<details><summary>Members</summary>
<table>${members
    .slice(0, SHOWN)
    .map(
      (contact) =>
        `<tr><td>${escaped(titleOf(contact))}</td><td>${form('remove', { ...own, contact: contact.id }, 'Remove')}</td></tr>`,
    )
    .join('')}</table>
${members.length > SHOWN ? `<p class="muted">And ${members.length - SHOWN} more.</p>` : ''}
</details>
</section>`;
}

const titleOf = ({ firstName, lastName, email }: Contact) =>
  `${`${firstName} ${lastName}`.trim()} · ${email || 'no email'}`;

function form(act: string, values: Record<string, string>, button: string, fields = ''): string {
  const hidden = Object.entries({ do: act, ...values })
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
    .join('');
  return `<form method="post">${hidden}${fields}<button>${escaped(button)}</button></form>`;
}
