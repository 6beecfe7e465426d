'use client';
// The button at the end of a step, with its words in place. They are those of the form: all steps but the last one have the same.
import { TextField } from '@/components/ui/field';
import { textOf } from '@/lib/forms/texts';
import { useBuilder, useDocument } from './builder-context';
import { withText } from './own-texts';

export function StepButton({ isLast }: { isLast: boolean }) {
  const { change } = useBuilder();
  const { document } = useDocument();
  const key = isLast ? 'submit' : 'next';
  const plain = textOf({ language: document.language, texts: {} }, key);
  return (
    <div className="border-line bg-surface rounded-md border px-3 py-2">
      <TextField
        label={isLast ? 'The button that sends' : 'The button to the next step'}
        help={isLast ? undefined : 'The same in all steps but the last one.'}
        maxLength={500}
        placeholder={plain}
        value={document.texts[key] ?? ''}
        onChange={(words) => change((now) => ({ ...now, texts: withText(now.texts, key, words) }), `text ${key}`)}
      />
    </div>
  );
}
