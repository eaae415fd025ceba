// The process: arguments, the server, signals, exit codes.
import { createLogger } from '../logger.js'
import { startServer } from '../server.js'
import { defaultServerOptions, logLevels, type ServerOptions } from '../server-options.js'
import { isStartProblem } from '../start-problem.js'
import { version } from '../version.js'
import { type Output, parseCommandLine } from './command.js'
import { readyMessage } from './ready-message.js'

const misuse = 2
// What is done is in the log already: a connection that will not end must not hold the process.
const closeMillisMax = 900

/** Runs the command line to its end, or until the server is ready. */
export async function main(argv: readonly string[]): Promise<'serving' | 'done'> {
  const request = parseCommandLine(argv, version)
  if (request.kind === 'problem') fail(request.text)
  if (request.kind === 'serve') return serve(request.options, request.output)
  process.stdout.write(request.text)
  return 'done'
}

async function serve(options: Partial<ServerOptions>, output: Output): Promise<'serving'> {
  // Who reads the ready line may close the pipe after it.
  process.stdout.on('error', () => {})
  const signals = new Signals()
  try {
    const server = await startServer(options, { environment: process.env, logger: makeLogger(options) })
    signals.endWith(() => server.close())
    process.stdout.write(readyMessage(server, output, version))
    return 'serving'
  } catch (error) {
    if (!isStartProblem(error)) throw error
    return fail(error.message)
  }
}

/** A level that does not exist is told by the check of the options, in its turn. */
function makeLogger({ logLevel = defaultServerOptions.logLevel }: Partial<ServerOptions>) {
  return createLogger({ level: logLevels.includes(logLevel) ? logLevel : defaultServerOptions.logLevel, isTerminal: process.stderr.isTTY === true })
}

function fail(problem: string): never {
  process.stderr.write(`kubedouble: ${problem.replaceAll('\n', ' ')}\n`)
  process.exit(misuse)
}

const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const

/** The first signal ends the server in order, the second at once. Before the server stands the first one is enough. */
class Signals {
  #close: (() => Promise<void>) | undefined

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#take(signal))
  }

  endWith(close: () => Promise<void>): void {
    this.#close = close
  }

  #take(signal: 'SIGINT' | 'SIGTERM'): void {
    const close = this.#close
    if (!close) process.exit(128 + signalNumbers[signal])
    this.#close = undefined
    setTimeout(() => process.exit(0), closeMillisMax).unref()
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`kubedouble: ${(error as Error).stack}\n`)
        process.exit(1)
      },
    )
  }
}
