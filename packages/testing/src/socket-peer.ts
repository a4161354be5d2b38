import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A TCP server that does with each connection what the test says. */
export function startSocketPeer(
  onSocket: (socket: Socket) => void,
): Promise<{ url: string; connections: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const peer = { url: '', connections: 0, close: () => Promise.resolve() };
  const server: Server = createServer((socket) => {
    peer.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  peer.close = () =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      peer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      resolve(peer);
    });
  });
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const peer = await startSocketPeer(() => undefined);
  await peer.close();
  return Number(new URL(peer.url).port);
}
