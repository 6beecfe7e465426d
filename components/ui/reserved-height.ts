'use client';
// Heights of what floats at the bottom of the window, as CSS variables: the page and the toasts leave room for it.
import { useCallback, type RefCallback } from 'react';

/** Space in pixels between two things that float, and below them. */
const GAP = 8;

/** A ref: `name` is the height of its element with a gap, '0px' while it is empty, and unset without it. */
export function useReservedHeight(name: '--toasts' | '--bottom-bar'): RefCallback<HTMLElement> {
  return useCallback(
    (element) => {
      if (element === null) return undefined;
      const { style } = document.documentElement;
      const observer = new ResizeObserver(() => {
        const height = element.offsetHeight;
        style.setProperty(name, `${height === 0 ? 0 : height + GAP}px`);
      });
      observer.observe(element);
      return () => {
        observer.disconnect();
        style.removeProperty(name);
      };
    },
    [name],
  );
}
