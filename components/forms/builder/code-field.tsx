'use client';
// The code of a question, by which the API and rules of segments know its answers: it can be chosen until people have been asked.
import { useState } from 'react';
import { TextField } from '@/components/ui/field';
import type { Input } from '@/lib/forms/schema';
import { useBuilder, useDocument } from './builder-context';
import { codeProblem } from './changes';

export function CodeField({ input: { id } }: { input: Input }) {
  const { published, rename } = useBuilder();
  const { document } = useDocument();
  const [code, setCode] = useState(id);
  const problem = codeProblem(document, id, code);
  function keep() {
    if (problem === null && code !== id) rename(id, code);
    else setCode(id);
  }
  const isKept = published.has(id);
  return (
    <div
      // Within the builder Enter edits an element; here it ends the code.
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        event.stopPropagation();
        if (problem === null) keep();
      }}
    >
      <TextField
        label="Code"
        maxLength={20}
        value={code}
        onChange={setCode}
        onBlur={keep}
        isDisabled={isKept}
        {...(problem !== null && { error: problem })}
        help={
          isKept
            ? 'By it the API and rules of segments know the answers. It stays, as the question has been published.'
            : 'By it the API and rules of segments know the answers. It can be changed until the question is published.'
        }
      />
    </div>
  );
}
