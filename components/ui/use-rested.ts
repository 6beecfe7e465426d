'use client';
// Text that is being typed, once it rests: so that the server is not asked at every keystroke.
import { useEffect, useState } from 'react';

const REST_MS = 250;

/** The text as it was when it last rested. */
export function useRested<Text extends string | null>(text: Text): Text {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
