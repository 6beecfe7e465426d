// Makes Prisma Client where it is missing or schema.prisma has changed: a part of `npm install`.
import { generateClient } from './prisma-client.mjs';

generateClient();
