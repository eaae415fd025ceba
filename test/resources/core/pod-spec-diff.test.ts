import { describe, expect, it } from 'vitest'
import { diffOfPodSpecs } from '../../../src/resources/core/pod-spec-diff.js'
import type { PodSpec } from '../../../src/resources/shapes/core-v1.js'

const plain = { containers: [{ name: 'c', image: 'a:1', resources: {} }] } as PodSpec
const changed = (change: object) => ({ ...plain, ...change }) as PodSpec
const changedLines = (spec: PodSpec) =>
  diffOfPodSpecs(plain, spec)
    .split('\n')
    .filter((line) => /^[-+]/.test(line))

describe('the difference of two pod specs', () => {
  it('is told in fields of Go, with those before and after', () => {
    expect(diffOfPodSpecs(plain, changed({ subdomain: 'x' }))).toBe(
      '@@ -65,7 +65,7 @@\n  },\n  "ImagePullSecrets": null,\n  "Hostname": "",\n- "Subdomain": "",\n+ "Subdomain": "x",\n  "SetHostnameAsFQDN": null,\n  "Affinity": null,\n  "SchedulerName": "",\n',
    )
  })

  it.each([
    ['a field of the host', { hostNetwork: true }, ['-  "HostNetwork": false,', '+  "HostNetwork": true,']],
    ['an old name', { serviceAccount: 'x' }, []],
    ['a policy', { dnsPolicy: 'None' }, ['- "DNSPolicy": "",', '+ "DNSPolicy": "None",']],
    ['a pointer', { priority: 0 }, ['- "Priority": null,', '+ "Priority": 0,']],
    [
      'a map, in the order of keys',
      { nodeSelector: { b: '1', a: '<2>' } },
      ['- "NodeSelector": null,', '+ "NodeSelector": {', '+  "a": "\\u003c2\\u003e",', '+  "b": "1"', '+ },'],
    ],
    [
      'a list of structs, every field of them',
      { tolerations: [{ key: 'k', operator: 'Exists' }] },
      [
        '- "Tolerations": null,',
        '+ "Tolerations": [',
        '+  {',
        '+   "Key": "k",',
        '+   "Operator": "Exists",',
        '+   "Value": "",',
        '+   "Effect": "",',
        '+   "TolerationSeconds": null',
        '+  }',
        '+ ],',
      ],
    ],
  ])('tells of %s', (_what, change, lines) => {
    expect(changedLines(changed(change))).toEqual(lines)
  })
})
