/** Text as a file or a pipe gets it. */
import type { Style } from '../../grader/terminal/style.ts'

const same = (text: string) => text

export const plainStyle: Style = { good: same, bad: same, soft: same, strong: same }
