// A comparison with the field of an event.
import type { Comparison } from '@/lib/attributes/comparison';
import { comparison, type Calendar } from '@/lib/attributes/comparison-sql';
import type { AttributeType } from '@/lib/attributes/schema';
import type { MessageId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';
import { answerOf } from '@/lib/events/form-field';
import { chosenMessage, LINK_FIELD } from '@/lib/events/message-field';
import type { EventCondition } from './schema';

type Field = { code: string; compare: Comparison };

/** The message of which a condition asks for a link; null: of none. */
export const linksAskedFor = ({ fields }: Pick<EventCondition, 'fields'>): MessageId | null =>
  fields.some(({ code }) => code === LINK_FIELD) ? chosenMessage(fields) : null;

/** `comparison` for a field of `event`. `types`: of the answers that rules refer to. */
export function fieldComparison(
  here: Calendar,
  { code, compare }: Field,
  types: ReadonlyMap<string, { type: AttributeType }>,
): Sql {
  const asked = answerOf(code);
  if (asked === null) return comparison(here, sql`event.data`, code, compare, dayOf);
  const given = sql`(event.answers -> ${asked.id}::text)`;
  const type = types.get(code)!.type;
  const holds = type === 'choice' ? ofChoices(here, given, compare) : typed(here, valueAs(type, given), compare);
  return sql`(event.form_id = ${asked.formId} and ${holds})`;
}

/** The field may have had another type when the event was recorded: text that is not a date has no day. */
export const dayOf = (data: Sql, key: Sql): Sql =>
  sql`(substring(${data} ->> ${key} from '^[0-9]{4}-[0-9]{2}-[0-9]{2}') collate "C")`;

const typed = (here: Calendar, value: Sql, compare: Comparison): Sql =>
  comparison(here, sql`jsonb_build_object('v', ${value})`, 'v', compare, dayOf);

/** An answer as a value of its type; null for one of a version that asked for something else. Numbers are stored as text. */
function valueAs(type: Exclude<AttributeType, 'choice'>, given: Sql): Sql {
  switch (type) {
    case 'boolean':
      return sql`(case jsonb_typeof(${given}) when 'boolean' then ${given} end)`;
    case 'number':
      return sql`(
        case when jsonb_typeof(${given}) = 'string' and ${given} #>> '{}' ~ '^-?[0-9]+([.][0-9]+)?(e[+-]?[0-9]{1,3})?$'
        then to_jsonb((${given} #>> '{}')::numeric) end
      )`;
    case 'text':
    case 'date':
      return sql`(case jsonb_typeof(${given}) when 'string' then ${given} end)`;
  }
}

/** What is true of several choices if it is not true of any of them. */
const OPPOSITES = { is_not: 'is', not_contains: 'contains', none_of: 'one_of', empty: 'not_empty' } as const;
type Negative = keyof typeof OPPOSITES;
const isNegative = (test: string): test is Negative => test in OPPOSITES;

/** One choice or several: 'is' says that it was chosen. */
function ofChoices(here: Calendar, given: Sql, compare: Comparison): Sql {
  const positive = isNegative(compare.test) ? ({ ...compare, test: OPPOSITES[compare.test] } as Comparison) : compare;
  const found = sql`exists (
    select from jsonb_array_elements(
      case jsonb_typeof(${given}) when 'array' then ${given} when 'string' then jsonb_build_array(${given}) else '[]' end
    ) chosen (value)
    where ${typed(here, sql`chosen.value`, positive)}
  )`;
  return positive === compare ? found : sql`(not ${found})`;
}
