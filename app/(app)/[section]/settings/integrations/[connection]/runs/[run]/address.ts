// Which lists of a run its address asks for; invalid parts are dropped.
import { z } from 'zod';
import { RUN_LIST_FILTERS } from '@/lib/integrations/schema';

export const RunListsAddress = z.object({
  q: z.string().trim().max(200).catch(''),
  show: z.enum(RUN_LIST_FILTERS).catch('all'),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
});
