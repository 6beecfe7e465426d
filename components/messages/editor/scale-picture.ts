'use client';
// Makes a picture small enough for mails before it is sent to the server: 1,200 pixels are sharp at 600 on any screen.

const SIDE = 1_200;
const ENOUGH_BYTES = 200_000;
const FILE_MAX = 25_000_000;
const SENT_MAX = 2_000_000;
const QUALITY = 0.85;
const READ = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'];

/** A reason for a person. */
export class NoPicture extends Error {}

const inMB = (bytes: number) => (bytes / 1_000_000).toLocaleString('en-GB', { maximumFractionDigits: 1 });

/** The file as it is sent. Throws `NoPicture` if it cannot be used. */
export async function scalePicture(file: File): Promise<Blob> {
  if (!READ.includes(file.type))
    throw new NoPicture('Mail programs show PNG, JPEG and GIF. Save the picture as one of these.');
  if (file.size > FILE_MAX) throw new NoPicture(`This file has ${inMB(file.size)} MB. Use a picture of at most 25 MB.`);
  const picture = await createImageBitmap(file).catch(() => {
    throw new NoPicture('This file could not be read as a picture. It may be damaged.');
  });
  const isPlain = file.type === 'image/png' || file.type === 'image/jpeg';
  if (file.type === 'image/gif' || (isPlain && picture.width <= SIDE && file.size <= ENOUGH_BYTES)) {
    // A GIF may move: drawn again, it would stand still.
    if (file.size > SENT_MAX) throw new NoPicture(`This GIF has ${inMB(file.size)} MB. Use one of at most 2 MB.`);
    return file;
  }
  const scale = Math.min(1, SIDE / picture.width, (SIDE * 2) / picture.height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d');
  if (!context) throw new NoPicture('This browser cannot make the picture smaller. Use a smaller one.');
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const isSeeThrough = file.type !== 'image/jpeg' && hasHoles(context, canvas);
  const blob = await new Promise<Blob | null>((done) =>
    canvas.toBlob(done, isSeeThrough ? 'image/png' : 'image/jpeg', QUALITY),
  );
  if (!blob || blob.size > SENT_MAX)
    throw new NoPicture('The picture is too large, also when made smaller. Use another one.');
  return blob;
}

/** Whether any pixel lets the background through: JPEG would make it black. */
function hasHoles(context: CanvasRenderingContext2D, { width, height }: HTMLCanvasElement): boolean {
  const { data } = context.getImageData(0, 0, width, height);
  for (let at = 3; at < data.length; at += 4) if (data[at]! < 250) return true;
  return false;
}

/** Bytes above which a picture slows a mail down on a phone. */
export const HEAVY_BYTES = ENOUGH_BYTES;
