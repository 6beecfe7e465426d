'use client';
// A link with its words, such as to a privacy policy.
import { meantAddress, NO_ADDRESS } from '@/components/messages/editor/link-address';
import { Checkbox, TextField } from '@/components/ui/field';
import { isWebAddress } from '@/lib/forms/schema';
import { DraftField } from '@/components/ui/draft-field';

type Link = { label: string; address: string } | null;

/** `hint`: where it is shown. */
type Props = { link: Link; hint: string; onChange: (link: Link, what?: string) => void };

export function LinkFields({ link, hint, onChange }: Props) {
  return (
    <div className="flex flex-col gap-2">
      <Checkbox
        isSelected={link !== null}
        onChange={(isSelected) => onChange(isSelected ? { label: '', address: '' } : null)}
      >
        <span>
          With a link <span className="text-muted text-[13px]">{hint}</span>
        </span>
      </Checkbox>
      {link && (
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            label="Words of the link"
            maxLength={500}
            value={link.label}
            onChange={(label) => onChange({ ...link, label }, 'link label')}
            placeholder="Privacy policy"
          />
          <WebAddressField
            label="Address of the link"
            value={link.address}
            onChange={(address) => onChange({ ...link, address }, 'link address')}
          />
        </div>
      )}
    </div>
  );
}

type WebAddressProps = { label: string; value: string; onChange: (address: string) => void; help?: string };

export function WebAddressField({ label, value, onChange, help }: WebAddressProps) {
  return (
    <DraftField
      label={label}
      help={help}
      placeholder="https://"
      inputMode="url"
      value={value}
      show={(address) => address}
      read={(text) => {
        if (text.trim() === '') return { value: '' };
        const address = meantAddress(text);
        return address !== undefined && isWebAddress(address)
          ? { value: address }
          : { problem: NO_ADDRESS.replace(' or name@example.com', '') };
      }}
      onChange={onChange}
    />
  );
}
