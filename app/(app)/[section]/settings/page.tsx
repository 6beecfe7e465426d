import { redirect } from 'next/navigation';

/** Settings begin at what everyone has. */
export default async function SettingsPage({ params }: { params: Promise<{ section: string }> }) {
  redirect(`/${(await params).section}/settings/account`);
}
