// Messages on the sign-in page for people who have just ended their own sessions.
export const SIGNED_OUT = {
  everywhere: 'You have been signed out everywhere: here and in every other browser.',
  unlinked: 'Single sign-on has been unlinked, and you have been signed out everywhere.',
} as const;

export type SignedOut = keyof typeof SIGNED_OUT;

/** The message for `?ended=`; null for other values. */
export function signedOutInWords(ended: string | undefined): string | null {
  return ended === 'everywhere' || ended === 'unlinked' ? SIGNED_OUT[ended] : null;
}
