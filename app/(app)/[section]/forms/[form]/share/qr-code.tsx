'use client';
// An address as a QR code, black on white whatever the theme, to be printed.
import { Download } from 'lucide-react';
import encodeQR from 'qr';
import { useMemo } from 'react';
import { Button } from '@/components/ui/button';

/** Modules around it: readers need four. */
const BORDER = 4;
/** Pixels of the picture; more than any print on paper needs. */
const PNG_SIZE = 1_200;

export function QrCode({ address, fileName }: { address: string; fileName: string }) {
  const { size, path } = useMemo(() => drawn(address), [address]);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`;
  const plainName = fileName.replace(/[^\p{L}\p{N} ._-]/gu, '_');
  return (
    <div className="flex flex-wrap items-center gap-4">
      <svg
        role="img"
        aria-label={`QR code of ${address}`}
        viewBox={`0 0 ${size} ${size}`}
        shapeRendering="crispEdges"
        className="size-44 rounded bg-white"
      >
        <path d={path} fill="#000" />
      </svg>
      <div className="flex flex-col items-start gap-2">
        <Button
          onPress={() => save(new Blob([svg], { type: 'image/svg+xml' }), `${plainName}.svg`)}
          aria-label="Download the QR code as SVG"
        >
          <Download aria-hidden className="size-4" /> SVG, for print
        </Button>
        <Button
          onPress={() => void pngOf(svg).then((png) => png && save(png, `${plainName}.png`))}
          aria-label="Download the QR code as PNG"
        >
          <Download aria-hidden className="size-4" /> PNG
        </Button>
        <p className="text-muted max-w-60 text-[13px]">Print it at least 2 cm wide, on white. Try it with a phone.</p>
      </div>
    </div>
  );
}

/** One path for all black modules. */
function drawn(address: string): { size: number; path: string } {
  const rows = encodeQR(address, 'raw', { ecc: 'medium', border: BORDER });
  const path = rows.flatMap((row, y) => row.flatMap((isBlack, x) => (isBlack ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return { size: rows.length, path };
}

async function pngOf(svg: string): Promise<Blob | null> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = PNG_SIZE;
  canvas.height = PNG_SIZE;
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, 0, 0, PNG_SIZE, PNG_SIZE);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}
