'use client';
// Toasts after an action or at the end of work, with undo and a link if available. They stay while hovered or focused.
// F6 focuses the newest. They are at the bottom in the middle, since buttons are at the start or the end of a line.
import { X } from 'lucide-react';
import { Link } from './link';
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
  type RefObject,
} from 'react';
import { Button, IconButton } from './button';
import { useReservedHeight } from './reserved-height';

type Toast = {
  id: number;
  text: string;
  /** A second line. */
  detail?: string;
  tone: 'plain' | 'danger';
  link?: { label: string; href: string };
  action?: { label: string; run: () => void };
  /** Keys of what it is about, such as an operation: earlier toasts about any of it go. */
  about: readonly string[];
  staysMs: number;
};
type Show = (text: string, options?: Partial<Omit<Toast, 'id' | 'text'>>) => void;

const STAYS_MS = 8_000;
/** At least, if something can be pressed: by keyboard, it takes a while to get there. */
const STAYS_WITH_ACTION_MS = 30_000;
const ToastContext = createContext<Show>(() => undefined);

/** `toast('Tag applied', { action: { label: 'Undo', run } })`. */
export function useToast(): Show {
  return useContext(ToastContext);
}

export function ToastRegion({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const counter = useRef(0);
  const region = useRef<HTMLDivElement>(null);
  const reserve = useReservedHeight('--toasts');
  useToastFocus(region, toasts);
  const close = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const show = useCallback<Show>((text, { tone = 'plain', about = [], staysMs = STAYS_MS, ...more } = {}) => {
    counter.current += 1;
    const id = counter.current;
    const added = {
      ...more,
      id,
      text,
      tone,
      about,
      staysMs: more.action ? Math.max(staysMs, STAYS_WITH_ACTION_MS) : staysMs,
    };
    setToasts((all) => {
      const others = all.filter((toast) => !toast.about.some((key) => about.includes(key)));
      return [...others.filter((toast, index) => index >= others.length - 2 || isHeld(toast.id)), added];
    });
  }, []);
  return (
    <ToastContext.Provider value={show}>
      {children}
      <div
        ref={region}
        role="region"
        aria-label="Notifications"
        // React Aria leaves it usable while a dialog or popover is open, and does not close that for it.
        data-react-aria-top-layer
        className="toasts pointer-events-none fixed inset-x-3 bottom-[calc(0.75rem+var(--bottom-bar,0px))] z-60 md:left-59"
      >
        <div ref={reserve} aria-live="polite" className="flex flex-col items-center gap-2">
          {toasts.map((toast) => (
            <ToastCard key={toast.id} toast={toast} onClose={close} />
          ))}
        </div>
      </div>
    </ToastContext.Provider>
  );
}

/** Whether the pointer or the focus is on it. */
function isHeld(id: number): boolean {
  return document.querySelector(`[data-toast="${id}"]`)?.matches(':hover, :focus-within') ?? false;
}

/**
 * F6 focuses the first link or button of the newest toast; F6 again, or the end of the focused toast, returns the focus
 * to where it was.
 */
function useToastFocus(region: RefObject<HTMLElement | null>, toasts: readonly Toast[]) {
  const cameFrom = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const goBack = () => {
      cameFrom.current?.focus();
      cameFrom.current = null;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'F6' || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const controls = region.current
        ?.querySelector('[data-toast]:last-child')
        ?.querySelectorAll<HTMLElement>('a, button');
      const first = controls?.[0];
      if (!first) return;
      event.preventDefault();
      if (region.current?.contains(document.activeElement)) return goBack();
      cameFrom.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      first.focus();
    };
    const onFocusIn = ({ target }: FocusEvent) => {
      if (target instanceof Node && !region.current?.contains(target)) cameFrom.current = null;
    };
    document.addEventListener('keydown', onKeyDown, true);
    document.addEventListener('focusin', onFocusIn);
    return () => {
      document.removeEventListener('keydown', onKeyDown, true);
      document.removeEventListener('focusin', onFocusIn);
    };
  }, [region]);
  useEffect(() => {
    if (cameFrom.current === null || region.current?.contains(document.activeElement)) return;
    cameFrom.current.focus();
    cameFrom.current = null;
  }, [region, toasts]);
}

function ToastCard({ toast, onClose }: { toast: Toast; onClose: (id: number) => void }) {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const held = hovered || focused;
  const close = useMemo(() => () => onClose(toast.id), [onClose, toast.id]);
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(close, toast.staysMs);
    return () => clearTimeout(timer);
  }, [held, close, toast.staysMs]);
  return (
    <div
      data-toast={toast.id}
      onMouseEnter={() => setHovered(true)}
      onMouseLeave={() => setHovered(false)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
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
