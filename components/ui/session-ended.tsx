'use client';
// Says that the session has ended, over whatever is open: input stays, and can be sent again after signing in in another tab.
// Triggered by answer-of.ts and json.ts, so that forms need not handle it.
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

/** `by`: actions of a person always show it; background requests of the page show it once. */
export function reportSessionEnded(by: 'person' | 'page'): void {
  if (by === 'person' || notice === 'hidden') become('shown');
}

/** An answer for a signed-in person arrived. */
export function reportSessionActive(): void {
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
