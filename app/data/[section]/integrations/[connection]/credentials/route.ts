import { publicOrigin } from '@/app/public-origin';
import { askingRoute } from '@/app/write-route';
import { replaceSecretsAndHook } from '@/lib/integrations/hook-commands';

/** Replaces the credentials of a connection, if the CRM accepts the new ones. Sending the same ones twice changes nothing more. */
export const POST = askingRoute<'connection'>(
  async (actor, input, { signal }) => replaceSecretsAndHook(actor, input, { signal, origin: await publicOrigin() }),
  ({ connection }) => ({ connectionId: connection }),
);
