// The log: lines of JSON on stderr, or a form for people when stderr is a terminal.
import { createRequire } from 'node:module'
import pino, { type DestinationStream, type Logger } from 'pino'

const require = createRequire(import.meta.url)

export interface LoggerOptions {
  /** A level of pino's, or `silent`. */
  level: string
  isTerminal: boolean
}

export function createLogger({ level, isTerminal }: LoggerOptions): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, isTerminal ? prettyDestination() : pino.destination(2))
}

/** Loaded for people only: machines read JSON, and wait for nothing. */
function prettyDestination(): DestinationStream {
  const pretty = require('pino-pretty') as typeof import('pino-pretty')
  return pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
}
