// Checks: what the run holds the server to, each told once in the end, with how often it was looked at and what it met.
export interface Finding {
  problem: string
  /** What repeats it. */
  example: string
}

interface Check {
  looks: number
  /** By problem without its numbers and names: what is alike is told once. */
  findings: Map<string, { first: Finding; count: number }>
}

const findingsShownMax = 12
const exampleCharactersMax = 1500

export class Checks {
  readonly #checks = new Map<string, Check>()

  /** Something was looked at. @param problem what is wrong; absent when it is well */
  note(name: string, problem?: string, example: () => string = () => ''): void {
    const check = this.#checks.get(name) ?? { looks: 0, findings: new Map() }
    this.#checks.set(name, check)
    check.looks++
    if (problem === undefined) return
    const kind = kindOf(problem)
    const found = check.findings.get(kind)
    if (found) found.count++
    else check.findings.set(kind, { first: { problem, example: example() }, count: 1 })
  }

  /** Whether everything has been well so far. */
  get isClean(): boolean {
    return [...this.#checks.values()].every(({ findings }) => !findings.size)
  }

  /** Prints all checks. @returns how many stand and how many do not */
  report(print: (line: string) => void): { passed: number; failed: number } {
    let failed = 0
    for (const [name, { looks, findings }] of this.#checks) {
      if (findings.size) failed++
      print(`${findings.size ? 'FAILED' : 'ok'}  ${name} (${looks} looks)`)
      for (const { first, count } of [...findings.values()].slice(0, findingsShownMax)) {
        print(`  ${count} times: ${first.problem.slice(0, exampleCharactersMax)}`)
        if (first.example) print(`    ${first.example.slice(0, exampleCharactersMax).replaceAll('\n', '\n    ')}`)
      }
      if (findings.size > findingsShownMax) print(`  and ${findings.size - findingsShownMax} other kinds`)
    }
    return { passed: this.#checks.size - failed, failed }
  }
}

const kindOf = (problem: string) =>
  problem
    .slice(0, 160)
    .replace(/"[^"]*"/g, '""')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '0')
