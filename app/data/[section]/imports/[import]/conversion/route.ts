import { queryRoute } from '@/app/write-route';
import { readConversion } from '@/lib/imports/reads';

/** What the first rows would become. */
export const POST = queryRoute(readConversion, (params: Record<'import', string>) => ({ importId: params.import }));
