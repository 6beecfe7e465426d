// From a server action to a command: the actor comes from the session, the answer is a value for the page.
import type { Command } from '@/lib/access/command';
import type { Result } from '@/lib/access/refusal';
import { findViewer } from './viewer';

/** Runs a command as the signed-in person. `requestId`: once per intent, so that a double submit has one effect. */
export async function runAction<Output>(
  command: Command<Output>,
  input: unknown,
  requestId?: string,
): Promise<Result<Output>> {
  const actor = await findViewer();
  if (!actor)
    return {
      ok: false,
      refusal: {
        code: 'not_signed_in',
        message: 'Your session has ended. Sign in again in another tab, then try again.',
      },
    };
  return command(actor, input, { requestId });
}
