'use client';
// A picture on the canvas: chosen, dropped or pasted where it stands.
import clsx from 'clsx';
import { ImagePlus, LoaderCircle } from 'lucide-react';
import { useRef, useState } from 'react';
import { useFileDrop } from '@/components/ui/use-file-drop';
import type { Block } from '@/lib/mail-document/schema';
import { useEditorActions } from './editor-context';
import { WHOLE_WIDTH } from './picture-widths';
import { useUpload } from './use-upload';

type ImageBlock = Extract<Block, { kind: 'image' }>;

/** Takes a picture for a block: its own size, if that is smaller than the mail. */
export function usePicture(block: ImageBlock) {
  const { slug, changeBlock } = useEditorActions();
  const { upload, isUploading, problem } = useUpload(slug);
  async function take(file: File | null | undefined) {
    if (!file) return;
    const picture = await upload(file);
    if (!picture) return;
    const width = Math.max(16, Math.min(block.source === '' ? WHOLE_WIDTH : block.width, picture.width));
    changeBlock(block.id, (now) => ({ ...now, source: picture.source, width }) as Block);
  }
  return { take, isUploading, problem };
}

export function ImageContent({ block }: { block: ImageBlock }) {
  const { take, isUploading, problem } = usePicture(block);
  const { isOver, handlers } = useFileDrop((file) => void take(file));
  const [broken, setBroken] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="px-6 py-2" style={{ textAlign: block.align }} {...handlers}>
      {block.source !== '' && broken !== block.source ? (
        <img
          src={block.source}
          alt={block.alt}
          width={block.width}
          onError={() => setBroken(block.source)}
          className={clsx('inline-block h-auto max-w-full align-top', isOver && 'opacity-50')}
          draggable={false}
        />
      ) : (
        <div
          className={clsx(
            'flex flex-col items-center gap-2 rounded-md border border-dashed border-[#71717a] px-4 py-8 text-center font-sans text-[14px] text-[#3f3f46]',
            isOver && 'bg-[#dcefed]',
          )}
        >
          {isUploading ? (
            <LoaderCircle aria-hidden className="size-6 animate-spin" />
          ) : (
            <ImagePlus aria-hidden className="size-6" />
          )}
          {broken === block.source && block.source !== '' ? (
            <span className="wrap-anywhere">The picture at {block.source} is not shown here.</span>
          ) : (
            <span>
              {isUploading ? (
                'Uploading…'
              ) : (
                <>
                  <button type="button" className="font-medium underline" onClick={() => input.current?.click()}>
                    Choose a picture
                  </button>
                  , or drop it here
                </>
              )}
            </span>
          )}
          <input
            ref={input}
            type="file"
            accept="image/png,image/jpeg,image/gif,image/webp"
            aria-label="Picture"
            tabIndex={-1}
            className="sr-only"
            onChange={(event) => void take(event.target.files?.[0])}
          />
        </div>
      )}
      {problem && (
        <p role="alert" className="mt-2 font-sans text-[13px] text-[#b3261e]">
          {problem}
        </p>
      )}
    </div>
  );
}
