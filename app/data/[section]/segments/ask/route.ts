import { askRoute } from '@/app/write-route';
import { readMatches } from '@/lib/segments/reads';

/** How many match rules that are being written, or with `sample` some of them. */
export const POST = askRoute(readMatches);
