/** `node front-door.mjs URL`: ends with 0 when the gateway at URL is ready and describes its API. What `helm test` runs. */
const [url] = process.argv.slice(2);

async function ask(path, holds) {
  const answer = await fetch(new URL(path, url), { signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  if (!answer.ok || !holds(text)) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 200)}`);
  process.stdout.write(`${path} is as it should be\n`);
}

try {
  await ask('/ready', () => true);
  await ask('/openapi.json', (text) => JSON.parse(text).openapi.startsWith('3.1'));
} catch (thrown) {
  process.stderr.write(`chartly: ${thrown.message}\n`);
  process.exit(1);
}
