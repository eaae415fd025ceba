// What is found out about texts that come up again and again.

// Texts come from clients: longer ones are rare, and more of them are not kept.
const lengthMax = 64
const countMax = 1024

/** `find`, which finds the same for the same text and gives what nobody changes, asked once for a text that comes up often. */
export function remembered<Found>(find: (text: string) => Found): (text: string) => Found {
  const known = new Map<string, Found>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const found = find(text)
    if (text.length > lengthMax) return found
    if (known.size >= countMax) known.clear()
    known.set(text, found)
    return found
  }
}
