'use client';
// Whether a form has unsaved text.
import { useRef, type FocusEvent } from 'react';

type TextInput = HTMLInputElement | HTMLTextAreaElement;

/** Excludes fields whose text is only a means, such as the search of a picker (a combobox). */
function isTextInput(element: EventTarget): element is TextInput {
  if (element instanceof HTMLTextAreaElement) return true;
  if (!(element instanceof HTMLInputElement) || element.readOnly) return false;
  return !['checkbox', 'radio', 'file', 'search'].includes(element.type) && element.role !== 'combobox';
}

/**
 * `onFocus`: for the element around the fields, in the capture phase. `hasTyped`: whether a field has another value than at its
 * first focus.
 */
export function useUnsavedText() {
  const before = useRef(new Map<TextInput, string>());
  return {
    onFocus: ({ target }: FocusEvent) => {
      if (isTextInput(target) && !before.current.has(target)) before.current.set(target, target.value);
    },
    hasTyped: () => [...before.current].some(([input, value]) => input.isConnected && input.value !== value),
  };
}
