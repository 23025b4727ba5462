/**
 * GitHub Classroom: what goes into a learner's repository, so that each push is graded.
 *
 * The tests of a learner's repository can be read by the learner, so these are the public ones.
 */
import { readFileSync } from 'node:fs'
import type { Level } from '../../levels/register.ts'

/** Enough for a machine that is shared with others. */
const TIMEOUT_MINUTES = 10

const STEP = '.github/classroom/step.ts'

/** The files, by name: the workflow, the step that it runs, and the tests for classrooms that still run education/autograding@v1. */
export function classroomFiles(level: Level): Readonly<Record<string, string>> {
  return {
    '.github/workflows/classroom.yml': workflow(level),
    [STEP]: readFileSync(new URL('./classroom-step.ts', import.meta.url), 'utf8'),
    '.github/classroom/autograding.json': `${JSON.stringify(legacy(level), null, 2)}\n`,
  }
}

/** One run of the level, points for each task. */
function workflow({ number }: Level): string {
  const id = `level${number}`
  return `name: Autograding Tests
on:
  - push
  - repository_dispatch
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    steps:
      - uses: actions/checkout@v4
      - run: npm ci
      - name: Level ${number}
        id: ${id}
        timeout-minutes: ${TIMEOUT_MINUTES}
        run: |
          # Exit code 1 is work that falls short: the reporter tells it.
          npm test -- ${id} --out graded || [ $? -eq 1 ]
          node_modules/.bin/node ${STEP} graded/public-result.json >> "$GITHUB_OUTPUT"
      - name: Autograding Reporter
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
          ${id.toUpperCase()}_RESULTS: \${{ steps.${id}.outputs.result }}
        with:
          runners: ${id}
`
}

/** A test for each task: its points are given whole or not at all, by the exit code. */
function legacy({ tasks }: Level): unknown {
  return {
    tests: tasks.map(({ id, title, points }, place) => ({
      name: `${id} ${title}`,
      setup: place === 0 ? 'npm ci' : '',
      run: `npm test -- ${id}`,
      input: '',
      output: '',
      comparison: 'included',
      timeout: TIMEOUT_MINUTES,
      points,
    })),
  }
}
