import { notFound } from 'next/navigation';
import { valueOf, type Result } from '@/lib/access/refusal';

/** A query's value, for a page. Shows 'not found' for a missing thing; throws any other refusal. */
export async function valueForPage<T>(asked: Promise<Result<T>>): Promise<T> {
  const result = await asked;
  if (!result.ok && result.refusal.code === 'not_found') notFound();
  return valueOf(result);
}
