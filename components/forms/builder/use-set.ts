'use client';
import type { Element } from '@/lib/forms/schema';
import { useBuilder } from './builder-context';

/** Changes fields of an element. `what`: changes with the same label, such as letters of one text, are one step of undo. */
export function useSet<Of extends Element>(element: Of) {
  const { changeElement } = useBuilder();
  return (part: Partial<Of>, what?: string) =>
    changeElement(element.id, (now) => ({ ...now, ...part }), what ? `${element.id} ${what}` : null);
}
