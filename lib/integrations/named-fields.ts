// Settings that name fields of contacts, against the fields that the CRM has.
import type { z } from 'zod';
import type { SettingField } from './connector';
import { CrmError } from './crm-error';
import { initialValue } from './setting-types';

/**
 * Throws `refused` if one of these settings names a field that contacts do not have. The usual names may be missing: not every site has
 * them all, and nobody entered them.
 */
export function requireNamed<Settings extends Record<string, unknown>>(
  settings: Settings,
  names: readonly (keyof Settings & string)[],
  { schema, form, known }: { schema: z.ZodType; form: readonly SettingField[]; known: Iterable<string> },
): void {
  const present = new Set(known);
  for (const name of names) {
    const usual = initialValue(schema, name).split(', ');
    const entered = [settings[name]].flat().filter((field) => typeof field === 'string');
    const missing = entered.find((field) => !present.has(field) && !usual.includes(field));
    if (missing === undefined) continue;
    const label = form.find((field) => field.name === name)?.label ?? name;
    throw new CrmError(
      'refused',
      `Contacts have no field “${missing}”, or the user of the connection may not read it. Correct “${label}” under “More settings”.`,
    );
  }
}
