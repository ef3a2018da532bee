#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const cli = join(__dirname, '..', 'dist', 'apps', 'cli', 'main.js');
if (existsSync(cli)) {
  require(cli);
} else {
  process.stderr.write('chartly: not built yet. Run "npm run build" (or "npm start", which does) and try again.\n');
  process.exitCode = 1;
}
