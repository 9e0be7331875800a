/**
 * One link of the adapter in a process of its own, so that it can be killed. What it reports is kept by the parent, which
 * stands for the disk: `{ nth, report }` out, `{ nth }` in once it is kept. `{ online }` each time the link is online.
 */
import type { Report } from "../../../adapters/adapter.ts"
import { type RigOptions, startRig } from "./rig.ts"

const waiting = new Map<number, () => void>()
let nth = 0

const report = (of: Report, settled: () => void): void => {
  waiting.set(++nth, settled)
  process.send?.({ nth, report: of })
}

process.on("message", ({ nth: kept }: { readonly nth: number }) => {
  waiting.get(kept)?.()
  waiting.delete(kept)
})
process.once("disconnect", () => process.exit(0))

const { settings, sources } = JSON.parse(process.argv[2] ?? "{}") as RigOptions
const rig = startRig({ settings, sources, report })
await rig.online()
process.send?.({ online: true })
