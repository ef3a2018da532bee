import { Injectable } from '@nestjs/common';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { ChartlyConfig } from '#libs/config/config';
import { SECRET_MAX_CHARS, SecretProvider } from '#libs/contracts/auth-secrets';
import { NotFound, Unavailable, Unprocessable } from '#libs/errors/errors';
import { currentCall } from '#libs/transport/call-context';

const VAULT_TIMEOUT_MS = 3_000;
const VAULT_ANSWER_MAX_BYTES = 4 * 2 ** 20;
/** Under this in the mount; a Vault policy grants Chartly just this path. */
const VAULT_FOLDER = 'chartly';
const VALUE_FIELD = 'value';
/** Names that become those of a variable without two of them becoming one: no `_`, no `--`. */
const PLAIN_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

interface Place {
  readonly project: string;
  readonly name: string;
}

/** Secrets whose values others keep. Where, follows from project and name alone. */
@Injectable()
export class OutsideSecrets {
  constructor(private readonly config: ChartlyConfig) {}

  /** Throws Unprocessable when a secret of this provider cannot have this name, or the provider is not set up. */
  check(provider: SecretProvider, { project, name }: Place): void {
    if (provider === 'env' && !(PLAIN_NAME.test(project) && PLAIN_NAME.test(name))) {
      throw new Unprocessable(
        'secret.env_name',
        `A secret from the environment, and its project, have names of a-z, 0-9 and single "-": "${project}" and "${name}" do not become a variable's name unambiguously.`,
      );
    }
    if (provider === 'file' && this.config.secretsDir === undefined) throw notSetUp('file', 'CHARTLY_SECRETS_DIR');
    if (provider === 'vault' && this.config.vaultUrl === undefined) throw notSetUp('vault', 'CHARTLY_VAULT_URL');
  }

  /** The value as it is at this moment. Throws NotFound `secret.no_value` when its keeper has none. */
  read(provider: Exclude<SecretProvider, 'own'>, place: Place): Promise<string> {
    switch (provider) {
      case 'env':
        return this.fromEnv(place);
      case 'file':
        return this.fromFile(place);
      case 'vault':
        return this.fromVault(place);
    }
  }

  private async fromEnv({ project, name }: Place): Promise<string> {
    const variable = `CHARTLY_SECRET_${upper(project)}__${upper(name)}`;
    const value = this.config.secretVariable(variable);
    if (value === undefined || value === '') throw noValue(`auth's environment has no ${variable}`);
    return value;
  }

  /** Kubernetes writes a mounted secret as a file; one line end at its end is its editor's and not its own. */
  private async fromFile({ project, name }: Place): Promise<string> {
    if (this.config.secretsDir === undefined) throw notSetUp('file', 'CHARTLY_SECRETS_DIR');
    const path = join(this.config.secretsDir, project, name);
    const file = await open(path).catch((cause: unknown) => {
      throw noValue(`there is no readable file ${project}/${name} under CHARTLY_SECRETS_DIR`, cause);
    });
    try {
      const { size } = await file.stat();
      if (size > SECRET_MAX_CHARS)
        throw noValue(`the file ${project}/${name} is larger than ${SECRET_MAX_CHARS} bytes`);
      return nonEmpty((await file.readFile('utf8')).replace(/\r?\n$/, ''), `the file ${project}/${name} is empty`);
    } finally {
      await file.close();
    }
  }

  /** HashiCorp Vault or OpenBao, `GET /v1/<mount>/data/<path>` of KV version 2. */
  private async fromVault({ project, name }: Place): Promise<string> {
    const { vaultUrl, vaultMount } = this.config;
    if (vaultUrl === undefined) throw notSetUp('vault', 'CHARTLY_VAULT_URL');
    const path = `${VAULT_FOLDER}/${project}/${name}`;
    const url = `${vaultUrl.replace(/\/$/, '')}/v1/${vaultMount}/data/${path}`;
    const { status, body } = await this.ask(url, await this.vaultToken());
    if (status === 404) throw noValue(`Vault has nothing at ${vaultMount}/${path}`);
    if (status === 403) throw vaultAway(`refuses its token at ${vaultMount}/${path}`);
    if (status !== 200) throw vaultAway(`answered ${status}`);
    const value = dig(body, ['data', 'data', VALUE_FIELD]);
    if (typeof value !== 'string') throw noValue(`Vault's ${vaultMount}/${path} has no text field "${VALUE_FIELD}"`);
    return nonEmpty(value, `Vault's ${vaultMount}/${path} has an empty "${VALUE_FIELD}"`);
  }

  /** The file wins: Vault's agent renews the token in it. */
  private async vaultToken(): Promise<string> {
    const { vaultToken, vaultTokenFile } = this.config;
    if (vaultTokenFile === undefined) return vaultToken ?? '';
    const file = await open(vaultTokenFile).catch((cause: unknown) => {
      throw vaultAway('has no token: the file of CHARTLY_VAULT_TOKEN_FILE cannot be read', cause);
    });
    return file
      .readFile('utf8')
      .then((text) => text.trim())
      .finally(() => file.close());
  }

  private async ask(url: string, token: string): Promise<{ status: number; body: unknown }> {
    const { signal } = currentCall();
    const timeout = AbortSignal.timeout(VAULT_TIMEOUT_MS);
    try {
      const answer = await request(url, {
        headers: { 'x-vault-token': token, 'x-vault-request': 'true' },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      let text = '';
      for await (const chunk of answer.body.setEncoding('utf8')) {
        text += String(chunk);
        if (text.length > VAULT_ANSWER_MAX_BYTES) throw vaultAway('gives an answer that is too large');
      }
      return { status: answer.statusCode, body: answer.statusCode === 200 ? JSON.parse(text) : undefined };
    } catch (cause) {
      if (cause instanceof Unavailable) throw cause;
      throw vaultAway(cause instanceof SyntaxError ? 'does not answer with JSON' : 'does not answer', cause);
    }
  }
}

const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');

function dig(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined,
    value,
  );
}

function nonEmpty(value: string, otherwise: string): string {
  if (value === '') throw noValue(otherwise);
  return value;
}

const noValue = (why: string, cause?: unknown): NotFound =>
  new NotFound('secret.no_value', `The secret has no value: ${why}.`, { cause });

const notSetUp = (provider: string, variable: string): Unprocessable =>
  new Unprocessable('secret.provider', `Secrets of the provider "${provider}" take ${variable}, which auth has not.`);

const vaultAway = (what: string, cause?: unknown): Unavailable =>
  new Unavailable('secrets.vault', `Vault ${what}.`, { cause });
