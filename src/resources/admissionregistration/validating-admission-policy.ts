import { defineResource } from '../define-resource.js'
import type { ValidatingAdmissionPolicy } from '../shapes/admissionregistration-v1.js'

export const validatingAdmissionPolicy = defineResource<ValidatingAdmissionPolicy>('admissionregistration.k8s.io/v1/validatingadmissionpolicies', {
  metadataChecks: ['whole'],
  takesAnyFinalizer: true,
  cells: {
    Validations: ({ spec }) => spec.validations?.length ?? 0,
    ParamKind: ({ spec: { paramKind } }) => (paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>'),
  },
})
