// Transcripts in Markdown: fenced blocks of `console` with commands after `$ ` and what they print.
import { execFile } from 'node:child_process'

export interface Step {
  command: string
  /** What was printed when the page was written. */
  output: string
  /** Of the command in its file, for messages. */
  line: number
}

export function readTranscripts(markdown: string): Step[][] {
  const transcripts: Step[][] = []
  let current: Step[] | undefined
  markdown.split('\n').forEach((text, index) => {
    if (text.startsWith('```')) current = text === '```console' ? [] : undefined
    if (text === '```console') transcripts.push(current as Step[])
    else if (!current || text.startsWith('```')) return
    else if (text.startsWith('$ ')) current.push({ command: text.slice(2), output: '', line: index + 1 })
    else {
      const step = current.at(-1)
      if (!step) throw new Error(`line ${index + 1} prints before any command`)
      if (step.command.endsWith('\\')) step.command = `${step.command.slice(0, -1)}${text.trim()}`
      else step.output += `${text}\n`
    }
  })
  return transcripts
}

/** Ages, addresses, generated names and the padding of columns differ from run to run. */
export function normalise(output: string): string {
  return output
    .replace(/\b10\.(?:96|244)\.\d+\.\d+\b/g, '<ip>')
    .replace(/\b3[0-2]\d{3}\b/g, '<port>')
    .replace(/\b(web(?:-\w+)?)-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '$1-<suffix>')
    .replace(/\bnode-\d\b/g, 'node-<n>')
    .replace(/\b(?:\d+m)?\d+s\b/g, '<age>')
    .replace(/[ \t]+/g, ' ')
    .replace(/ +$/gm, '')
    .trim()
}

/** Runs a command in bash. @returns what it printed on either stream, in order */
export function runShell(command: string, env: Record<string, string | undefined>): Promise<string> {
  return new Promise((resolve) => {
    execFile('bash', ['-c', `{ ${command}\n} 2>&1`], { env, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 }, (_error, stdout) => resolve(stdout))
  })
}

/** @returns the page with this for what its commands, in their order, print */
export function writeTranscripts(markdown: string, printed: readonly string[]): string {
  const lines: string[] = []
  let isInside = false
  let isCommand = false
  let next = 0
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isInside = line === '```console'
    const isContinued: boolean = isCommand && lines.at(-1)!.endsWith('\\')
    isCommand = isInside && (line.startsWith('$ ') || isContinued)
    if (isInside && !isCommand && !line.startsWith('```')) continue
    lines.push(line)
    if (isCommand && !line.endsWith('\\'))
      lines.push(
        ...(printed[next++] ?? '')
          .split('\n')
          .slice(0, -1)
          .map((each) => each.trimEnd()),
      )
  }
  return lines.join('\n')
}
