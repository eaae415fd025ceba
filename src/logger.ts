// The log: lines of JSON on stderr, or a form for people when stderr is a terminal. Most runs have nothing to say: what writes
// is loaded with the first line.
import { createRequire } from 'node:module'
import type { DestinationStream, Logger as Pino } from 'pino'

const require = createRequire(import.meta.url)

export interface Logger {
  warn(message: string): void
  error(details: object, message: string): void
}

export interface LoggerOptions {
  /** A level of pino's, or `silent`. */
  level: string
  isTerminal: boolean
}

export function createLogger(options: LoggerOptions): Logger {
  let opened: Pino | undefined
  const open = () => {
    opened ??= openPino(options)
    return opened
  }
  return {
    warn: (message) => open().warn(message),
    error: (details, message) => open().error(details, message),
  }
}

function openPino({ level, isTerminal }: LoggerOptions): Pino {
  const { pino } = require('pino') as typeof import('pino')
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, isTerminal ? prettyDestination() : pino.destination(2))
}

/** Loaded for people only: machines read JSON, and wait for nothing. */
function prettyDestination(): DestinationStream {
  const pretty = require('pino-pretty') as typeof import('pino-pretty')
  return pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
}
