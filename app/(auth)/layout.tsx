import type { ReactNode } from 'react';
import { Mark } from '@/components/shell/mark';

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className="flex min-h-dvh items-start justify-center p-4 pt-[12vh]">
      <div className="bg-surface border-line w-full max-w-sm rounded-xl border p-6">
        <div className="mb-5">
          <Mark />
        </div>
        {children}
      </div>
    </main>
  );
}
