// From a query to a page.
import { notFound } from 'next/navigation';
import { valueOf, type Result } from '@/lib/access/refusal';

/** What a query read, for a page; 'not found' where there is nothing of the kind. Any other refusal is thrown. */
export async function shown<T>(asked: Promise<Result<T>>): Promise<T> {
  const result = await asked;
  if (!result.ok && result.refusal.code === 'not_found') notFound();
  return valueOf(result);
}
