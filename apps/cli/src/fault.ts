/** What went wrong, in words for whoever typed the command. */
export class Fault extends Error {
  override readonly name = 'Fault';
  constructor(
    message: string,
    /** `usage`: the command line is wrong. `failed`: the gateway refused it, or could not be asked. */
    readonly kind: 'usage' | 'failed' = 'failed',
  ) {
    super(message);
  }
}

export const usageFault = (message: string): Fault => new Fault(`${message} See \`lensgate keys --help\`.`, 'usage');
