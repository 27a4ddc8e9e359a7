import { type DestinationStream, pino } from "pino";

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Structured lines on standard error, one JSON object each; names that may hold a credential are cut. */
export function createLog(level: LogLevel = "info", destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          "authorization",
          "*.authorization",
          "token",
          "*.token",
          "key",
          "*.key",
          "secret",
          "*.secret",
          "password",
          "*.password",
          "args",
          "*.args",
        ],
        censor: "[secret]",
      },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
