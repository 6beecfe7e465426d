'use client';
import { useCallback, useState } from 'react';

/** What a live region says. The same twice running differs by a blank that is not heard, so that it is said again. */
export function useSaid(): [said: string, say: (text: string) => void] {
  const [said, setSaid] = useState('');
  const say = useCallback((text: string) => setSaid((before) => (before === text ? `${text}\u00A0` : text)), []);
  return [said, say];
}
