// JSON as the API prints it: one line, with the characters that HTML minds escaped as Go's encoder does.

const special = /[<>&\u2028\u2029]/
const everySpecial = /[<>&\u2028\u2029]/g

export function printJSON(value: unknown): string {
  const text = JSON.stringify(value)
  return special.test(text) ? text.replace(everySpecial, escapeCharacter) : text
}

export function printPrettyJSON(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, undefined, indent)
  return special.test(text) ? text.replace(everySpecial, escapeCharacter) : text
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
