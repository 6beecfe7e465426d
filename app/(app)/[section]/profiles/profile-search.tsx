'use client';
// The search field of the list. It keeps what is being typed to itself for a moment: drawing the list again for each letter would make
// the letters wait.
import { useEffect, useState, type RefObject } from 'react';
import { SearchField } from '@/components/ui/field';
import { useOnline } from '@/components/ui/use-online';

const PAUSE_MS = 150;

type Props = {
  /** The text in the address. */
  value: string;
  onSearch: (text: string) => void;
  inputRef: RefObject<HTMLInputElement | null>;
};

export function ProfileSearch({ value, onSearch, inputRef }: Props) {
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
  return (
    <>
      <SearchField
        label="Search profiles"
        placeholder="Name, email, mobile or CRM ID"
        value={typed ?? value}
        onChange={setTyped}
        inputRef={inputRef}
      />
      <span role="status" className="text-danger text-[13px] empty:hidden">
        {!online && typed !== null && 'No connection. The search continues when it is back.'}
      </span>
    </>
  );
}
