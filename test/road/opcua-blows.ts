import { setTimeout as passed } from "node:timers/promises"
import type { Range } from "./opcua-account.ts"
import { becomes, type Hearer } from "./opcua-hearer.ts"
import type { Network } from "./opcua-network.ts"
import type { PanelProcess } from "./opcua-panel.ts"

/** What a run is made of. */
export interface Struck {
  readonly panel: PanelProcess
  readonly network: Network
  readonly hearer: Hearer
  /** Events a second. */
  readonly rate: number
  /** How long a long cut or a silence lasts, milliseconds. */
  readonly outageMs: number
  /** 0 to 1. */
  readonly next: () => number
  /** What is waited for, at most; where it does not come the account shows it. */
  readonly patienceMs: number
}

/** After the last number nothing comes for this long: what comes twice comes soon. */
const quietMs = 1000

/** The panel's numbers begin behind a hole where nobody knows how far it came. */
const holeAfterKill = 1_000_000

/** Waits until something is heard that was told after now. */
export const hearsAgain = async ({ panel, hearer, patienceMs }: Struck): Promise<boolean> => {
  const told = await panel.have("told")
  return becomes(() => hearer.newest() > told, patienceMs)
}

/** The panel falls silent, and all that it told is heard. Answers with the last number. */
export const hush = async ({ panel, hearer, patienceMs }: Struck): Promise<number> => {
  const last = await panel.have("hush")
  await becomes(() => hearer.newest() >= last, patienceMs)
  await passed(quietMs)
  hearer.newest()
  return last
}

export const speak = ({ panel, rate }: Struck): Promise<void> => panel.have("speak", { rate })

/** A connection is reset at some moment of its life, perhaps before it is of any use; for a while none may be made. */
export const cut = async (struck: Struck): Promise<void> => {
  const { network, next, patienceMs } = struck
  await becomes(() => network.connections() > 0, patienceMs)
  await passed(next() * 300)
  network.refuse(true)
  if (next() < 0.3) await passed(next() * 400)
  network.refuse(false)
  if (next() < 0.5) await hearsAgain(struck)
}

/** Nobody can connect for a long time. */
export const longCut = async (struck: Struck): Promise<void> => {
  const { network, outageMs } = struck
  network.refuse(true)
  await passed(outageMs)
  network.refuse(false)
  await hearsAgain(struck)
}

/**
 * Packets vanish on a link on which nothing is told, for some of the time, then go on to vanish though something is.
 * `idleShare` 0: it is told into the hole at once, before anybody can have noticed.
 */
export const silence = async (struck: Struck, idleShare: number): Promise<void> => {
  const { network, outageMs, patienceMs } = struck
  await hush(struck)
  // Keep-alives: what the panel said last was none of our numbers.
  const said = network.said()
  await becomes(() => network.said() >= said + 3, patienceMs)
  network.swallow(true)
  await passed(outageMs * idleShare)
  await speak(struck)
  await passed(outageMs * (1 - idleShare))
  network.swallow(false)
  await hearsAgain(struck)
}

/** The panel ends in good order and comes again with its doors as they were; it tells of cards all the while. */
export const restartPanel = async (struck: Struck): Promise<void> => {
  await struck.panel.have("restart")
  await hearsAgain(struck)
}

/** The panel is killed while it tells, and started again. Answers with the numbers that nobody has told. */
export const killPanel = async (struck: Struck): Promise<Range> => {
  const { panel } = struck
  const last = await panel.have("told")
  await panel.kill()
  const from = last + holeAfterKill
  await panel.revive(from)
  await speak(struck)
  await hearsAgain(struck)
  return { from: last + 1, to: from - 1 }
}
