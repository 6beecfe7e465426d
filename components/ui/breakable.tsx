// Text that breaks after an @, a dot, a dash or an underscore before it breaks within a word, such as an email address.
import { Fragment } from 'react';

export function Breakable({ text }: { text: string }) {
  return text.split(/(?<=[@._-])/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
