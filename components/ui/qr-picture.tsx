'use client';
// A text as a QR code, black on white whatever the theme.
import encodeQR from 'qr';
import { useMemo } from 'react';

/** Modules around it: readers need four. */
const BORDER = 4;

/** One path for all black modules, in a square of `size`. */
export function drawQr(text: string): { size: number; path: string } {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: BORDER });
  const path = rows.flatMap((row, y) => row.flatMap((isBlack, x) => (isBlack ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return { size: rows.length, path };
}

export function QrPicture({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => drawQr(text), [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-44 shrink-0 rounded bg-white"
    >
      <path d={path} fill="#000" />
    </svg>
  );
}
