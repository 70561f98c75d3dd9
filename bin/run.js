#!/usr/bin/env node
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Node 22 and later keep what they compiled, so that the next command starts sooner. Not in the folder for temporary
// files, where Node would put it: that one is everybody's.
const cache =
  process.env.AIR_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'air');
module.enableCompileCache?.(join(cache, 'compiled'));

const { main } = await import('../dist/lib/cli/main.js');
await main(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)));
