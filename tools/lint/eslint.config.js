import { fileURLToPath } from 'node:url'
import tseslint from 'typescript-eslint'

const root = fileURLToPath(new URL('../..', import.meta.url))

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '.loadbearing/',
      'tools/',
      // Wrong on purpose, each in its own way: a learner's code and the fixtures of the checks.
      'levels/level1/server.ts',
      'checks/submissions/',
      'checks/golden/',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './tools/lint/tsconfig.json', tsconfigRootDir: root },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false } },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // `for await`, fixtures and handlers are async by their type, whether or not they wait.
      '@typescript-eslint/require-await': 'off',
      // A module that a probe looks at is taken apart like any other: its functions have no `this`.
      '@typescript-eslint/unbound-method': 'off',
      'no-empty-pattern': 'off',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: 'error',
    },
  },
  { files: ['vitest.config.ts'], rules: { 'no-restricted-exports': 'off' } },
)
