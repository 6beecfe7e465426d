import { askRoute } from '@/app/write-route';
import { readConversion } from '@/lib/imports/reads';

/** What the first rows would become. */
export const POST = askRoute(readConversion, (params: Record<'import', string>) => ({ importId: params.import }));
