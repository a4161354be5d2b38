import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { standardOutput } from './log-output.js';

/** Options of every logger of ours: one JSON line per entry, times as ISO text, secrets never. */
export function loggerOptions(service: string, level: string): LoggerOptions {
  return {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [
        'authorization',
        'cookie',
        'token',
        'key',
        'headers',
        '*.authorization',
        '*.cookie',
        '*.token',
        '*.headers',
      ],
      censor: '[hidden]',
    },
  };
}

/** @param destination where the lines go; standard output by default */
export function createLogger(
  service: string,
  level: string,
  destination: DestinationStream = standardOutput(),
): Logger {
  return pino(loggerOptions(service, level), destination);
}
