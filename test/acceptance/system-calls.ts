import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const tracer = 'strace';

/** Whether the tracer is there, which Debian's package of that name brings. */
export const canTrace = (): boolean => spawnSync(tracer, ['--version']).status === 0;

/** Words to put before a command so that the calls of it and of all its processes are written to a file. */
export const tracedInto = (file: string): readonly string[] => {
  const calls = 'connect,sendto,sendmsg,sendmmsg,open,openat,creat';
  return [tracer, '-f', '-qq', '--seccomp-bpf', '-s', '300', '-o', file, '-e', `trace=${calls}`];
};

/** Whom processes have turned to: `host:port`, `unix:<path>` or the name of another kind of address, each once. */
export async function peersIn(traceFile: string): Promise<string[]> {
  const peers = new Set<string>();
  for (const line of await linesOf(traceFile)) {
    const [, family, address = ''] = /\bsa_family=AF_(\w+)(?:, (.*?))?\}/.exec(line) ?? [];
    if (family !== undefined) peers.add(peerOf(family, address));
  }
  return [...peers].sort();
}

function peerOf(family: string, address: string): string {
  const port = /sin6?_port=htons\((\d+)\)/.exec(address)?.[1];
  const host = /inet_addr\("([^"]*)"\)/.exec(address)?.[1] ?? /inet_pton\(AF_INET6, "([^"]*)"/.exec(address)?.[1];
  const path = /sun_path=(?:@?)"([^"]*)"/.exec(address)?.[1];
  if (host !== undefined) return `${host}:${port}`;
  return path === undefined ? family.toLowerCase() : `unix:${path}`;
}

/** Files that were opened to be made or written, by the path that was asked for; also where that was refused. */
export async function filesWrittenIn(traceFile: string): Promise<string[]> {
  const files = new Set<string>();
  for (const line of await linesOf(traceFile)) {
    const [, path] = /\b(?:open|openat|creat)\((?:AT_FDCWD, )?"([^"]*)"/.exec(line) ?? [];
    if (path !== undefined && /\bcreat\(|O_CREAT|O_TMPFILE|O_WRONLY|O_RDWR/.test(line)) files.add(path);
  }
  return [...files].sort();
}

const linesOf = async (file: string) => (await readFile(file, 'utf8')).split('\n');
