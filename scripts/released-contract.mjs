// What a gRPC client relies on, one line a message, enum or service; and whether a later contract keeps to it.
//   node scripts/released-contract.mjs    writes what a release promises, with the release and at no other time
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
export const releasedPath = `${root}test/fixtures/grpc/released-contract.txt`

/** @param files the descriptors of proto/. @returns full name to its parts by number or name */
export function promisesOf(files) {
  const promises = {}
  for (const { package: home, messageType = [], enumType = [], service = [] } of files) {
    for (const type of messageType) addMessage(promises, `${home}.${type.name}`, type)
    for (const each of enumType) addEnum(promises, `${home}.${each.name}`, each)
    for (const { name, method } of service) {
      promises[`${home}.${name}`] = Object.fromEntries(method.map((each) => [each.name, methodPromise(each)]))
    }
  }
  return promises
}

function addMessage(promises, fullName, { field = [], nestedType = [], enumType = [], oneofDecl = [] }) {
  promises[fullName] = Object.fromEntries(field.map((each) => [String(each.number), fieldPromise(each, oneofDecl)]))
  for (const nested of nestedType) addMessage(promises, `${fullName}.${nested.name}`, nested)
  for (const each of enumType) addEnum(promises, `${fullName}.${each.name}`, each)
}

function addEnum(promises, fullName, { value }) {
  promises[fullName] = Object.fromEntries(value.map(({ name, number }) => [String(number), name]))
}

function fieldPromise({ name, label, type, typeName, oneofIndex, proto3Optional }, oneofs) {
  const presence = proto3Optional ? ['optional'] : oneofIndex === undefined ? [] : [`in ${oneofs[oneofIndex].name}`]
  return [name, typeName ?? type, ...(label === 3 ? ['repeated'] : []), ...presence].join(' ')
}

function methodPromise({ inputType, outputType, clientStreaming, serverStreaming }) {
  return `${clientStreaming ? 'stream ' : ''}${inputType} -> ${serverStreaming ? 'stream ' : ''}${outputType}`
}

/** @returns what was promised and is no longer so; more than was promised breaks nobody */
export function brokenPromises(released, current) {
  return Object.entries(released).flatMap(([name, parts]) => {
    const now = current[name]
    if (!now) return [`${name} is gone`]
    return Object.entries(parts).flatMap(([key, was]) =>
      now[key] === was ? [] : [`${name} ${key} was "${was}" and is ${now[key] ? `"${now[key]}"` : 'gone'}`],
    )
  })
}

export function formatPromises(promises) {
  const lines = Object.entries(promises).map(
    ([name, parts]) =>
      `${name}: ${Object.entries(parts)
        .map(([key, text]) => `${key} ${text}`)
        .join('; ')}`,
  )
  return `${lines.sort().join('\n')}\n`
}

export function parsePromises(text) {
  const lines = text.split('\n').filter(Boolean)
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(': ')), partsOf(line.slice(line.indexOf(': ') + 2))]))
}

function partsOf(text) {
  return Object.fromEntries(
    text
      .split('; ')
      .filter(Boolean)
      .map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]),
  )
}

export const currentFiles = () => JSON.parse(readFileSync(`${root}proto/descriptors.json`, 'utf8'))

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(releasedPath, formatPromises(promisesOf(currentFiles())))
