import { readFileSync } from "node:fs"
import { type GatewayFiles, startGateway, stop } from "../../road/gateway-process.ts"
import { becomes } from "../../road/opcua-hearer.ts"
import { type CampusParts, writeOpcuaCampus } from "../../road/opcua-campus.ts"
import { listening } from "../../road/peers.ts"
import { type Campus, writeCampus } from "./campus.ts"
import type { Pressed } from "./entry-stream.ts"
import type { GatewaySubject } from "./gateway-subject.ts"
import type { Panels } from "./opcua-panels.ts"
import { waitedMs } from "./press.ts"
import { residentMb } from "./process-costs.ts"
import { openStream } from "./stream.ts"
import { tie } from "./subject.ts"

/** What a gateway's start takes. */
export interface Start {
  /** From the start of its process until its API answers. */
  readonly answersMs: number
  /** Until all of its links are online. */
  readonly onlineMs: number
  /** Resident then. */
  readonly residentMb: number
}

/** A gateway that hears panels, and one officer's stream that shows its log. */
export interface OpcuaGateway extends GatewaySubject {
  readonly start: Start
  /** How long each event took from the panel to the stream since this was asked last, milliseconds. */
  readonly tookMs: () => ReadonlyArray<number>
  /** How many there were since then. */
  readonly seen: () => number
}

const onlineWithinMs = 180_000

/** So much of what the gateway printed is shown when it fails, in characters. */
const printedMax = 4000

const fact = '{"_tag":"Fact"'
const card = '"credential":"'
const press = '"_tag":"ButtonPressed","action":"'

/** The configuration of a gateway that is its own broker, with these buttons, and hears these panels. */
export const writePanelCampus = async (
  directory: string,
  buttons: ReadonlyArray<string>,
  { panels }: Pick<Panels, "panels">
): Promise<Campus> => {
  const campus = await writeCampus(directory, { buttons })
  if (panels.length === 0) return campus
  const more = JSON.parse(readFileSync(campus.config, "utf8")) as CampusParts
  return { ...campus, ...writeOpcuaCampus(directory, campus.port, panels, { more }) }
}

/** Starts a gateway with so many links, and opens the stream once all of them are online. */
export const startOpcuaGateway = async (files: GatewayFiles, links: number): Promise<OpcuaGateway> => {
  const startedAt = performance.now()
  const { child, log } = startGateway(files)
  tie(child)
  const failed = (cause?: unknown): Error => {
    child.kill("SIGKILL")
    return new Error(`the gateway is not online; it printed:\n${log().slice(-printedMax)}`, { cause })
  }
  await listening(files.port, onlineWithinMs).catch((cause: unknown) => {
    throw failed(cause)
  })
  const answersMs = performance.now() - startedAt
  const areOnline = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${files.port}/readyz`)
    const told = (await answer.json()) as { readonly links: Readonly<Record<string, number>> }
    return told.links["Online"] === links
  }
  if (!(await becomes(areOnline, onlineWithinMs))) throw failed()
  const pid = child.pid ?? 0
  const start: Start = { answersMs, onlineMs: performance.now() - startedAt, residentMb: residentMb(pid) }

  let pressed: Pressed = () => {}
  let took: Array<number> = []
  const hear = (data: string): void => {
    if (!data.startsWith(fact)) return
    const at = data.indexOf(card)
    if (at >= 0) return void took.push(waitedMs(data.slice(at + card.length, data.indexOf('"', at + card.length))))
    const pressedAt = data.indexOf(press)
    if (pressedAt >= 0) pressed(data.slice(pressedAt + press.length, data.indexOf('"', pressedAt + press.length)))
  }
  const token = /[A-Za-z0-9_-]{43}/.exec(log())?.[0] ?? ""
  const stream = await openStream({ port: files.port, token }, hear)
  return {
    name: "gateway",
    process: child,
    pid,
    start,
    onPress: (next) => void (pressed = next),
    // Nobody waits for alerts here.
    onAlert: () => {},
    seen: () => took.length,
    tookMs: () => {
      const all = took
      took = []
      return all
    },
    stop: async () => {
      stream.close()
      await stop(child, "SIGTERM")
    }
  }
}
