// Randomness is handed in, so that a seeded cluster repeats itself byte for byte.

export interface Random {
  /** A whole number from 0 up to, but not including, `below`. */
  integer(below: number): number
  /** A version 4 UUID. */
  uuid(): string
}

// Vowels and look-alikes are left out, as upstream does: apimachinery/pkg/util/rand
const alphanumerics = 'bcdfghjklmnpqrstvwxz2456789'

/** The suffix of generated names. */
export function randomSuffix(random: Random, length = 5): string {
  let text = ''
  for (let i = 0; i < length; i++) text += alphanumerics[random.integer(alphanumerics.length)]
  return text
}
