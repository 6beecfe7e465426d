'use client';
// What a form says while a CRM is asked: which one, for how long already, and how to stop it.
import { useEffect, useState } from 'react';
import { Button } from '@/components/ui/button';
import { ASK_SECONDS } from '@/lib/integrations/schema';

type Props = {
  pending: boolean;
  stopped: boolean;
  onStop: () => void;
  /** What the CRM is called. */
  crm: string;
  /** What was entered, among it the address, if this kind of CRM has one. */
  values: Readonly<Record<string, string>>;
};

export function Asking({ pending, stopped, onStop, crm, values }: Props) {
  if (!pending) {
    return (
      <p role="status" className="text-muted text-[13px]">
        {stopped && 'Stopped. Nothing was kept.'}
      </p>
    );
  }
  const host = hostIn(values);
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      <p className="text-muted min-w-0 text-[13px]">
        <span role="status">
          Asking {crm}
          {host !== null && (
            <>
              {' '}
              at <bdi className="break-all">{host}</bdi>
            </>
          )}
          …
        </span>{' '}
        <Waited />
      </p>
      <Button size="small" onPress={onStop}>
        Stop
      </Button>
    </div>
  );
}

/** Not for screen readers, which would read each second. */
function Waited() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return seconds < 2 ? null : (
    <span aria-hidden="true">
      {seconds} s. No answer after {ASK_SECONDS} s ends the test.
    </span>
  );
}

/** The host of the address among the values; null if there is none. */
function hostIn(values: Readonly<Record<string, string>>): string | null {
  const address = Object.values(values).find((value) => /^https?:\/\//.test(value) && URL.canParse(value));
  return address === undefined ? null : new URL(address).host;
}
