'use client';
// Toasts after an action, with undo if available. They stay while hovered or focused.
import { X } from 'lucide-react';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Button, IconButton } from './button';

type Toast = { id: number; text: string; tone: 'plain' | 'danger'; action?: { label: string; run: () => void } };
type Show = (text: string, options?: { tone?: Toast['tone']; action?: Toast['action'] }) => void;

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
  const show = useCallback<Show>((text, { tone = 'plain', action } = {}) => {
    counter.current += 1;
    const id = counter.current;
    setToasts((all) => [...all.slice(-2), { id, text, tone, action }]);
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
    const timer = setTimeout(close, STAYS_MS);
    return () => clearTimeout(timer);
  }, [held, close]);
  return (
    <div
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className={`bg-raised border-line shadow-raised pointer-events-auto flex max-w-md items-center gap-2 rounded-lg border py-1.5 pr-1.5 pl-4 ${toast.tone === 'danger' ? 'text-danger' : ''}`}
    >
      <span className="min-w-0 flex-1 py-1">{toast.text}</span>
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
