import { expect, test } from 'vitest'
import { changedVariables } from '../../src/testing/module-variables.ts'

test.each([
  ['var calls = 0;\nfunction f() {\n  calls += 1;\n}', ['calls']],
  ['var calls = 0;\nfunction f() {\n  calls++;\n  --other;\n}', ['calls']],
  ['var cache = /* @__PURE__ */ new Map();\nvar f = () => cache.set(1, 2);', ['cache']],
  ['var rows = [];\nfunction f() {\n  rows[2].x = 1;\n}', ['rows']],
  ['var last;\nfunction f() {\n  last ??= 3;\n}', ['last']],
  ['var limit = 5;\nfunction f(x) {\n  return limit === 5 || x.limit + limit;\n}', []],
  ['var f = (a) => a;\nvar g = f(1);\nfunction h() {\n  var calls = 0;\n  calls += 1;\n}', []],
  ['var total = 1;\nfunction f(self) {\n  self.total = 2;\n  self.memory.total += 1;\n}', []],
])('%j', (code, names) => {
  expect(changedVariables(code)).toEqual(names)
})
