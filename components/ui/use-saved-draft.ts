'use client';
// Saves a draft while somebody writes. It counts as saved only when the server has confirmed it.
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { z } from 'zod';
import type { RefusalData, Result } from '@/lib/access/refusal';
import { answerOf } from './answer-of';
import { keep, readKept } from './kept-draft';
import { useLeaveGuard } from './use-leave-guard';
import { withDeadline } from './with-deadline';

const SAVE_AFTER_MS = 800;
/** After no answer. */
const TRY_AGAIN_MS = 5_000;

/** What was sent and not answered yet. It is sent again as it was, since it may have been saved. */
type Attempt<Draft> = { input: Draft & { seen: string }; requestId: string };

type Options<Draft> = {
  /** The name under which the browser keeps what could not be saved: `message:12`. */
  keptAs: string;
  schema: z.ZodType<Draft>;
  /** The draft as the server has it, and when it was changed (ISO 8601). */
  saved: Draft;
  changedAt: string;
  /** Saves it, unless it has changed since `seen`. */
  send: (input: Draft & { seen: string }, requestId: string) => Promise<Result<{ changedAt: string }>>;
};

export function useSavedDraft<Draft extends object>({ keptAs, schema, saved, changedAt, send }: Options<Draft>) {
  const [server, setServer] = useState({ draft: JSON.stringify(saved), seen: changedAt });
  const [draft, setDraft] = useState(saved);
  const [refused, setRefused] = useState<{ draft: string; refusal: RefusalData } | null>(null);
  const [saving, setSaving] = useState(false);
  /** Counts how often the draft has been replaced other than by the person. */
  const [replaced, setReplaced] = useState(0);
  const [isLeft, setLeft] = useState(false);
  const attempt = useRef<Attempt<Draft> | null>(null);
  const underWay = useRef<Promise<Result<unknown>> | null>(null);
  const current = JSON.stringify(draft);
  const isSaved = server.draft === current;
  const refusal = !isSaved && refused?.draft === current ? refused.refusal : null;

  // Somebody has changed it, and nothing is lost by showing that.
  if (isSaved && !saving && changedAt > server.seen) {
    setServer({ draft: JSON.stringify(saved), seen: changedAt });
    setDraft(saved);
    setReplaced((times) => times + 1);
  }

  const latest = useRef({ draft, server });
  useEffect(() => {
    latest.current = { draft, server };
  });

  /** Saves until the server has what is shown. `change`: saved with it, and kept only if it is. */
  async function save(change: Partial<Draft> = {}): Promise<Result<unknown>> {
    await underWay.current;
    const run = saveNow(change);
    underWay.current = run;
    return run;
  }

  async function saveNow(change: Partial<Draft>): Promise<Result<unknown>> {
    let { seen } = latest.current.server;
    const wanted = { ...latest.current.draft, ...change };
    if (JSON.stringify(wanted) === latest.current.server.draft && attempt.current === null) return OK;
    setSaving(true);
    try {
      for (;;) {
        const { input, requestId } = (attempt.current ??= {
          input: { ...wanted, seen },
          requestId: crypto.randomUUID(),
        });
        const result = await answerOf(withDeadline(send(input, requestId)));
        const { seen: _, ...sent } = input;
        const text = JSON.stringify(sent);
        if (!result.ok) {
          if (result.refusal.code !== 'unavailable') attempt.current = null;
          setRefused({ draft: JSON.stringify(latest.current.draft), refusal: result.refusal });
          return result;
        }
        attempt.current = null;
        seen = result.value.changedAt;
        const now = { draft: text, seen };
        latest.current = { ...latest.current, server: now };
        setServer(now);
        setRefused(null);
        if (text !== JSON.stringify(wanted)) continue;
        if (Object.keys(change).length > 0) setDraft((all) => ({ ...all, ...change }));
        return result;
      }
    } finally {
      setSaving(false);
    }
  }

  const autosave = useEffectEvent(() => void save());
  const isLost = refusal?.code === 'unavailable';
  useEffect(() => {
    if (isSaved || saving || isLeft || (refusal && !isLost)) return undefined;
    const timer = setTimeout(() => autosave(), isLost ? TRY_AGAIN_MS : SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [current, isSaved, saving, refusal, isLost, isLeft]);

  // What this browser could not save the last time.
  const restore = useEffectEvent(() => {
    const kept = readKept(keptAs, schema);
    if (!kept || JSON.stringify(kept.draft) === server.draft) return;
    setDraft(kept.draft);
    setReplaced((times) => times + 1);
    // If somebody has saved since, saving is refused, and both can be kept.
    setServer((now) => ({ ...now, seen: kept.seen }));
  });
  const isRestored = useRef(false);
  useEffect(() => {
    if (isRestored.current) return;
    isRestored.current = true;
    restore();
  }, []);
  const isUntouched = useRef(true);
  useEffect(() => {
    // The first time, what is kept has just been read.
    if (isUntouched.current) isUntouched.current = false;
    else if (!isForgotten.current) keep(keptAs, isSaved ? null : { seen: server.seen, draft });
  }, [keptAs, isSaved, server.seen, draft]);

  // Leaving within the product saves; closing the tab asks.
  const isForgotten = useRef(false);
  const leave = useEffectEvent(() => {
    if (isForgotten.current) return;
    if (latest.current.server.draft !== JSON.stringify(latest.current.draft)) void save();
  });
  useEffect(() => () => leave(), []);
  useLeaveGuard(!isSaved && !isLeft);

  return {
    draft,
    set: (change: Partial<Draft>) => setDraft((all) => ({ ...all, ...change })),
    save,
    /** What is not saved is of no use any more. */
    forget: () => {
      isForgotten.current = true;
      setLeft(true);
      keep(keptAs, null);
    },
    /** The last change that the server has confirmed, as of now. */
    seen: () => latest.current.server.seen,
    /** A change of something beside the draft, which the server has confirmed. */
    saw: (seen: string) => {
      const now = { ...latest.current.server, seen };
      latest.current = { ...latest.current, server: now };
      setServer(now);
    },
    /** The last change that the server has confirmed, as shown. */
    changedAt: server.seen,
    replaced,
    state: isSaved ? ('saved' as const) : refusal ? ('refused' as const) : ('saving' as const),
    refusal,
  };
}

const OK: Result<unknown> = { ok: true, value: null };
