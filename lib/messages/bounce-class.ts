// What a bounce says. Imports nothing, so that the browser can use it.

/**
 * From the heaviest to the lightest. `address`: there is no such mailbox. `full`, `expired` (tried for days), `other`: not now, and of many in a row not
 * any more. The rest says nothing against the person: `ours`, the sender's domain is not set up as mailboxes demand; `policy`, who sent it; `message`,
 * what it says or how large it is; `unreachable`, the sender's server cannot write to such an address; `optedOut`, of SMS: they told the provider to stop.
 */
export const BOUNCE_CLASSES = [
  ...(['address', 'full', 'expired', 'other'] as const),
  ...(['ours', 'policy', 'message', 'unreachable', 'optedOut'] as const),
] as const;
export type BounceClass = (typeof BOUNCE_CLASSES)[number];

/** These suppress an address when they come again and again. */
export const SOFT: readonly BounceClass[] = ['full', 'expired', 'other'];

export const isBounceClass = (text: string | null): text is BounceClass => BOUNCE_CLASSES.some((each) => each === text);
