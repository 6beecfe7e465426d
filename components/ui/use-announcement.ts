'use client';
import { useCallback, useState } from 'react';

/** The text of a live region. A repeated message gets an extra silent space, so that it is announced again. */
export function useAnnouncement(): [said: string, say: (text: string) => void] {
  const [announcement, setAnnouncement] = useState('');
  const announce = useCallback(
    (text: string) => setAnnouncement((before) => (before === text ? `${text}\u00A0` : text)),
    [],
  );
  return [announcement, announce];
}
