/**
 * The system calls that a server has no use for, refused by the kernel: a filter in its classic BPF.
 *
 * bubblewrap alone stopped every attack that we tried (see the list in `checks/hostile`); the filter narrows what
 * a fault in the kernel could be reached by. Source: seccomp(2), and Linux `include/uapi/linux/filter.h`.
 */
import { arch } from 'node:os'

/** Numbers of x86-64, `arch/x86/entry/syscalls/syscall_64.tbl`. Other processors have others. */
const REFUSED = {
  // Into other processes
  ptrace: 101,
  process_vm_readv: 310,
  process_vm_writev: 311,
  kcmp: 312,
  pidfd_getfd: 438,
  process_madvise: 440,
  // The kernel's larger attack surfaces
  bpf: 321,
  perf_event_open: 298,
  userfaultfd: 323,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  add_key: 248,
  request_key: 249,
  keyctl: 250,
  // Out of the namespaces, or into new ones
  unshare: 272,
  setns: 308,
  chroot: 161,
  pivot_root: 155,
  mount: 165,
  umount2: 166,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  mount_setattr: 442,
  name_to_handle_at: 303,
  open_by_handle_at: 304,
  // The machine
  acct: 163,
  swapon: 167,
  swapoff: 168,
  reboot: 169,
  init_module: 175,
  finit_module: 313,
  delete_module: 176,
  kexec_load: 246,
  kexec_file_load: 320,
  quotactl: 179,
  iopl: 172,
  ioperm: 173,
  syslog: 103,
  settimeofday: 164,
  clock_settime: 227,
  clock_adjtime: 305,
  adjtimex: 159,
} as const

const CLONE = 56
const FORK = 57
const VFORK = 58
const CLONE3 = 435
/** Calls of the 32-bit-pointer ABI have this bit in their number. */
const X32 = 0x4000_0000
const AUDIT_ARCH_X86_64 = 0xc000_003e

const CLONE_THREAD = 0x0001_0000
/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NEW = 0x7e02_0080

// What the filter answers.
const ALLOW = 0x7fff_0000
const KILL = 0x8000_0000
const ERRNO = 0x0005_0000
const EPERM = 1
const ENOSYS = 38

// Offsets in `struct seccomp_data`.
const NUMBER = 0
const ARCHITECTURE = 4
const FIRST_ARGUMENT = 16

interface Instruction {
  readonly code: number
  readonly ifTrue?: number
  readonly ifFalse?: number
  readonly value: number
}

const load = (offset: number): Instruction => ({ code: 0x20, value: offset })
const answer = (value: number): Instruction => ({ code: 0x06, value })

/** `then` when the comparison holds, else what follows. */
const when = (code: number, value: number, then: readonly Instruction[]): Instruction[] => [
  { code, value, ifTrue: 0, ifFalse: then.length },
  ...then,
]
const whenEqual = (value: number, then: readonly Instruction[]) => when(0x15, value, then)
const whenOther = (value: number, then: readonly Instruction[]): Instruction[] => [
  { code: 0x15, value, ifTrue: then.length, ifFalse: 0 },
  ...then,
]
const whenAtLeast = (value: number, then: readonly Instruction[]) => when(0x35, value, then)
const whenAnyOf = (bits: number, then: readonly Instruction[]) => when(0x45, bits, then)

const refuse = answer(ERRNO | EPERM)

/** Whether there is a filter for this processor. */
export const hasSeccomp = arch() === 'x64'

/**
 * The filter as the kernel reads it.
 *
 * @param processes - may start processes; threads it may always start
 */
export function seccompFilter({ processes }: { readonly processes: boolean }): Buffer {
  const allow = answer(ALLOW)
  const newProcess = processes
    ? [load(FIRST_ARGUMENT), ...whenAnyOf(CLONE_NEW, [refuse]), allow]
    : [load(FIRST_ARGUMENT), ...whenAnyOf(CLONE_THREAD, [allow]), refuse]
  return encode([
    load(ARCHITECTURE),
    ...whenOther(AUDIT_ARCH_X86_64, [answer(KILL)]),
    load(NUMBER),
    ...whenAtLeast(X32, [refuse]),
    // Its flags lie in memory, which a filter cannot read: the C library then takes clone instead.
    ...whenEqual(CLONE3, [answer(ERRNO | ENOSYS)]),
    ...whenEqual(CLONE, newProcess),
    ...(processes ? [] : [FORK, VFORK].flatMap((call) => whenEqual(call, [refuse]))),
    ...Object.values(REFUSED).flatMap((call) => whenEqual(call, [refuse])),
    allow,
  ])
}

/** An array of `struct sock_filter`. */
function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * program.length)
  program.forEach(({ code, ifTrue = 0, ifFalse = 0, value }, index) => {
    const at = 8 * index
    bytes.writeUInt16LE(code, at)
    bytes.writeUInt8(ifTrue, at + 2)
    bytes.writeUInt8(ifFalse, at + 3)
    bytes.writeUInt32LE(value >>> 0, at + 4)
  })
  return bytes
}
