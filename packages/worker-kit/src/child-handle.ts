import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { getPriority, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { ChildMessage, type ParentMessage } from '@lensgate/contracts';
import { standardOutput } from '@lensgate/http-kit';
import type { Logger } from 'pino';
import { type ChildLaunch, launchChild } from './child-launch.js';
import { FrameDecoder, FrameError, type FrameLimits, writeFrame } from './frame-codec.js';

/** Why a child is ended by us, or that it ended by itself. */
export type EndReason =
  | 'crash'
  | 'protocol'
  | 'deadline'
  | 'idle'
  | 'evicted'
  | 'recycled'
  | 'unloaded'
  | 'load-failed'
  | 'memory'
  | 'shutdown';

export interface ChildExit {
  readonly reason: EndReason;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly peakRssBytes: number;
}

/** The child ended before it answered. */
export class ChildEnded extends Error {
  override readonly name = 'ChildEnded';
  constructor(readonly exit: ChildExit) {
    super(`the child ended: ${exit.reason}`);
  }
}

export interface ChildReply {
  readonly message: ChildMessage;
  readonly attachments: readonly Uint8Array[];
}

export interface ChildSpec extends ChildLaunch {
  readonly logger: Logger;
  readonly frameLimits: FrameLimits;
}

type Exchange = {
  /** Types of messages that answer it. */
  answers: readonly ChildMessage['type'][];
  resolve: (reply: ChildReply) => void;
  reject: (error: ChildEnded) => void;
};

const answersTo = {
  load: ['loaded', 'refused'],
  infer: ['result', 'failed'],
} as const satisfies Record<ParentMessage['type'], readonly ChildMessage['type'][]>;

const logLineBytesMax = 16_384;

/**
 * One child process as its parent sees it. A child answers one message at a time; only this file writes to it, reads from
 * it and kills it.
 */
export class ChildHandle {
  readonly pid: number;
  /** Settles when the process is gone and its pipes are closed; never rejects. */
  readonly ended: Promise<ChildExit>;
  #exchange: Exchange | undefined;
  #endReason: EndReason = 'crash';
  #peakRssBytes = 0;
  #lastRssBytes = 0;
  #exit: ChildExit | undefined;
  readonly #process: ChildProcess;
  readonly #pipe: Socket;

  /**
   * Starts a child and waits for its first message.
   * @throws ChildEnded when it ends before it is there
   */
  static async boot(spec: ChildSpec): Promise<ChildHandle> {
    const child = new ChildHandle(spec);
    await child.#await(['booted']);
    return child;
  }

  private constructor(private readonly spec: ChildSpec) {
    this.#process = launchChild(spec);
    this.pid = this.#process.pid ?? 0;
    if (this.pid !== 0) lowerPriority(this.pid);
    this.#pipe = this.#process.stdio[3] as Socket;
    const lifeline = this.#process.stdio[4] as Socket;
    const decoder = new FrameDecoder(spec.frameLimits);
    this.#pipe.on('data', (chunk: Buffer) => this.#receive(decoder, chunk));
    // A broken pipe shows as the end of the process; the stream's own error says nothing more.
    this.#pipe.on('error', () => {});
    lifeline.on('error', () => {});
    this.#forwardLog();
    this.ended = new Promise((resolve) => {
      const settle = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        if (this.#exit) return;
        this.#exit = { reason: this.#endReason, exitCode, signal, peakRssBytes: this.#peakRssBytes };
        this.#pipe.destroy();
        lifeline.destroy();
        this.#exchange?.reject(new ChildEnded(this.#exit));
        this.#exchange = undefined;
        resolve(this.#exit);
      };
      this.#process.on('exit', settle);
      this.#process.on('error', () => settle(null, null));
    });
  }

  get rssBytes(): number {
    return this.#lastRssBytes;
  }

  /** Takes note of what the process was seen to hold. */
  noteResident(bytes: number): void {
    this.#lastRssBytes = bytes;
    this.#peakRssBytes = Math.max(this.#peakRssBytes, bytes);
  }

  get isAlive(): boolean {
    return this.#exit === undefined;
  }

  /**
   * Sends one message and waits for its answer.
   * @throws ChildEnded when the child ends first
   */
  ask(message: ParentMessage, attachments: readonly Uint8Array[] = []): Promise<ChildReply> {
    const answer = this.#await(answersTo[message.type]);
    writeFrame(this.#pipe, message, attachments);
    return answer;
  }

  /** Ends the process at once. It is not asked: a child inside ONNX Runtime never reads its pipe. */
  kill(reason: EndReason): void {
    if (this.#exit || this.#endReason !== 'crash') return;
    this.#endReason = reason;
    this.#process.kill('SIGKILL');
  }

  #await(answers: Exchange['answers']): Promise<ChildReply> {
    if (this.#exit) return Promise.reject(new ChildEnded(this.#exit));
    if (this.#exchange) return Promise.reject(new Error('a child answers one message at a time'));
    return new Promise((resolve, reject) => {
      this.#exchange = { answers, resolve, reject };
    });
  }

  #receive(decoder: FrameDecoder, chunk: Buffer): void {
    try {
      for (const frame of decoder.push(chunk)) {
        const message = ChildMessage.parse(frame.message);
        this.noteResident(message.rssBytes);
        const exchange = this.#exchange;
        if (!exchange) throw new FrameError('a message that nobody asked for');
        if (!exchange.answers.includes(message.type)) throw new FrameError(`a ${message.type} that answers nothing`);
        this.#exchange = undefined;
        exchange.resolve({ message, attachments: frame.attachments });
      }
    } catch (error) {
      this.spec.logger.error({ pid: this.pid, err: error }, 'child broke the frame protocol');
      this.#pipe.pause();
      this.kill('protocol');
    }
  }

  /** The child's log lines go on as they are; anything else it prints is kept to the log, bounded. */
  #forwardLog(): void {
    const { stdout, stderr } = this.#process;
    if (stdout) {
      createInterface({ input: stdout }).on('line', (line) => {
        if (line.length > logLineBytesMax) return;
        if (line.startsWith('{')) standardOutput().write(`${line}\n`);
        else this.spec.logger.debug({ pid: this.pid, line }, 'child output');
      });
    }
    if (stderr) {
      createInterface({ input: stderr }).on('line', (line) => {
        this.spec.logger.debug({ pid: this.pid, line: line.slice(0, logLineBytesMax) }, 'child stderr');
      });
    }
  }
}

/**
 * Below the parent, so that refusals and health answers stay fast while children work; and from the first moment, since
 * what a child starts with takes longer than many a picture.
 */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, Math.min(19, getPriority() + 5));
  } catch {
    // It has ended already, which shows elsewhere.
  }
}
