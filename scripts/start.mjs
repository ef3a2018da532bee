/** `npm start`: sets up what is missing, then runs `chartly up` with the example. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, ROOT } from './prepare.mjs';

prepare();
const given = process.argv.slice(2);
process.argv.splice(2, given.length, 'up', ...(given.length > 0 ? given : ['--example', 'earthquakes']));
await import(pathToFileURL(join(ROOT, 'dist', 'apps', 'cli', 'main.js')));
