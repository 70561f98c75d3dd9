import type { Migrations } from './database.js';
import { trackingSchema } from './tracking-schema.js';

/** The one database of a local workspace. A released step is never changed: the next one is added below it. */
export const migrations: Migrations = [trackingSchema];
