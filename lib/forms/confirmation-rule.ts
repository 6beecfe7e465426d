// Which forms need a confirmation by email. Imports no server code, so that the builder says it while somebody works.
import { z } from 'zod';
import { elementsOf, type FormDocument } from './schema';

/** `form`: each form decides. `consents`: those that ask for a consent. */
export const ConfirmationRuleSchema = z.enum(['form', 'consents', 'all']);
export type ConfirmationRule = z.output<typeof ConfirmationRuleSchema>;

/** Whether a form has to ask for a confirmation. */
export const needsConfirmation = (rule: ConfirmationRule, document: FormDocument): boolean =>
  rule === 'all' ||
  (rule === 'consents' && elementsOf(document).some((one) => 'topics' in one && one.topics.length > 0));
