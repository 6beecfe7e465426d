import { writeRoute } from '@/app/write-route';
import { changeFormat } from '@/lib/imports/stage';

/** Reads the file in another way: `{ format }`. A route and no server action, since it can take long and ends when the caller leaves. */
export const POST = writeRoute(changeFormat, (params: Record<'import', string>) => ({ importId: params.import }));
