#!/usr/bin/env node
const { join } = require('node:path');
const { useCompileCache } = require('../dist/lib/compile-cache.js');

const root = join(__dirname, '..');
useCompileCache(join(root, 'dist/chunks'), process.env);
require('../dist/lib/cli/main.js').main(process.argv.slice(2), root);
