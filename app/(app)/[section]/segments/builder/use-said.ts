'use client';
import { useCallback, useState } from 'react';

/** The text of a live region. A repeated message gets an extra silent space, so that it is announced again. */
export function useSaid(): [said: string, say: (text: string) => void] {
  const [said, setSaid] = useState('');
  const say = useCallback((text: string) => setSaid((before) => (before === text ? `${text}\u00A0` : text)), []);
  return [said, say];
}
