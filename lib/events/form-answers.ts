// Answers to the questions of forms, as fields of the event 'Form: submitted'. A question keeps its id in all versions of its form, so one that is no longer
// asked is still a field.
import type { AttributeType } from '@/lib/attributes/schema';
import type { FormId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { answerCode } from './form-field';

/** A question as a field. `choices`: of all versions. */
export type AnswerField = { code: string; name: string; type: AttributeType; choices: string[] };

const TYPES: Record<string, AttributeType> = {
  number: 'number',
  date: 'date',
  choice: 'choice',
  several: 'choice',
  yesno: 'boolean',
};

type Asked = {
  formId: FormId;
  id: string;
  kind: string;
  type: string | null;
  label: string;
  values: string[];
};

/** The questions of forms, also of deleted ones, by their codes: as the newest version that has each asks it, in its order; those no longer asked last. */
export async function answerFields(
  db: Db,
  sectionId: SectionId,
  formIds: readonly FormId[],
): Promise<Map<string, AnswerField>> {
  if (formIds.length === 0) return new Map();
  const asked = await rows<Asked>(
    db,
    sql`
      select version.form_id as "formId", element ->> 'id' as id, element ->> 'kind' as kind, element ->> 'type' as type,
        coalesce(nullif(element ->> 'label', ''), element ->> 'parameter', element ->> 'id') as label,
        array(
          select choice ->> 'value' from jsonb_array_elements(coalesce(element -> 'choices', '[]')) choice
        ) as values
      from form_version version
      cross join lateral jsonb_path_query(version.document, '$.steps[*].elements[*]') with ordinality place (element, nth)
      where version.section_id = ${sectionId} and version.form_id = any(${formIds}::int[])
        and element ->> 'kind' in ('input', 'consent', 'terms', 'hidden')
      order by version.form_id, version.version desc, place.nth`,
  );
  const fields = new Map<string, AnswerField>();
  for (const { formId, id, kind, type, label, values } of asked) {
    const code = answerCode(formId, id);
    const known = fields.get(code);
    if (known) known.choices.push(...values.filter((value) => !known.choices.includes(value)));
    else fields.set(code, { code, name: label, type: typeOf(kind, type), choices: values });
  }
  return fields;
}

const typeOf = (kind: string, type: string | null): AttributeType => {
  if (kind === 'consent' || kind === 'terms') return 'boolean';
  return TYPES[type ?? ''] ?? 'text';
};
