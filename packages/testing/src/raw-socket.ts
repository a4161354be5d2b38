import { connect, type Socket } from 'node:net';

/** A connection that a test drives byte by byte. */
export interface RawSocket {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** Everything that has come so far, as latin1. */
  received(): string;
  /** Settles when the other side has ended the connection, or it was reset. */
  readonly closed: Promise<void>;
}

/** Connects to a service, and writes what there is to write at once. */
export function openSocket(url: string, bytes: string | Uint8Array = ''): RawSocket {
  const { hostname, port } = new URL(url);
  const chunks: Buffer[] = [];
  const socket = connect({ host: hostname, port: Number(port) }, () => {
    if (bytes.length > 0) socket.write(bytes);
  });
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => void chunks.push(chunk));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    socket,
    write: (more) => void socket.write(more),
    received: () => Buffer.concat(chunks).toString('latin1'),
    closed,
  };
}

/** Lines of a request's head, ended as HTTP wants it. */
export const headOf = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
