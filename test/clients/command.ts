// A command-line client with a home and a kubeconfig of its own, so that nothing of the machine takes part.
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Minor, type Output, toolPath } from '../support/tools.js'

export interface CommandLine {
  readonly path: string
  /** For files, too. */
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
  /** How it went. */
  attempt(...words: string[]): Promise<Output>
  /** What it prints when all is well; fails with what it says otherwise. Words end at spaces; what has some stands in `more`. */
  run(line: string, ...more: string[]): Promise<string>
  /** What it says when it must fail. */
  failure(line: string, ...more: string[]): Promise<string>
  /** @returns the path of a file with this text */
  file(name: string, text: string): string
}

export function commandLine(tool: 'kubectl' | 'helm', minor: Minor): CommandLine {
  const home = mkdtempSync(join(tmpdir(), `kubedouble-${tool}-`))
  const kubeconfig = join(home, 'kubeconfig')
  // A copy: the story makes a namespace of its own the default.
  copyFileSync(process.env.KUBECONFIG ?? join(process.env.HOME ?? '', '.kube', 'config'), kubeconfig)
  const environment = { PATH: process.env.PATH ?? '', HOME: home, KUBECONFIG: kubeconfig }
  const path = toolPath(tool, minor)
  const attempt = (...words: string[]) =>
    new Promise<Output>((resolve) => {
      execFile(path, words, { env: environment, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
        resolve({ stdout, stderr, code: error ? Number(error.code ?? 1) : 0 })
      })
    })
  return {
    path,
    home,
    environment,
    attempt,
    async run(line, ...more) {
      const { stdout, stderr, code } = await attempt(...line.split(' '), ...more)
      if (code !== 0) throw new Error(`${tool} ${line}: ${stdout}${stderr}`)
      return stdout
    },
    async failure(line, ...more) {
      const { stdout, stderr, code } = await attempt(...line.split(' '), ...more)
      if (code === 0) throw new Error(`${tool} ${line} went well: ${stdout}`)
      return stderr
    },
    file(name, text) {
      const file = join(home, name)
      writeFileSync(file, text)
      return file
    },
  }
}
