'use client';
// Debounces text that is being typed, to avoid a request per keystroke.
import { useEffect, useState } from 'react';

const DEBOUNCE_MS = 250;

/** The last debounced text. */
export function useDebounced<Text extends string | null>(text: Text): Text {
  const [debounced, setDebounced] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(text), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return debounced;
}
