import { expect, it } from 'vitest';
import { addressLines } from './address-lines';

it('takes the first cell of each line', () => {
  const text = '\uFEFFa@x.se\r\n\r\n"b@x.se";Bo\n  c@x.se , Cy\td\r"d ""q""@x.se"\n46701234567';
  expect(addressLines(text)).toEqual(['a@x.se', 'b@x.se', 'c@x.se', 'd "q"@x.se', '46701234567']);
});
