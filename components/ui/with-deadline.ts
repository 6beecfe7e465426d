'use client';
/** Longer than the server takes for any command that a person waits for (uploads are not commands). */
const DEADLINE_MS = 90_000;

/** Rejects if a call does not answer in time. The call may still take effect. */
export async function withDeadline<Answer>(call: Promise<Answer>, milliseconds = DEADLINE_MS): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('The server took too long to respond.')), milliseconds);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
