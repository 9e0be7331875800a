/** What time it is by the machine, and how long it has run: the two clocks that a steady one is made of. */
export interface MachineClocks {
  /** Epoch milliseconds; a person or a time server may set it. */
  readonly wall: () => number
  /** Milliseconds since some beginning; never set. */
  readonly monotonic: () => number
}

/** How fast the steady clock nears the wall clock: a hundredth, so that 30 s are never off by more than 0.3 s. */
const slewShare = 0.01

/** A wall clock this far ahead is followed at once: the machine has slept, and time really passed. */
const sleptMs = 60_000

/**
 * A clock in epoch milliseconds that never goes back: it runs with the machine's monotonic clock and nears the wall
 * clock slowly. A door that may stand open for 30 s is held after 30 s, whatever a time server does meanwhile.
 */
export const steadyClock = ({ wall, monotonic }: MachineClocks): (() => number) => {
  let shown = wall()
  let at = monotonic()
  return () => {
    const now = monotonic()
    const passed = now - at
    at = now
    const behind = wall() - (shown + passed)
    const most = passed * slewShare
    shown += passed + (behind > sleptMs ? behind : Math.max(-most, Math.min(most, behind)))
    return Math.floor(shown)
  }
}

/** This machine's. */
export const machineClocks: MachineClocks = { wall: Date.now, monotonic: () => performance.now() }
