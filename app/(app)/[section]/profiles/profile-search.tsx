'use client';
// The search field of the list. It keeps what is being typed to itself for a moment: drawing the list again for each letter would make
// the letters wait.
import { useEffect, useState, type RefObject } from 'react';
import { SearchField, type LeaveTo } from '@/components/ui/field';
import { useOnline } from '@/components/ui/use-online';

const PAUSE_MS = 150;

type Props = {
  /** The text in the address. */
  value: string;
  onSearch: (text: string) => void;
  inputRef: RefObject<HTMLInputElement | null>;
  /** Called after `onSearch` with what was typed last. */
  onLeave: (to: LeaveTo) => void;
};

export function ProfileSearch({ value, onSearch, inputRef, onLeave }: Props) {
  /** Null: as in the address. */
  const [typed, setTyped] = useState<string | null>(null);
  const online = useOnline();
  useEffect(() => {
    if (typed === null || !online) return;
    const timer = setTimeout(() => {
      setTyped(null);
      onSearch(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, online, onSearch]);
  function leave(to: LeaveTo) {
    if (typed !== null && online) {
      setTyped(null);
      onSearch(typed);
    }
    onLeave(to);
  }
  return (
    <>
      <SearchField
        label="Search profiles"
        placeholder="Name, email, mobile or CRM ID"
        value={typed ?? value}
        onChange={setTyped}
        inputRef={inputRef}
        onLeave={leave}
      />
      <span role="status" className="text-danger text-[13px] empty:hidden">
        {!online && typed !== null && 'No connection. The search continues when it is back.'}
      </span>
    </>
  );
}
