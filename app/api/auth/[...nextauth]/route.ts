import NextAuth from 'next-auth';
import { signInOptions } from '@/app/sign-in-options';

const handler = NextAuth(signInOptions) as (request: Request, context: unknown) => Promise<Response>;

export { handler as GET, handler as POST };
