import { attempt, run } from '../tools';

const SUBNETS = 200;

/** Network namespaces of this test's own, on a bridge of its own: one for each pod. */
export class PodNetwork {
  private readonly names: string[] = [];

  private constructor(
    private readonly id: string,
    private readonly subnet: string,
    private readonly bridge: string,
  ) {}

  /** Why none can be made here; undefined when one can. */
  static missing(): string | undefined {
    const probe = `chp${process.pid}`;
    const made = attempt('ip', ['netns', 'add', probe]);
    if (made.status !== 0) return 'network namespaces are forbidden here';
    const filtered = attempt('ip', ['netns', 'exec', probe, 'nft', 'add table inet probe']);
    attempt('ip', ['netns', 'del', probe]);
    return filtered.status === 0 ? undefined : 'nftables are forbidden here';
  }

  static create(): PodNetwork {
    const id = (process.pid % 10_000).toString(36);
    const taken = attempt('ip', ['-o', '-4', 'addr']).stdout;
    const free = Array.from({ length: SUBNETS }, (_, at) => `10.231.${(process.pid + at) % SUBNETS}`).find(
      (subnet) => !taken.includes(`${subnet}.`),
    );
    if (free === undefined) throw new Error('No subnet is free.');
    const bridge = `chb${id}`;
    run('ip', ['link', 'add', bridge, 'type', 'bridge']);
    run('ip', ['addr', 'add', `${free}.1/24`, 'dev', bridge]);
    run('ip', ['link', 'set', bridge, 'up']);
    return new PodNetwork(id, free, bridge);
  }

  /** The address of the machine itself, as pods see it: what a node is to a pod. */
  get node(): string {
    return `${this.subnet}.1`;
  }

  /** Makes a pod's namespace; gives its address. */
  add(pod: string): string {
    const at = this.names.push(pod) - 1;
    const [namespace, outside] = [this.namespaceOf(pod), `chv${this.id}-${at}`];
    const address = this.addressOf(pod);
    run('ip', ['netns', 'add', namespace]);
    run('ip', ['link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
    run('ip', ['link', 'set', outside, 'master', this.bridge, 'up']);
    run('ip', ['-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0']);
    run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    run('ip', ['-n', namespace, 'link', 'set', 'eth0', 'up']);
    run('ip', ['-n', namespace, 'route', 'add', 'default', 'via', this.node]);
    return address;
  }

  namespaceOf(pod: string): string {
    return `ch${this.id}-${pod}`;
  }

  addressOf(pod: string): string {
    const at = this.names.indexOf(pod);
    if (at === -1) throw new Error(`There is no pod "${pod}".`);
    return `${this.subnet}.${at + 10}`;
  }

  /** Puts a pod's filter in place of the one that it has. */
  filter(pod: string, rules: string): void {
    run('ip', ['netns', 'exec', this.namespaceOf(pod), 'nft', '-f', '-'], { input: rules });
  }

  remove(): void {
    for (const pod of this.names) attempt('ip', ['netns', 'del', this.namespaceOf(pod)]);
    attempt('ip', ['link', 'del', this.bridge]);
  }
}
