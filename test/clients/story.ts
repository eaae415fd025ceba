// A story told in TypeScript: checks that print their line, waits with a deadline, and the control of whoever runs it.
const checkSecondsMax = 120

/** One check: `ok` when the body ends well, `not ok` with the reason when it throws. */
export async function check(sentence: string, body: () => Promise<unknown> | unknown): Promise<void> {
  try {
    await within(checkSecondsMax, Promise.resolve().then(body))
    console.log(`ok ${sentence}`)
  } catch (error) {
    console.log(`not ok ${sentence}: ${String((error as Error).stack ?? error).replaceAll('\n', '\n    ')}`)
    process.exitCode = 1
  }
}

/** Looks again and again until there is something. */
export async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>, secondsMax = 60): Promise<T> {
  const deadline = Date.now() + secondsMax * 1000
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > deadline) throw new Error(`${what}: not within ${secondsMax} s`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export async function within<T>(secondsMax: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${secondsMax} s`)), secondsMax * 1000)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

const control = process.env.KUBEDOUBLE_CONTROL

/** A check that needs the server to be restarted: left out where nobody can do that. */
export async function checkWithControl(sentence: string, body: (restart: (how?: 'expire') => Promise<void>) => Promise<unknown>): Promise<void> {
  if (!control) return console.log(`left out without KUBEDOUBLE_CONTROL: ${sentence}`)
  await check(sentence, () =>
    body(async (how) => {
      const answer = await fetch(`${control}/restart${how ? `?${how}` : ''}`, { method: 'POST' })
      if (!answer.ok) throw new Error(await answer.text())
    }),
  )
}
