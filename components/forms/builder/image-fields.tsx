'use client';
// The fields of a picture: chosen, dropped or pasted.
import { ImagePlus } from 'lucide-react';
import { useRef } from 'react';
import { nearestWidth, pictureWidths } from '@/components/messages/editor/picture-widths';
import { useUpload } from '@/components/messages/editor/use-upload';
import { Button } from '@/components/ui/button';
import { Select, TextField } from '@/components/ui/field';
import { useFileDrop } from '@/components/ui/use-file-drop';
import type { Element } from '@/lib/forms/schema';
import { useBuilder } from './builder-context';
import { useSet } from './use-set';

type ImageElement = Extract<Element, { kind: 'image' }>;

/** Of a picture in a form, in pixels. */
const WHOLE_WIDTH = 600;

export function ImageFields({ element }: { element: ImageElement }) {
  const { slug } = useBuilder();
  const set = useSet(element);
  const { upload, isUploading, problem } = useUpload(slug);
  const input = useRef<HTMLInputElement>(null);
  async function take(file: File | null | undefined) {
    const picture = file && (await upload(file));
    if (picture) set({ source: picture.source, width: Math.max(16, Math.min(element.width, picture.width)) });
  }
  const { isOver, handlers } = useFileDrop((file) => void take(file));
  return (
    <>
      <div
        className={`border-line-strong flex flex-col items-start gap-3 rounded-md border border-dashed p-3 ${isOver ? 'bg-accent-soft' : ''}`}
        {...handlers}
      >
        {element.source !== '' && (
          // eslint-disable-next-line @next/next/no-img-element
          <img src={element.source} alt={element.alt} className="max-h-40 max-w-full" draggable={false} />
        )}
        <Button size="small" isPending={isUploading} onPress={() => input.current?.click()}>
          <ImagePlus aria-hidden className="size-4" />
          {element.source === '' ? 'Choose a picture, or drop it here' : 'Another picture'}
        </Button>
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg,image/gif,image/webp"
          aria-label="Picture"
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => void take(event.target.files?.[0])}
        />
        {problem && (
          <p role="alert" className="text-danger text-[13px]">
            {problem}
          </p>
        )}
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="Description"
          maxLength={500}
          value={element.alt}
          onChange={(alt) => set({ alt }, 'alt')}
          help="What it shows, for people who do not see it. Empty if it is decoration."
        />
        <Select
          label="Width"
          value={nearestWidth(WHOLE_WIDTH, element.width)}
          options={pictureWidths(WHOLE_WIDTH)}
          onChange={(px) => set({ width: Number(px) })}
        />
      </div>
    </>
  );
}
