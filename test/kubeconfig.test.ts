import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { afterAll, expect, it } from 'vitest'
import { writeKubeconfig } from '../src/kubeconfig.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-kubeconfig-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const certificates = { folder: scratch, ca: 'CA', server: { cert: '', key: '' }, admin: { cert: 'CERT', key: 'KEY' }, serviceAccountKey: '' }
const server = 'https://127.0.0.1:6443'

it('a kubeconfig leads to the server as the administrator, and nobody else may read it', () => {
  const { path } = writeKubeconfig({ server, certificates })
  expect(path).toBe(join(scratch, 'kubeconfig-6443'))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const config = new KubeConfig()
  config.loadFromFile(path)
  const data = (text: string) => Buffer.from(text).toString('base64')
  expect(config.getCurrentCluster()).toMatchObject({ server, caData: data('CA') })
  expect(config.getCurrentUser()).toMatchObject({ certData: data('CERT'), keyData: data('KEY') })
})

it('a kubeconfig of a plain server carries no secrets', () => {
  const { path } = writeKubeconfig({ server: 'http://127.0.0.1:8080', certificates })
  expect(readFileSync(path, 'utf8')).not.toMatch(/data/)
  const config = new KubeConfig()
  config.loadFromFile(path)
  expect(config.getCurrentCluster()?.server).toBe('http://127.0.0.1:8080')
})

it('a kubeconfig of somebody else is left alone', () => {
  const path = join(scratch, 'config')
  const foreign = 'apiVersion: v1\nkind: Config\nclusters:\n- name: production\n  cluster: {server: https://example.test}\n'
  writeFileSync(path, foreign)
  expect(() => writeKubeconfig({ server, path, certificates })).toThrow(/belongs|somebody else.*--kubeconfig/)
  expect(readFileSync(path, 'utf8')).toBe(foreign)
})

it('a kubeconfig that got a second cluster is left alone', () => {
  const path = join(scratch, 'mixed')
  writeKubeconfig({ server, path, certificates })
  writeFileSync(path, `${readFileSync(path, 'utf8')}- name: other\n  cluster:\n    server: https://example.test\n`)
  expect(() => writeKubeconfig({ server, path, certificates })).toThrow(/somebody else/)
})

it('an own or empty kubeconfig is written again', () => {
  const path = join(scratch, 'own')
  writeFileSync(path, '')
  writeKubeconfig({ server, path, certificates })
  writeKubeconfig({ server: 'https://127.0.0.1:7443', path, certificates })
  expect(readFileSync(path, 'utf8')).toMatch(/127\.0\.0\.1:7443/)
})

it('a kubeconfig of a passing port goes with its server', () => {
  const { path, close } = writeKubeconfig({ server: 'https://127.0.0.1:50123', certificates, isPassing: true })
  close()
  expect(() => statSync(path)).toThrow()
})

it('a kubeconfig that cannot be written says so', () => {
  expect(() => writeKubeconfig({ server, path: join(scratch, 'own', 'config'), certificates })).toThrow(/--kubeconfig/)
})
