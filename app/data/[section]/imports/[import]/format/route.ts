import { writeRoute } from '@/app/write-route';
import { changeFormat } from '@/lib/imports/stage';

/**
 * Reads the file in another format: `{ format }`. A route rather than a server action, since it can take long and is cancelled when
 * the caller disconnects.
 */
export const POST = writeRoute(changeFormat, (params: Record<'import', string>) => ({ importId: params.import }));
