'use client';
// Whether somebody is in the middle of editing.

/** Fields that were typed in on this page, other than searches. */
const typedIn = new Set<HTMLElement>();

/** Notes which fields are typed in. Returns a function that stops it. */
export function watchTyping(): () => void {
  const note = ({ target }: Event) => {
    if (target instanceof HTMLElement && !isSearch(target)) typedIn.add(target);
  };
  document.addEventListener('input', note, true);
  return () => document.removeEventListener('input', note, true);
}

/** A dialog is open, or a field that was typed in is still on the page. */
export function isEditing(): boolean {
  for (const field of typedIn) if (!field.isConnected) typedIn.delete(field);
  return typedIn.size > 0 || document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;
}

const isSearch = (field: HTMLElement): boolean =>
  field.closest('[role="search"], [role="listbox"]') !== null ||
  (field instanceof HTMLInputElement &&
    (field.type === 'search' || field.role === 'combobox' || field.type === 'checkbox'));
