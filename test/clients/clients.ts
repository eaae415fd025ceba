// Clients: the programs that tell the story, what each needs, how it is made ready and run, and how long that may take.
import { join } from 'node:path'
import { hasTools } from '../support/tools.js'

export interface Client {
  name: string
  /** The file that pins its version, in test/clients. */
  pins: string
  /** Commands that must be on PATH; without one of them the client is skipped. */
  needs: readonly string[]
  /** Why it cannot be here at all. */
  absence?: string
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
  { name: 'kubectl', ...carried('kubectl/story.ts', '1.35.2') },
  { name: 'kubectl-1.32', ...carried('kubectl/story.ts', '1.32.3') },
  { name: 'helm', ...carried('helm/story.ts', '4.1.4') },
  { name: 'helm-3', ...carried('helm/story.ts', '3.17.2') },
  { name: 'javascript', pins: '../../package.json', needs: [], run: { command: typescript('javascript/story.ts'), limitSeconds: 240 }, isInTests: true },
  { name: 'python', ...python(cache, 'story.py') },
  { name: 'kr8s', ...python(cache, 'kr8s_story.py') },
  { name: 'kopf', ...python(cache, 'kopf_story.py') },
  {
    name: 'java',
    pins: 'java/pom.xml',
    needs: ['java', 'mvn'],
    prepare: {
      commands: [['mvn', '-B', '-q', '-f', 'java/pom.xml', `-Dtarget=${cache}/java`, 'compile', 'dependency:copy-dependencies']],
      limitSeconds: 240,
    },
    run: { command: ['java', '-cp', `${cache}/java/classes:${cache}/java/dependency/*`, 'story.Story'], limitSeconds: 240 },
  },
  {
    name: 'rust',
    pins: 'rust/Cargo.toml',
    needs: ['cargo'],
    prepare: { commands: [['cargo', 'build', '--quiet', '--manifest-path', 'rust/Cargo.toml']], limitSeconds: 600 },
    run: { command: [join(cache, 'rust', 'debug', 'story')], limitSeconds: 240 },
    environment: { CARGO_TARGET_DIR: join(cache, 'rust') },
  },
  {
    name: 'go-protobuf-bytes',
    ...go(cache, 'go-protobuf-bytes'),
    run: { command: [...typescript('go-protobuf-bytes/story.ts'), join(cache, 'go-protobuf-bytes')], limitSeconds: 240 },
  },
  { name: 'go-client-go', ...go(cache, 'go-client-go') },
  // The same sources, compiled with an older library.
  { name: 'go-client-go-0.32', ...go(cache, 'go-client-go', { modules: 'client-go-0.32.mod', tags: 'client_go_0_32' }) },
  { name: 'go-controller-runtime', ...go(cache, 'go-controller-runtime') },
]

/** kubectl and helm come from packages of npm; the story holds them to this version. */
function carried(path: string, version: string): Omit<Client, 'name'> {
  return {
    pins: 'clients.ts',
    needs: [],
    absence: hasTools ? undefined : 'npm carries it for Linux on x64 only',
    run: { command: [...typescript(path), version], limitSeconds: 240 },
    isInTests: true,
  }
}

/** The Python clients live in one environment. */
function python(cache: string, script: string): Omit<Client, 'name'> {
  const interpreter = `${cache}/python/bin/python`
  return {
    pins: 'python/requirements.txt',
    needs: ['python3'],
    prepare: {
      commands: [
        ['python3', '-m', 'venv', `${cache}/python`],
        [interpreter, '-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', 'python/requirements.txt'],
      ],
      limitSeconds: 240,
    },
    run: { command: [interpreter, `python/${script}`], limitSeconds: 240 },
    // Nothing is written beside the sources.
    environment: { PYTHONDONTWRITEBYTECODE: '1' },
  }
}

/** A program in Go, compiled into the cache. */
function go(cache: string, folder: string, { modules = 'go.mod', tags = '' } = {}): Omit<Client, 'name'> {
  const program = join(cache, tags ? `${folder}-${tags}` : folder)
  const build = ['go', 'build', '-C', folder, `-modfile=${modules}`, `-tags=${tags}`, '-o', program, '.']
  return {
    pins: join(folder, modules),
    needs: ['go'],
    prepare: { commands: [build], limitSeconds: 600 },
    run: { command: [program], limitSeconds: 240 },
  }
}
