// Where the page is from, for frames that may load from there only.
import { useSyncExternalStore } from 'react';

const never = () => () => {};

/** 'https://tagwell.example.com'; null while the server renders, which does not know it. */
export const useOrigin = (): string | null =>
  useSyncExternalStore(
    never,
    () => window.location.origin,
    () => null,
  );
