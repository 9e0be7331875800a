/** What time it is by the machine, and how long it has run: the two clocks that a steady one is made of. */
export interface MachineClocks {
  /** Epoch milliseconds; a person or a time server may set it. */
  readonly wall: () => number
  /** Milliseconds since some beginning; never set. */
  readonly monotonic: () => number
}

/** This machine's. */
export const machineClocks: MachineClocks = { wall: Date.now, monotonic: () => performance.now() }

/** How fast the steady clock nears the wall clock: a hundredth, so that 30 s are never off by more than 0.3 s. */
const slewShare = 0.01

/**
 * A clock in epoch milliseconds that never jumps: it runs with the machine's monotonic clock and nears the wall clock
 * slowly. A door that may stand open for 30 s is held after 30 s, whatever a time server does meanwhile. It begins no
 * earlier than `notBefore`, the newest time in the log, so that a machine without a battery clock cannot stand before
 * its own past, where nothing would ever fall due.
 */
export const steadyClock = ({ wall, monotonic }: MachineClocks, notBefore = 0): (() => number) => {
  let shown = Math.max(wall(), notBefore)
  let at = monotonic()
  return () => {
    const now = monotonic()
    const passed = now - at
    at = now
    const most = passed * slewShare
    const behind = wall() - (shown + passed)
    shown += passed + Math.max(-most, Math.min(most, behind))
    return Math.floor(shown)
  }
}
