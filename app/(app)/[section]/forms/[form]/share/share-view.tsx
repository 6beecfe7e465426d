'use client';
// How a form gets to people: its address, a QR code for paper, and what is put into a website.
import { Banner, cardClass } from '@/components/ui/display';
import { CopyField } from '@/components/ui/copy-field';
import { CopyText } from '@/components/ui/copy-text';
import { TextField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { elementsOf, type FormDocument } from '@/lib/forms/schema';
import { titleOf } from '@/lib/forms/page';
import { frameSnippet, htmlSnippet, scriptSnippet } from '@/lib/forms/snippets';
import { useState, type ReactNode } from 'react';
import { QrCode } from './qr-code';

type Props = {
  origin: string;
  path: string;
  name: string;
  document: FormDocument;
  sectionName: string;
  isOpen: boolean;
  /** Where it is set which websites may embed it. */
  settings: string;
};

export function ShareView({ origin, path, name, document, sectionName, isOpen, settings }: Props) {
  const parameters = elementsOf(document).flatMap((element) =>
    element.kind === 'hidden' && element.parameter !== '' ? [element] : [],
  );
  const [values, setValues] = useState<Record<string, string>>({});
  const query = new URLSearchParams(
    parameters.flatMap(({ parameter }) => (values[parameter] ? [[parameter, values[parameter]]] : [])),
  );
  const address = `${origin}${path}${query.size > 0 ? `?${query}` : ''}`;
  const shared = { origin, path, title: titleOf(document, sectionName) };
  const { hosts } = document;
  return (
    <div className="flex flex-col gap-4">
      {!isOpen && (
        <Banner tone="warning">The form is closed: who opens its address is told so. Open it in the menu above.</Banner>
      )}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Card id="address" title="Address">
          <CopyField label="Address of the form" value={address} />
          {parameters.length > 0 && (
            <div className="flex flex-col gap-3">
              <p className="text-muted text-[13px]">
                It takes values with its address: enter them, and the address and the QR code carry them. With one
                address for each place, the submissions say where people came from.
              </p>
              {parameters.map(({ parameter, allowed }) => (
                <TextField
                  key={parameter}
                  label={parameter}
                  value={values[parameter] ?? ''}
                  help={allowed.length > 0 ? `One of: ${allowed.join(', ')}` : undefined}
                  error={
                    values[parameter] && allowed.length > 0 && !allowed.includes(values[parameter].trim())
                      ? 'The form ignores this value: it is none of those that it allows.'
                      : undefined
                  }
                  onChange={(value) => setValues((all) => ({ ...all, [parameter]: value }))}
                />
              ))}
            </div>
          )}
          <p className="text-muted text-[13px]">
            Nobody can guess it, search engines are told to leave it out, and it stays the same in all versions.
          </p>
        </Card>
        <Card id="qr" title="QR code">
          <QrCode address={address} fileName={name} />
        </Card>
      </div>
      <Card id="embed" title="In a website">
        {hosts.length === 0 ? (
          <Banner>
            It may not be embedded anywhere.{' '}
            <Link href={settings} className="underline">
              Change that
            </Link>
          </Banner>
        ) : (
          <p className="text-muted">
            {hosts.includes('*') ? 'Any website may embed it.' : `Only ${hosts.join(', ')} may embed it.`}{' '}
            <Link href={settings} className="underline">
              Change that
            </Link>
          </p>
        )}
        <CopyText label="The form, as high as it needs to be" text={scriptSnippet(shared, document)} />
        <p className="text-muted text-[13px]">
          Put it where the form is to be. Its look cannot clash with that of the page. Without a script, people see a
          link to the form.
        </p>
        <CopyText label="A frame of a fixed height, for pages that allow no script" text={frameSnippet(shared)} />
        <CopyText label="Plain HTML, to be styled by yourself" text={htmlSnippet(shared, document)} />
        <p className="text-muted text-[13px]">
          Copy it again when you have published another version. It lacks what keeps bots away, so more of its
          submissions go into quarantine{document.optIn.on ? '' : '; a confirmation by email helps against that'}.
        </p>
      </Card>
    </div>
  );
}

function Card({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section aria-labelledby={id} className={`${cardClass} flex min-w-0 flex-col gap-3 p-4`}>
      <h2 id={id} className="text-[15px] font-semibold">
        {title}
      </h2>
      {children}
    </section>
  );
}
