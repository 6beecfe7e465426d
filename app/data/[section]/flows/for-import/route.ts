import { queryRoute } from '@/app/write-route';
import { readFlowsForImport } from '@/lib/flows/reads';

/** The flows that an import may start. */
export const POST = queryRoute(readFlowsForImport);
