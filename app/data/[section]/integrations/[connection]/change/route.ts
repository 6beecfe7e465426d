import { publicOrigin } from '@/app/public-origin';
import { askingRoute } from '@/app/write-route';
import { changeConnectionAndHook } from '@/lib/integrations/hook-commands';

/** Changes a connection. Asks the CRM first, if its settings have changed. */
export const POST = askingRoute<'connection'>(
  async (actor, input, options) => changeConnectionAndHook(actor, input, { ...options, origin: await publicOrigin() }),
  ({ connection }) => ({ connectionId: connection }),
);
