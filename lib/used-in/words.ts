// How each kind of user is shown. Imports no server code, so that the browser can use it.
import { FLOW_WORDS } from '@/lib/flows/as-user';
import { FORM_WORDS } from '@/lib/forms/as-user';
import { IMPORT_WORDS } from '@/lib/imports/as-user';
import { LIST_WORDS } from '@/lib/integrations/as-user';
import { MESSAGE_WORDS } from '@/lib/messages/as-user';
import { SEGMENT_WORDS } from '@/lib/segments/as-user';
import type { UserKind, UserWords } from '@/lib/uses/schema';

export const USER_WORDS: Record<UserKind, UserWords> = {
  segment: SEGMENT_WORDS,
  message: MESSAGE_WORDS,
  form: FORM_WORDS,
  flow: FLOW_WORDS,
  list: LIST_WORDS,
  import: IMPORT_WORDS,
};
