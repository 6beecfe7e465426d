'use client';
// An address as a QR code, black on white whatever the theme, to be printed.
import { Download } from 'lucide-react';
import { useMemo } from 'react';
import { Button } from '@/components/ui/button';
import { drawQr, QrPicture } from '@/components/ui/qr-picture';
import { saveFile } from '@/components/ui/save-file';

/** Pixels of the picture; more than any print on paper needs. */
const PNG_SIZE = 1_200;

export function QrCode({ address, fileName }: { address: string; fileName: string }) {
  const { size, path } = useMemo(() => drawQr(address), [address]);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`;
  const plainName = fileName.replace(/[^\p{L}\p{N} ._-]/gu, '_');
  return (
    <div className="flex flex-wrap items-center gap-4">
      <QrPicture text={address} label={`QR code of ${address}`} />
      <div className="flex flex-col items-start gap-2">
        <Button
          onPress={() => saveFile(new Blob([svg], { type: 'image/svg+xml' }), `${plainName}.svg`)}
          aria-label="Download the QR code as SVG"
        >
          <Download aria-hidden className="size-4" /> SVG, for print
        </Button>
        <Button
          onPress={() => void pngOf(svg).then((png) => png && saveFile(png, `${plainName}.png`))}
          aria-label="Download the QR code as PNG"
        >
          <Download aria-hidden className="size-4" /> PNG
        </Button>
        <p className="text-muted max-w-60 text-[13px]">Print it at least 2 cm wide, on white. Try it with a phone.</p>
      </div>
    </div>
  );
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
