'use client';
import { useCallback, useRef, useState } from 'react';

/** The width of an element in pixels, as it is laid out; 0 before that. */
export function useElementWidth(): [width: number, ref: (element: HTMLElement | null) => void] {
  const [width, setWidth] = useState(0);
  const observer = useRef<ResizeObserver | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    observer.current = null;
    if (!element) return;
    observer.current = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
    observer.current.observe(element);
  }, []);
  return [width, ref];
}
