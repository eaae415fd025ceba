// Clients: the programs that tell the story, what each needs, how it is made ready and run, and how long that may take.
import { join } from 'node:path'

export interface Client {
  name: string
  /** Commands that must be on PATH; without one of them the client is skipped. */
  needs: readonly string[]
  /** Downloads and compiles, in order. */
  prepare?: { commands: readonly (readonly string[])[]; limitSeconds: number }
  /** The program: prints one line a check. */
  run: { command: readonly string[]; limitSeconds: number }
  /** For the preparation and the program, beside KUBECONFIG and KUBEDOUBLE_CONTROL. */
  environment?: Readonly<Record<string, string>>
  /** `npm test` runs it as well, in test/wire/clients.test.ts. */
  isInTests?: boolean
}

/** A program in TypeScript, which runs from its source. */
const typescript = (path: string) => [process.execPath, '--import', 'tsx', path]

/** @param cache a folder that is kept between runs, for what is downloaded and compiled. Commands run in test/clients */
export const clients = (cache: string): readonly Client[] => [
  { name: 'javascript', needs: [], run: { command: typescript('javascript/story.ts'), limitSeconds: 120 }, isInTests: true },
  {
    name: 'go-protobuf-bytes',
    needs: ['go'],
    prepare: { commands: [['go', 'build', '-C', 'go-protobuf-bytes', '-o', join(cache, 'go-protobuf-bytes'), '.']], limitSeconds: 600 },
    run: { command: [...typescript('go-protobuf-bytes/story.ts'), join(cache, 'go-protobuf-bytes')], limitSeconds: 120 },
  },
]
