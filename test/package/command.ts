// A command that runs to its end.
import { execFile } from 'node:child_process'

export interface Ending {
  code: number
  stdout: string
  stderr: string
}

interface Options {
  cwd: string
  env?: NodeJS.ProcessEnv
  limitSeconds?: number
}

export function run(command: string, args: readonly string[], { limitSeconds = 600, ...options }: Options): Promise<Ending> {
  return new Promise((resolve) => {
    execFile(command, args, { ...options, timeout: limitSeconds * 1000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
}

/** @returns what it printed; throws when it ends badly */
export async function must(command: string, args: readonly string[], options: Options): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout.slice(-4000)}${stderr.slice(-4000)}`)
  return stdout
}
