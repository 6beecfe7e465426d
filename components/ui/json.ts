// JSON of the section from the server; a refusal becomes an error with its message.

export async function getJson<Answer>(address: string, signal?: AbortSignal): Promise<Answer> {
  return read<Answer>(await fetch(address, { headers: { accept: 'application/json' }, signal }));
}

/** For questions that are too long for an address, and for writes. `urgent`: before others that wait. */
export async function postJson<Answer>(
  address: string,
  body: unknown,
  { signal, urgent }: { signal?: AbortSignal; urgent?: boolean } = {},
): Promise<Answer> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
    ...(urgent && { priority: 'high' as const }),
  });
  return read<Answer>(response);
}

async function read<Answer>(response: Response): Promise<Answer> {
  if (response.ok) return (await response.json()) as Answer;
  const { message } = (await response.json().catch(() => ({}))) as { message?: string };
  throw new Error(message ?? 'The server does not answer. Try again in a moment.');
}
