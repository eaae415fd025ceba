// A Dockerfile, read: its stages, and in each the instructions in their order.

export interface Instruction {
  /** `RUN`, `COPY`, … */
  word: string
  /** What follows, lines that go on joined. */
  text: string
}

export interface Stage {
  name?: string
  base: string
  instructions: Instruction[]
}

export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = []
  const lines = text.split('\n').filter((line) => !line.startsWith('#') && line.trim() !== '')
  for (const line of lines.join('\n').replaceAll('\\\n', ' ').split('\n')) {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) as RegExpExecArray
    if (word === 'FROM') {
      const [base, , name] = rest.split(/\s+/)
      stages.push({ base, name, instructions: [] })
    } else stages.at(-1)?.instructions.push({ word, text: rest })
  }
  return stages
}

/** All of one word in a stage. */
export function textsOf({ instructions }: Stage, wanted: string): string[] {
  return instructions.filter(({ word }) => word === wanted).map(({ text }) => text)
}

/** The one JSON list that an instruction ends with: `CMD ["node", "-e", "…"]`. */
export function wordsOf(text: string): string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[]
}

/** What `COPY` moves: from a stage, or from the context. */
export function copyOf(text: string): { from?: string; sources: string[]; target: string } {
  const words = text.split(/\s+/)
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length)
  const paths = words.filter((word) => !word.startsWith('--'))
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) as string }
}
