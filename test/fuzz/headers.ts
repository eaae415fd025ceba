// Headers that are nearly right.
import { type Chance, happens, oneOf } from './chance.js'
import { accepts, mark, servedAccepts, texts, userAgents } from './values.js'

export type Header = readonly [name: string, value: string]

const others: readonly ((next: Chance) => readonly Header[])[] = [
  (next) => [['Impersonate-User', oneOf(['jane', 'system:serviceaccount:samples:default', 'system:anonymous', '__proto__', ''], next)]],
  (next) => [
    ['Impersonate-User', 'jane'],
    ['Impersonate-Group', oneOf(['developers', 'system:authenticated', '', 'a,b'], next)],
    ['Impersonate-Group', 'more'],
    [
      oneOf(['Impersonate-Extra-scopes', 'Impersonate-Extra-__proto__', 'Impersonate-Extra-%', 'Impersonate-Extra-constructor', 'Impersonate-Extra-'], next),
      mark,
    ],
  ],
  () => [['Impersonate-Group', 'alone']],
  (next) => [
    [
      'Authorization',
      oneOf(
        ['Bearer x', 'Bearer', 'Basic YTpi', `Bearer ${'x'.repeat(8000)}`, 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.', 'bearer a.b.c', 'Bearer __proto__'],
        next,
      ),
    ],
  ],
  (next) => [['Audit-ID', oneOf(['b7b1a5b4-0000-4000-8000-000000000000', 'x', '', 'x'.repeat(500), 'a b\tc', 'caf\xe9', mark, '__proto__'], next)]],
  () => [['Accept-Encoding', 'gzip']],
  (next) => [['Accept-Encoding', oneOf(['gzip;q=0', 'br', 'gzip, deflate', '*', ''], next)]],
  (next) => [['If-None-Match', oneOf(['"x"', '*', 'W/"x"', ''], next)]],
  (next) => [['If-Match', oneOf(['"x"', '*'], next)]],
  (next) => [['If-Modified-Since', oneOf(['Thu, 26 Nov 2026 00:00:00 GMT', 'x'], next)]],
  (next) => [['Range', oneOf(['bytes=0-1', 'bytes=-', 'bytes=5-1,2-'], next)]],
  (next) => [['Origin', oneOf(['http://127.0.0.1', 'null', 'http://evil.example', 'x'], next)]],
  () => [['Expect', '100-continue']],
  (next) => [['Content-Encoding', oneOf(['gzip', 'identity', 'br'], next)]],
  (next) => [
    ['X-Forwarded-For', oneOf(['10.0.0.1', '__proto__'], next)],
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Uri', '/x'],
    ['X-HTTP-Method-Override', 'DELETE'],
  ],
  (next) => [
    ['X-Remote-User', 'root'],
    ['X-Remote-Group', 'system:masters'],
    ['X-Remote-Extra-__proto__', oneOf(texts, next)],
  ],
  (next) => [[oneOf(['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString'], next), 'x']],
  () => Array.from({ length: 60 }, (_, index) => [`X-${index}`, 'x'] as const),
  (next) => [['Cookie', oneOf(['a=b', '__proto__=x', 'x'.repeat(4000)], next)]],
  (next) => [['Host', oneOf(['evil.example', '', 'a:99999', '[::1]:1', 'x'.repeat(300)], next)]],
]

/** @param isMutated whether something is to be unusual */
export function someHeaders(given: { accept?: string; contentType?: string }, isMutated: boolean, next: Chance): Header[] {
  const { accept, contentType } = given
  const headers: Header[] = [['Host', 'localhost']]
  const wanted = happens(isMutated ? 60 : 12, next) ? oneOf(isMutated ? accepts : servedAccepts, next) : accept
  if (wanted !== undefined) headers.push(['Accept', wanted])
  if (contentType !== undefined) headers.push(['Content-Type', contentType])
  headers.push(['User-Agent', happens(isMutated ? 40 : 5, next) ? oneOf(userAgents, next) : 'fuzz/1.0'])
  // Wrong credentials are refused before anything else is looked at: few of them.
  if (isMutated) for (let count = 1 + next(2); count > 0; count--) headers.push(...oneOf(others, next)(next))
  const isRefused = headers.some(([name]) => name === 'Authorization') && happens(70, next)
  return headers.filter(([name]) => !(isRefused && name === 'Authorization')).map(([name, value]) => [name, asHeader(value)])
}

/** What Node lets through on its way in; the rest is tried by bare bytes. */
const asHeader = (value: string) =>
  Buffer.from(value.slice(0, 10_000))
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, ' ')
