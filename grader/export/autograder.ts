/**
 * A zip for Gradescope: its `setup.sh`, its `run_autograder`, and the workbook.
 *
 * Gradescope unpacks it into /autograder/source, runs setup.sh once, as root, and for each submission
 * run_autograder, which writes /autograder/results/results.json. By default a container has 10 minutes,
 * 768 MB and half a processor (FORMATS: specs.md, troubleshooting.md).
 */
import { createWriteStream, existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import type { Level } from '../../levels/register.ts'
import { root } from '../course.ts'
import { Draft } from '../draft.ts'

export interface AutograderOptions {
  /** Whoever does not bring the levels below gets those of the reference. */
  readonly onReference?: boolean
  readonly releaseDetails?: boolean
}

/** What of the checkout an autograder needs: all that grades, and nothing that checks the workbook itself. */
const PARTS = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'tsconfig.json',
  'TROUBLESHOOTING.md',
  'levels',
  'solutions',
  'tests',
  'bench',
  'harness',
  'grader',
]

/** @throws an error of the file system, with its `code` and the `path` that was asked for */
export async function writeAutograder(
  file: string,
  level: Level,
  options: AutograderOptions = {},
): Promise<void> {
  const zip = new ZipFile()
  const executable = { mode: 0o100755, mtime: EPOCH }
  zip.addBuffer(Buffer.from(setupScript()), 'setup.sh', executable)
  zip.addBuffer(Buffer.from(runScript(level, options)), 'run_autograder', executable)
  for (const name of PARTS.flatMap(filesOf))
    zip.addFile(path.join(root, name), `workbook/${name}`, { mode: 0o100644, mtime: EPOCH })
  zip.end()
  const draft = new Draft(file)
  try {
    await pipeline(zip.outputStream, createWriteStream(draft.path))
    draft.putInPlace()
  } catch (error) {
    throw draft.giveUp(error)
  }
}

/** The same checkout makes the same bytes. */
const EPOCH = new Date('2026-01-01T00:00:00Z')

function filesOf(name: string): string[] {
  const at = path.join(root, name)
  if (!existsSync(at)) return []
  return readdirSync(path.dirname(at), { withFileTypes: true })
    .filter((entry) => entry.name === path.basename(name) && entry.name !== 'node_modules')
    .flatMap((entry) => {
      if (entry.isFile()) return [name]
      return entry.isDirectory()
        ? readdirSync(at)
            .toSorted()
            .flatMap((child) => filesOf(`${name}/${child}`))
        : []
    })
}

const NODE = '24.21.0'

/** Runs once, as root, when the image is built. */
function setupScript(): string {
  return `#!/usr/bin/env bash
# Loadbearing on Gradescope: brings Node, installs the workbook, and closes it to submissions.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/workbook"

if ! node --version 2>/dev/null | grep -qE '^v(2[0-9]|[3-9][0-9])'; then
  apt-get update
  apt-get install -y --no-install-recommends curl ca-certificates xz-utils
  case "$(uname -m)" in aarch64) cpu=arm64 ;; *) cpu=x64 ;; esac
  curl -fsSL "https://nodejs.org/dist/v${NODE}/node-v${NODE}-linux-$cpu.tar.xz" | tar -xJ -C /usr/local --strip-components=1
fi
npm ci --no-audit --no-fund

# Submissions run as a user who owns nothing: that user may start Node, and read nothing of ours.
install -m 755 node_modules/node/bin/node ../node
chmod 711 .
chmod 700 tests solutions bench harness grader
`
}

/** Ends, with what it has, well before the container is ended. */
const SECONDS = 540

function runScript({ number }: Level, { onReference, releaseDetails }: AutograderOptions): string {
  const folder = `level${number}`
  const grade = onReference ? ' --on-reference' : ''
  const tell = releaseDetails ? ' --release-details' : ''
  return `#!/usr/bin/env bash
# Grades one submission of level ${number} as another user, and writes results/results.json.
set -u
home=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
workbook=$home/source/workbook
node=$home/source/node

# Folders that a submission can neither list nor guess.
export TMPDIR=$home/work
rm -rf "$TMPDIR" && mkdir -m 711 "$TMPDIR"
mkdir -p "$home/results" && chmod 700 "$home/results"

# A whole repository, the folder of the level, or its files alone.
from=$home/submission
# A link could lead to our own solutions.
if [ ! -L "$from/levels" ] && [ -d "$from/levels/${folder}" ]; then
  from=$from/levels
elif [ ! -d "$from/${folder}" ]; then
  mkdir -m 700 "$TMPDIR/from"
  cp -RP "$home/submission" "$TMPDIR/from/${folder}"
  from=$TMPDIR/from
fi

out=$TMPDIR/out
mkdir -m 700 "$out"
cd "$workbook" || exit 1
# What passed before the time was over counts: the result is written after each test.
timeout --signal=INT --kill-after=20 ${SECONDS} \\
  "$node" grader/main.js grade ${folder} --from "$from" --out "$out" --sandbox other-user --jobs 2${grade}
code=$?
# 0: everything passes, 1: it falls short, 3: a fault of ours that cost nothing, 124, 130, 137: the time was over.
echo "The grader ended with exit code $code."
"$node" grader/main.js export gradescope "$out/result.json" --out "$home/results/results.json"${tell}
`
}
