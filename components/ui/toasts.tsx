'use client';
// Toasts after an action or at the end of work, with undo and a link if available. They stay while hovered or focused.
import { X } from 'lucide-react';
import { Link } from './link';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Button, IconButton } from './button';

type Toast = {
  id: number;
  text: string;
  /** A second line. */
  detail?: string;
  tone: 'plain' | 'danger';
  link?: { label: string; href: string };
  action?: { label: string; run: () => void };
  staysMs: number;
};
type Show = (text: string, options?: Partial<Omit<Toast, 'id' | 'text'>>) => void;

const STAYS_MS = 8_000;
const ToastContext = createContext<Show>(() => undefined);

/** `toast('Tag applied', { action: { label: 'Undo', run } })`. */
export function useToast(): Show {
  return useContext(ToastContext);
}

export function ToastRegion({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const counter = useRef(0);
  const close = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const show = useCallback<Show>((text, { tone = 'plain', staysMs = STAYS_MS, ...more } = {}) => {
    counter.current += 1;
    const id = counter.current;
    setToasts((all) => [...all.slice(-2), { id, text, tone, staysMs, ...more }]);
  }, []);
  return (
    <ToastContext.Provider value={show}>
      {children}
      <div
        role="region"
        aria-label="Notifications"
        className="pointer-events-none fixed inset-x-3 bottom-3 z-60 flex flex-col items-end gap-2"
      >
        <div aria-live="polite" className="flex max-w-full flex-col items-end gap-2">
          {toasts.map((toast) => (
            <ToastCard key={toast.id} toast={toast} onClose={close} />
          ))}
        </div>
      </div>
    </ToastContext.Provider>
  );
}

function ToastCard({ toast, onClose }: { toast: Toast; onClose: (id: number) => void }) {
  const [held, setHeld] = useState(false);
  const close = useMemo(() => () => onClose(toast.id), [onClose, toast.id]);
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(close, toast.staysMs);
    return () => clearTimeout(timer);
  }, [held, close, toast.staysMs]);
  return (
    <div
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className={`bg-raised border-line shadow-raised pointer-events-auto flex max-w-md items-center gap-2 rounded-lg border py-1.5 pr-1.5 pl-4 ${toast.tone === 'danger' ? 'text-danger' : ''}`}
    >
      <span className="min-w-0 flex-1 py-1 wrap-anywhere">
        {toast.text}
        {toast.detail && <span className="text-muted block text-[13px]">{toast.detail}</span>}
      </span>
      {toast.link && (
        <Link href={toast.link.href} onClick={close} className="text-ink shrink-0 underline">
          {toast.link.label}
        </Link>
      )}
      {toast.action && (
        <Button
          size="small"
          onPress={() => {
            toast.action?.run();
            close();
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton label="Dismiss" onPress={close}>
        <X aria-hidden className="size-4" />
      </IconButton>
    </div>
  );
}
