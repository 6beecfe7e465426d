// Forms as their public pages need them. Kept for some seconds, so that a page that many see at once costs no statement each.
import { pool } from '@/lib/db/pool';
import type { FormId, SectionId } from '@/lib/db/ids';
import { maybeOne, sql } from '@/lib/db/sql';
import { brandOf } from '@/lib/messages/brand';
import type { Brand } from '@/lib/mail-document/schema';
import { FormDocumentSchema, type FormDocument } from './schema';

/** A form that was published. `isOpen`: whether it takes submissions. */
export type OpenForm = {
  sectionId: SectionId;
  formId: FormId;
  code: string;
  version: number;
  document: FormDocument;
  name: string;
  sectionName: string;
  brand: Brand;
  isOpen: boolean;
};

/** How long a change may take to be seen. */
const KEPT_MS = 3_000;
const KEPT_MAX = 1_000;

type Kept = { until: number; form: Promise<OpenForm | null> };
const kept = new Map<string, Kept>();

/** The form of an address; null if there is none, or it was never published. A deleted one is closed. */
export function openForm(sectionId: SectionId, code: string, now = Date.now()): Promise<OpenForm | null> {
  const key = `${sectionId}:${code}`;
  const known = kept.get(key);
  if (known && known.until > now) return known.form;
  if (kept.size >= KEPT_MAX) kept.clear();
  const form = find(sectionId, code);
  kept.set(key, { until: now + KEPT_MS, form });
  form.catch(() => kept.delete(key));
  return form;
}

async function find(sectionId: SectionId, code: string): Promise<OpenForm | null> {
  const found = await maybeOne<Omit<OpenForm, 'sectionId' | 'code' | 'document' | 'brand'> & { document: unknown }>(
    pool(),
    sql`
      select form.id as "formId", form.version, version.document, form.name, section.name as "sectionName",
        form.open and form.deleted_at is null as "isOpen"
      from form
      join form_version version
        on version.section_id = ${sectionId} and version.form_id = form.id and version.version = form.version
      join section on section.id = form.section_id
      where form.section_id = ${sectionId} and form.code = ${code}`,
  );
  if (!found) return null;
  const brand = await brandOf(pool(), sectionId);
  return { ...found, sectionId, code, brand, document: FormDocumentSchema.parse(found.document) };
}

/** How long somebody may still send a version that another one has replaced: long enough to end what was begun, and not for ever. */
const REPLACED_MS = 7 * 86_400_000;

type Earlier = { document: FormDocument; replacedAt: Date };
/** Versions never change. Kept, so that they are there while the database is away. */
const earlier = new Map<string, Earlier>();

/** The same form as it was in an earlier version, which somebody has opened and still fills in; null if there was none, or it was replaced long ago. */
export async function openVersion(form: OpenForm, version: number, now: Date): Promise<OpenForm | null> {
  if (version === form.version) return form;
  const key = `${form.sectionId}:${form.formId}:${version}`;
  let known = earlier.get(key);
  if (!known) {
    const found = await findReplaced(form, version);
    if (!found) return null;
    const { document, replacedAt } = found;
    // What is kept of the form may be older than the page.
    if (replacedAt === null) return { ...form, version, document };
    if (earlier.size >= KEPT_MAX) earlier.clear();
    earlier.set(key, (known = { document, replacedAt }));
  }
  const { document, replacedAt } = known;
  return now.getTime() > replacedAt.getTime() + REPLACED_MS ? null : { ...form, version, document };
}

async function findReplaced(
  { sectionId, formId }: OpenForm,
  version: number,
): Promise<{ document: FormDocument; replacedAt: Date | null } | undefined> {
  const found = await maybeOne<{ document: unknown; replacedAt: Date | null }>(
    pool(),
    sql`
      select version.document, next.created_at as "replacedAt"
      from form_version version
      left join form_version next
        on next.section_id = ${sectionId} and next.form_id = version.form_id and next.version = version.version + 1
      where version.section_id = ${sectionId} and version.form_id = ${formId} and version.version = ${version}`,
  );
  return found && { ...found, document: FormDocumentSchema.parse(found.document) };
}
