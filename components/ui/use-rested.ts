'use client';
// Debounces text that is being typed, to avoid a request per keystroke.
import { useEffect, useState } from 'react';

const REST_MS = 250;

/** The last debounced text. */
export function useRested<Text extends string | null>(text: Text): Text {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
