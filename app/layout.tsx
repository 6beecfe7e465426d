import '@fontsource-variable/inter';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { preload } from 'react-dom';
import { Providers } from '@/components/ui/providers';

export const metadata: Metadata = {
  title: { default: 'Tagwell', template: '%s · Tagwell' },
  manifest: '/manifest.webmanifest',
  icons: { apple: '/apple-touch-icon.png' },
  robots: { index: false, follow: false },
};
export const viewport: Viewport = { width: 'device-width', initialScale: 1, themeColor: '#0b6a63' };

/** Asked for at once: text that is set in another font first moves when it comes. */
const FONT = new URL('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2', import.meta.url).pathname;

export default async function RootLayout({ children }: { children: ReactNode }) {
  preload(FONT, { as: 'font', type: 'font/woff2', crossOrigin: 'anonymous' });
  const theme = (await cookies()).get('theme')?.value;
  return (
    <html lang="en-GB" {...(theme === 'light' || theme === 'dark' ? { 'data-theme': theme } : {})}>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
