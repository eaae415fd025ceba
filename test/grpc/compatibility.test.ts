// Clients that were made from the last released .proto files go on working.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { brokenPromises, currentFiles, parsePromises, promisesOf, releasedPath } from '../../scripts/released-contract.mjs'
import type { Plain } from '../../src/machinery/index.js'

const released = parsePromises(readFileSync(releasedPath, 'utf8'))
const pods = (files: Plain[]) => files.find(({ name }) => name === 'kubedouble/v1/pods.proto') as Plain
const message = (files: Plain[], name: string) => pods(files).messageType.find((each: Plain) => each.name === name)

describe('the contract', () => {
  it('keeps what the last release promised', () => {
    expect(Object.keys(released).length).toBeGreaterThan(700)
    expect(brokenPromises(released, promisesOf(currentFiles()))).toEqual([])
  })

  it.each<[what: string, change: (files: Plain[]) => void, broken: RegExp]>([
    ['a field that is gone', (files) => message(files, 'PodsGetRequest').field.pop(), /PodsGetRequest 3 was "resource_version 9" and is gone/],
    ['another number', (files) => (message(files, 'PodsGetRequest').field[0].number = 9), /PodsGetRequest 1 was "namespace 9" and is gone/],
    ['another name', (files) => (message(files, 'PodsGetRequest').field[0].name = 'ns'), /PodsGetRequest 1 was "namespace 9" and is "ns 9"/],
    ['another type', (files) => (message(files, 'PodsGetRequest').field[0].type = 5), /PodsGetRequest 1 .* is "namespace 5"/],
    ['no presence', (files) => (message(files, 'PodsDeleteRequest').field[2].proto3Optional = undefined), /PodsDeleteRequest 3 was/],
    ['a message that is gone', (files) => pods(files).messageType.shift(), /PodsGetRequest is gone/],
    ['a method that is gone', (files) => pods(files).service[0].method.shift(), /Pods Get was/],
    ['a stream that is none', (files) => (pods(files).service[0].method.at(-1).serverStreaming = false), /Pods Watch was/],
  ])('is broken by %s', (_what, change, broken) => {
    const files = currentFiles()
    change(files)
    expect(brokenPromises(released, promisesOf(files)).join('\n')).toMatch(broken)
  })

  it('is not broken by what comes on top', () => {
    const files = currentFiles()
    message(files, 'PodsGetRequest').field.push({ name: 'more', number: 99, label: 1, type: 9 })
    pods(files).service[0].method.push({ name: 'More', inputType: '.a', outputType: '.b' })
    expect(brokenPromises(released, promisesOf(files))).toEqual([])
  })
})
