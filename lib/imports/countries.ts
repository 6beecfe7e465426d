// Countries of numbers without a country code, the Nordic ones first.
import { getCountries, getCountryCallingCode } from 'libphonenumber-js';

const FIRST: readonly string[] = ['SE', 'NO', 'DK', 'FI'];

/** Options for a select: 'Sweden (+46)'. */
export function phoneCountries(): { value: string; label: string }[] {
  const names = new Intl.DisplayNames('en-GB', { type: 'region' });
  const place = (code: string) => (FIRST.includes(code) ? FIRST.indexOf(code) : FIRST.length);
  return getCountries()
    .map((code) => ({ value: code, label: `${names.of(code)} (+${getCountryCallingCode(code)})` }))
    .sort((left, right) => place(left.value) - place(right.value) || left.label.localeCompare(right.label, 'en'));
}
