import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { formOf, requestBytes } from '@lensgate/testing';

/** What became of one request on a connection of its own. */
export type Fate =
  /** Status and, for a problem, its code. */
  | { readonly kind: 'answered'; readonly words: string }
  /** Nobody listened. */
  | { readonly kind: 'refused' }
  /**
   * Sent, and the connection ended without a whole answer. When a service stops to listen the kernel resets connections
   * that it has not accepted yet: only its log tells whether it has heard the request.
   */
  | { readonly kind: 'lost'; readonly requestId: string };

/** Posts a picture on a new connection, and never tries again. */
export function askOnce(quickUrl: string, fields: Readonly<Record<string, string>>, image: Uint8Array): Promise<Fate> {
  const { hostname, port } = new URL(quickUrl);
  const { body, contentType } = formOf([
    ...Object.entries(fields).map(([name, value]) => ({ name, value })),
    { name: 'file', value: image, filename: 'a.png' },
  ]);
  const requestId = randomUUID();
  const headers = {
    'content-type': contentType,
    'content-length': String(body.length),
    connection: 'close',
    'x-request-id': requestId,
  };
  return new Promise((resolve) => {
    let isSent = false;
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      isSent = true;
      socket.write(requestBytes('POST', quickUrl, { headers, body }));
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => void chunks.push(chunk));
    socket.on('close', () => {
      const answer = Buffer.concat(chunks).toString('latin1');
      const [head = '', text = ''] = answer.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      if (text.length === length) {
        const status = head.split(' ')[1] ?? '';
        const code = /"code":"(\w+)"/.exec(text)?.[1];
        resolve({ kind: 'answered', words: code === undefined ? status : `${status} ${code}` });
      } else resolve(isSent ? { kind: 'lost', requestId } : { kind: 'refused' });
    });
  });
}

/** Asks from several clients at once, each again and again, until told to stop. */
export function askAllTheTime(clients: number, ask: () => Promise<Fate>): { stop(): Promise<Fate[]> } {
  const fates: Fate[] = [];
  let isOver = false;
  const asking = Array.from({ length: clients }, async () => {
    while (!isOver) {
      const fate = await ask();
      fates.push(fate);
      // Where nobody listens there is nothing to wait for.
      if (fate.kind === 'refused') await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  return {
    async stop() {
      isOver = true;
      await Promise.all(asking);
      return fates;
    },
  };
}

/** @param wasHeard whether a service's log speaks of a request */
export const wordsOf = (fates: readonly Fate[], wasHeard: (requestId: string) => boolean): string[] =>
  fates.map((fate) => {
    if (fate.kind === 'answered') return fate.words;
    return fate.kind === 'lost' && wasHeard(fate.requestId) ? 'lost' : 'refused';
  });
