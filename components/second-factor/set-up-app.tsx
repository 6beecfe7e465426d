'use client';
// What an authenticator app needs: a QR code, or a key to type, and the first code as the sign that it worked.
import { CopyText } from '@/components/ui/copy-text';
import { TextField } from '@/components/ui/field';
import { QrPicture } from '@/components/ui/qr-picture';
import type { SetUp } from '@/lib/accounts/second-factor';

type CodeProps = {
  value: string;
  onChange: (code: string) => void;
  error?: string;
  isRecovery?: boolean;
  autoFocus?: boolean;
};

export function CodeField({ isRecovery = false, autoFocus = true, ...field }: CodeProps) {
  return isRecovery ? (
    <TextField
      {...field}
      label="Recovery code"
      help="One of the ten codes that you kept when you set it up. Each works once."
      autoComplete="off"
      spellCheck="false"
      autoFocus={autoFocus}
      isRequired
    />
  ) : (
    <TextField
      {...field}
      label="Code"
      help="The six digits that your authenticator app shows now for Tagwell."
      inputMode="numeric"
      autoComplete="one-time-code"
      autoFocus={autoFocus}
      isRequired
    />
  );
}

type Props = { setUp: SetUp; code: string; onChange: (code: string) => void; error?: string };

export function SetUpApp({ setUp, code, onChange, error }: Props) {
  return (
    <>
      <p>
        Open an authenticator app on your phone (Google Authenticator, Aegis, 1Password or any other) and scan this:
      </p>
      <QrPicture text={setUp.address} label="QR code for your authenticator app" />
      <CopyText label="Key to type instead" text={setUp.key} />
      <CodeField value={code} onChange={onChange} error={error} autoFocus={false} />
    </>
  );
}
