// Forms as their public pages need them. Kept for some seconds, so that a page that many see at once costs no statement each.
import { pool } from '@/lib/db/pool';
import type { FormId, SectionId } from '@/lib/db/ids';
import { maybeOne, sql } from '@/lib/db/sql';
import { brandOf } from '@/lib/messages/brand';
import type { Brand } from '@/lib/mail-document/schema';
import { findVersion } from './queries';
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

/** The same form as it was in an earlier version, which somebody has opened and still fills in; null if there was none. */
export async function openVersion(form: OpenForm, version: number): Promise<OpenForm | null> {
  if (version === form.version) return form;
  const document = await findVersion(pool(), form.sectionId, form.formId, version);
  return document ? { ...form, version, document } : null;
}
