// Generates Prisma Client if it is missing or schema.prisma has changed; part of `npm install`.
import { generateClient } from './prisma-client.mjs';

generateClient();
