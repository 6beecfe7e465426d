import type { FormDetails } from '@/lib/forms/queries';
import type { HeadedForm } from './form-header';

/** What the head of a page shows of a form: the rest stays on the server. */
export const headed = ({ id, name, version, open, isChanged, attention, path }: FormDetails): HeadedForm => ({
  id,
  name,
  version,
  open,
  isChanged,
  attention,
  path,
});
