'use client';
// Says that the session has ended, over whatever is open: what was typed stays, and the same can be sent again after a
// sign-in in another tab. Told by answer-of.ts and json.ts, so that no form has to think of it.
import { useSyncExternalStore } from 'react';
import { Button, ButtonLink } from './button';
import { Dialog } from './dialog';

export const SESSION_ENDED = 'Your session has ended. Sign in again in another tab, then try again.';

type Notice = 'hidden' | 'shown' | 'seen';

let notice: Notice = 'hidden';
const listeners = new Set<() => void>();

function become(next: Notice): void {
  if (next === notice) return;
  notice = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `by`: what a person did is always answered; what the page asks by itself is answered once. */
export function noticeSessionEnded(by: 'person' | 'page'): void {
  if (by === 'person' || notice === 'hidden') become('shown');
}

/** An answer came for a signed-in person. */
export function noticeSessionGoesOn(): void {
  become('hidden');
}

export function SessionEndedDialog() {
  const now = useSyncExternalStore(
    subscribe,
    () => notice,
    () => 'hidden',
  );
  const close = () => become('seen');
  return (
    <Dialog
      alert
      onTop
      title="Your session has ended"
      isOpen={now === 'shown'}
      onClose={close}
      actions={
        <>
          <Button onPress={close}>Close</Button>
          <ButtonLink href="/sign-in/again" variant="primary" newTab onPress={close}>
            Sign in again
          </ButtonLink>
        </>
      }
    >
      <p>
        Sign in again in a new tab, then come back here and try again. What you have typed on this page stays as it is.
      </p>
    </Dialog>
  );
}
