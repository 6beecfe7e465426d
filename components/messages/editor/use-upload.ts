'use client';
import { useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import type { Result } from '@/lib/access/refusal';
import type { StoredPicture } from '@/lib/messages/pictures';
import { NoPicture, scalePicture } from './scale-picture';

/** Uploads a picture of the section, scaled. `problem`: why the last one could not be used. */
export function useUpload(slug: string) {
  const [isUploading, setUploading] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function upload(file: File): Promise<StoredPicture | null> {
    setUploading(true);
    setProblem(null);
    try {
      const body = await scalePicture(file);
      const send = async (): Promise<Result<StoredPicture>> => {
        const address = `/data/${slug}/messages/pictures?${new URLSearchParams({ name: file.name.slice(0, 200) })}`;
        const response = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/octet-stream' },
          body,
        });
        const answer = (await response.json()) as Result<StoredPicture> | { message: string };
        return 'ok' in answer ? answer : { ok: false, refusal: { code: 'unavailable', message: answer.message } };
      };
      const result = await answerOf(send());
      if (result.ok) return result.value;
      setProblem(result.refusal.message);
      return null;
    } catch (error) {
      setProblem(error instanceof NoPicture ? error.message : 'The picture could not be used.');
      return null;
    } finally {
      setUploading(false);
    }
  }
  return { upload, isUploading, problem };
}
