// Checks: what the server is held to. Each is one line of the report, however often it was looked at.

interface Check {
  looks: number
  failures: string[]
}

const shownMax = 3
const lettersMax = 2000

export class Checks {
  readonly #checks = new Map<string, Check>()

  /** A check that nobody looks at has failed. */
  promise(...names: string[]): void {
    for (const name of names) this.#of(name)
  }

  /** @param found says what is there instead */
  hold(name: string, isSo: boolean, found: () => string): void {
    const check = this.#of(name)
    check.looks++
    if (!isSo) check.failures.push(found())
  }

  get hasFailed(): boolean {
    return [...this.#checks.values()].some(({ failures }) => failures.length > 0)
  }

  /** Says how each came out. */
  report(): { passed: number; failed: number } {
    const totals = { passed: 0, failed: 0 }
    for (const [name, { looks, failures }] of this.#checks) {
      if (looks && !failures.length) {
        totals.passed++
        console.log(`ok    ${name} (${looks.toLocaleString('en')})`)
        continue
      }
      totals.failed++
      console.log(`FAIL  ${name}: ${looks ? `${failures.length} of ${looks}` : 'nobody looked'}`)
      for (const failure of failures.slice(0, shownMax)) console.log(`      ${failure.slice(0, lettersMax)}`)
    }
    return totals
  }

  #of(name: string): Check {
    const check = this.#checks.get(name) ?? { looks: 0, failures: [] }
    this.#checks.set(name, check)
    return check
  }
}
